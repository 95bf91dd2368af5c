// The physical next hop of each packet that leaves, and ways that nothing speaks for.

internal import MCTPEngine
internal import MCTPWire

/// A packet went a way that the model has not. The engine may have begun to give the EID to a
/// device there, and Set Endpoint ID still waits in the queue; nothing else explains it.
struct Suspicion {
  /// Choice: how long a control request may wait in a queue of a busy bus.
  static let waitMs: UInt32 = 5000

  /// `Violation.invariant`.
  var invariant = "routing"
  var slot: Int
  var port: Int
  /// Nil while only the port is known.
  var address: PhysicalAddress?
  var at: Instant
  var text: String
}

extension InvariantChecker {
  func suspect(_ arrival: Arrival, _ port: Int, _ address: PhysicalAddress?) {
    suspect(
      arrival.router,
      Suspicion(
        slot: arrival.destination, port: port, address: address, at: now,
        text: "\(words(arrival)) was forwarded to "
          + place(arrival.router, PortID(rawValue: UInt8(port)))))
  }

  /// The router says that EIDs are somewhere.
  func suspect(
    _ slot: Int, at place: RoutingModel.Place, _ router: Int, _ invariant: String, _ text: String
  ) {
    suspect(
      router,
      Suspicion(
        invariant: invariant, slot: slot, port: Int(place.port), address: place.address, at: now,
        text: text))
  }

  private func suspect(_ router: Int, _ suspicion: Suspicion) {
    let isKnown = routers[router].suspicions.contains {
      $0.slot == suspicion.slot && $0.port == suspicion.port && $0.address == suspicion.address
    }
    if !isKnown { routers[router].suspicions.append(suspicion) }
  }

  /// A forwarded packet begins to leave.
  func checkWay(
    _ packet: Span<UInt8>, _ forward: PortShadow.Forward, _ router: Int, _ port: PortID,
    to address: PhysicalAddress
  ) {
    let index = Int(port.rawValue)
    let place = RoutingModel.Place(port: port.rawValue, address: address)
    let model = routers[router].model
    let eid = UInt8(truncatingIfNeeded: forward.slot)
    func what() -> String {
      "\(self.place(router, port)): a packet to EID \(eid) leaves for \(address)"
    }
    if let must = forward.mustTake, must != address {
      fail("routing", "\(what()), and EID \(eid) was at \(must)")
    } else if forward.origin == place {
      fail("routing", "\(what()), and it came from there")
    } else if let unit = model.fixedUnit(forward.slot, at: place), packet.count - 4 > unit {
      fail("routing", "\(what()) with \(packet.count - 4) bytes, and the path takes \(unit)")
    } else if forward.mustTake == nil, !model.mayLead(forward.slot, to: place) {
      suspect(
        router,
        Suspicion(slot: forward.slot, port: index, address: address, at: now, text: what()))
    }
    let missing = routers[router].ports[index].line.missing()
    if missing > 0 {
      fail(
        "drop",
        "\(self.place(router, port)): a packet found no room in the queue, and \(missing) of those "
          + "that must have waited never left")
    }
  }

  /// The model has the way by now, or it never will.
  func settleSuspicions(_ router: Int) {
    guard !routers[router].suspicions.isEmpty else { return }
    let model = routers[router].model
    routers[router].suspicions.removeAll { suspicion in
      let port = UInt8(suspicion.port)
      return suspicion.address.map {
        model.mayLead(suspicion.slot, to: .init(port: port, address: $0))
      } ?? model.mayLead(suspicion.slot, port: port)
    }
    for suspicion in routers[router].suspicions
    where suspicion.at.advanced(byMs: Suspicion.waitMs) < now {
      let ms = now.nanoseconds(since: suspicion.at) / 1_000_000
      fail(
        suspicion.invariant,
        "\(suspicion.text), \(ms) ms ago, and nothing on the wires says that EID "
          + "\(UInt8(truncatingIfNeeded: suspicion.slot)) is there")
      return
    }
  }
}
