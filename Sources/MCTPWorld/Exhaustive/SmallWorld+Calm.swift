// The end of a path: nothing more goes wrong, and everybody has to be served.

internal import MCTPEngine
internal import MCTPWire

extension SmallWorld {
  /// How long a board may take to come to rest.
  ///
  /// Choice: 40 s. What is longest is a bridge's pool: the rest of EIDs (5 s), the time that a
  /// bridge gets before its table is read (4 s), health checks (4 s) and their repetitions.
  private static let settleNanoseconds: UInt64 = 40_000_000_000
  /// After that nobody's EID changes any more.
  private static let restNanoseconds: UInt64 = 20_000_000_000
  private static let pingNanoseconds: UInt64 = 2_000_000_000

  /// Goes on without faults, packets in order, and says what is not as it must be in the end:
  ///
  /// - `never-calm`: EIDs still change long after the last fault.
  /// - `recovery`: a device has no EID, no route leads to it, or it gets no answer from another.
  mutating func calm(since start: UInt64 = SmallWorld.startNanoseconds) {
    storyStart = start
    faultsLeft = 0
    pingsLeft = 0
    for index in routers.indices where !routers[index].isAlive { apply(.start(router: index)) }
    for index in routers.indices {
      for port in 0..<routers[index].engine.portCount
      where !routers[index].engine.isUp(PortID(rawValue: UInt8(port))) {
        apply(.portUp(router: index, port: port))
      }
    }
    run(for: SmallWorld.settleNanoseconds)
    let before = renamings
    run(for: SmallWorld.restNanoseconds)
    if renamings != before {
      fail("never-calm", "\(renamings - before) EIDs changed in 20 s, long after the last fault")
    }
    for device in devices.indices { checkReach(device) }
    for from in devices.indices {
      for to in devices.indices where to != from && violation == nil {
        ping(from: from, to: to)
        run(for: SmallWorld.pingNanoseconds)
        if devices[from].awaited != 0 {
          fail(
            "recovery",
            "\(board.devices[from].name) gets no answer from \(board.devices[to].name)")
        }
      }
    }
  }

  /// Every router that owns the bus of a device leads its EID there; others need a way at least.
  private mutating func checkReach(_ device: Int) {
    let (name, eid) = (board.devices[device].name, devices[device].eid)
    guard eid != 0 else { return fail("recovery", "\(name) has no EID") }
    for channel in board.channels where channel.to.place == .device(device) {
      guard case .port(let router, let port) = channel.from.place else { continue }
      let entry = routers[router].engine.entry(for: EID(eid), network: 1)
      if entry?.port != PortID(rawValue: UInt8(port)) || entry?.address != channel.to.address {
        fail("recovery", "\(board.routers[router].name) does not lead EID \(hex(eid)) to \(name)")
      }
    }
  }

  /// Packets first, in the order in which they left, then time.
  mutating func run(for duration: UInt64) {
    let end = now + duration
    var steps = 0
    while violation == nil {
      var oldest: Int?
      for (index, channel) in channels.enumerated() {
        guard let first = channel.first else { continue }
        if let oldest, channels[oldest][0].sentAt <= first.sentAt { continue }
        oldest = index
      }
      if let oldest {
        apply(.deliver(channel: oldest))
      } else if let deadline = nextDeadline, deadline <= end {
        apply(.timeOut)
      } else {
        now = max(now, end)
        return
      }
      steps += 1
      if steps > 20_000 { return fail("storm", "20,000 packets and time-outs without an end") }
    }
  }
}
