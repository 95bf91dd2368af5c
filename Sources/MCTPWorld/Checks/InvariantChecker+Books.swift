// The engine's counters beside what was seen.

public import MCTPEngine
internal import MCTPWire

extension InvariantChecker {
  private static let results = (0..<UInt8(TransmissionResult.tableSize)).compactMap {
    TransmissionResult(rawValue: $0)
  }

  /// Choice: after a step the ports that something happened at are compared in full, and one other
  /// in turn; of all of them the length of the queue. A full comparison of 32 ports after each step
  /// would cost more than the step. `ended` compares everything.
  func checkBooks(_ router: Int, _ engine: borrowing Engine) {
    let portCount = routers[router].ports.count
    guard portCount > 0, engine.portCount == portCount else {
      fail("books", "\(routers[router].name): \(engine.portCount) ports, not \(portCount)")
      return
    }
    var full = routers[router].touched
    routers[router].touched = 0
    full |= 1 << UInt32(routers[router].stepCount % UInt64(portCount))
    for index in 0..<portCount {
      let port = PortID(rawValue: UInt8(index))
      checkQueue(router, port, engine)
      if full & (1 << UInt32(index)) != 0 { checkCounters(router, port, engine) }
    }
  }

  /// Compares everything that can be compared.
  public func ended(router: Int, _ engine: borrowing Engine) {
    guard isWatching(router) else { return }
    routers[router].touched = .max
    routers[router].hasOwnerNews = true
    stepped(router: router, engine)
  }

  private func checkQueue(_ router: Int, _ port: PortID, _ engine: borrowing Engine) {
    let depth = engine.queueDepth(of: port)
    let index = Int(port.rawValue)
    let (known, inFlight, bound, isUp) = (
      routers[router].ports[index].knownDepth, routers[router].ports[index].inFlight.count,
      routers[router].ports[index].queueDepthMax, routers[router].ports[index].isUp
    )
    if depth > bound {
      fail("queue-bound", "\(place(router, port)): \(depth) packets wait, and \(bound) may")
    } else if depth < known {
      fail(
        "books",
        "\(place(router, port)): the queue holds \(depth) packets, and \(known) were put there and "
          + "have not left")
    } else if engine.hasTransmission(on: port) != (depth > inFlight) {
      fail(
        "books",
        "\(place(router, port)): of \(depth) packets \(inFlight) are in flight, and the engine says"
          + (depth > inFlight ? " that none waits" : " that one waits"))
    } else if engine.isUp(port) != isUp {
      fail(
        "port-state",
        "\(place(router, port)): the engine holds it for " + (isUp ? "down" : "up")
          + ", and the world for " + (isUp ? "up" : "down"))
    }
  }

  private func checkCounters(_ router: Int, _ port: PortID, _ engine: borrowing Engine) {
    let counters = engine.counters(of: port)
    let depth = UInt64(engine.queueDepth(of: port))
    if routers[router].ports[Int(port.rawValue)].agrees(with: counters, queueDepth: depth) {
      return
    }
    // Once more, one by one, to say which.
    let seen = routers[router].ports[Int(port.rawValue)]
    func compare(_ what: @autoclosure () -> String, _ counted: UInt64, _ expected: UInt64) {
      guard counted != expected, violation == nil else { return }
      fail("books", "\(place(router, port)): \(what()) is \(counted), and \(expected) were seen")
    }
    compare("packetsIn", counters.packetsIn, seen.packetsIn)
    compare("forwarded", counters.forwarded, seen.forwarded)
    compare("packetsOut", counters.packetsOut, seen.packetsOut)
    compare(
      "enqueued less originated", counters.enqueued &- counters.originated, seen.arrived)
    for result in Self.results {
      compare("attempts(\(result))", counters.attempts(result), seen.attempts[Int(result.rawValue)])
    }
    var (ingress, egress, moved) = (UInt64(0), UInt64(0), UInt64(0))
    for raw in 0..<UInt8(DropReason.tableSize) {
      guard let reason = DropReason(rawValue: raw) else { continue }
      let (arrived, expected) = (counters.ingressDrops(reason), seen.ingressDrops[Int(raw)])
      egress &+= counters.egressDrops(reason)
      if !reason.isFrameReason { ingress &+= arrived }
      // What was delivered may end later, for a reason of the message.
      if raw >= DropReason.unexpectedPacket.rawValue, arrived > expected {
        moved &+= arrived - expected
      } else {
        compare("ingressDrops(\(reason))", arrived, expected)
      }
    }
    compare("delivered, and dropped after that,", counters.delivered &+ moved, seen.delivered)
    compare(
      "egressDrops(retriesExhausted)", counters.egressDrops(.retriesExhausted),
      seen.retriesExhausted)
    compare(
      "egressDrops(transmissionRefused)", counters.egressDrops(.transmissionRefused), seen.refused)
    balance(
      router, port, "packetsIn", counters.packetsIn, "forwarded + delivered + ingress drops",
      counters.forwarded &+ counters.delivered &+ ingress)
    balance(
      router, port, "enqueued", counters.enqueued, "packetsOut + egress drops + queue",
      counters.packetsOut &+ egress &+ depth)
    let lost = counters.egressDrops(.portDown)
    if lost < seen.lostWithPort {
      fail(
        "books",
        "\(place(router, port)): egressDrops(portDown) is \(lost), and \(seen.lostWithPort) packets "
          + "ended with the port")
    }
    if counters.queueDepthHighWater < Int(depth) {
      fail(
        "books",
        "\(place(router, port)): queueDepthHighWater is \(counters.queueDepthHighWater), and "
          + "\(depth) packets wait")
    }
  }

  private func balance(
    _ router: Int, _ port: PortID, _ left: @autoclosure () -> String, _ first: UInt64,
    _ right: @autoclosure () -> String, _ second: UInt64
  ) {
    guard first != second, violation == nil else { return }
    fail("books", "\(place(router, port)): \(left()) is \(first), and \(right()) is \(second)")
  }
}
