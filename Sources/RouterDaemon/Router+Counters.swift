internal import AdminProtocol
internal import BusIO
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// Ports and drops as rows.
extension Router {
  func portsResult() -> PortsResult { PortsResult(ports: topology.ports.map { row($0) }) }

  private func row(_ port: Topology.Port) -> PortRow {
    let own = engine.ownEID(on: port.id)
    let (state, reason, retryInMs) = state(of: port.id)
    return PortRow(
      name: port.name, number: port.id.rawValue, bus: port.bus.rawValue,
      device: port.deviceText, state: state, stateReason: reason, retryInMs: retryInMs,
      network: port.network, role: port.role.rawValue, address: port.physicalAddress.text,
      eid: own == .null ? nil : own.rawValue,
      transmissionUnitBytes: port.transmissionUnitBytes, sourceCheck: port.sourceCheck.rawValue,
      counters: counters(of: port.id),
      queue: PortRow.Queue(
        depth: engine.queueDepth(of: port.id),
        depthMax: engine.counters(of: port.id).queueDepthHighWater, capacity: port.queueDepthMax),
      linkCounters: self.port(port.id).linkCounters.map {
        PortRow.LinkCounter(name: $0.name, count: $0.count)
      },
      notes: self.port(port.id).notes)
  }

  func state(of port: PortID) -> (String, reason: String?, retryInMs: UInt64?) {
    switch self.port(port).condition {
    case .up: ("up", nil, nil)
    case .stopped: ("stopped", nil, nil)
    case .waiting(let reason, let retryAt):
      ("waiting", reason, retryAt.nanoseconds(since: now) / 1_000_000)
    }
  }

  private func counters(of port: PortID) -> PortRow.Counters {
    let counted = engine.counters(of: port)
    var row = PortRow.Counters()
    row.packetsIn = counted.packetsIn
    row.bytesIn = counted.bytesIn
    row.packetsOut = counted.packetsOut
    row.bytesOut = counted.bytesOut
    row.forwarded = counted.forwarded
    row.delivered = counted.delivered
    row.enqueued = counted.enqueued
    row.originated = counted.originated
    for reason in DropReason.allCases {
      row.droppedIn += counted.ingressDrops(reason)
      row.droppedOut += counted.egressDrops(reason)
      if reason.isFrameReason { row.damagedFrames += counted.ingressDrops(reason) }
    }
    row.retries.addressNotAcknowledged = counted.attempts(.addressNotAcknowledged)
    row.retries.dataNotAcknowledged = counted.attempts(.dataNotAcknowledged)
    row.retries.arbitrationLost = counted.attempts(.arbitrationLost)
    row.retries.busBusy = counted.attempts(.busBusy)
    row.retries.timedOut = counted.attempts(.timedOut)
    row.retries.busError = counted.attempts(.busError)
    return row
  }

  func dropsResult() -> DropsResult {
    var counters: [DropRow] = []
    for port in topology.ports {
      let counted = engine.counters(of: port.id)
      for reason in DropReason.allCases {
        for (direction, count) in [
          (DropDirection.ingress, counted.ingressDrops(reason)),
          (.egress, counted.egressDrops(reason)),
        ] where count > 0 {
          counters.append(
            DropRow(port: port.name, direction: direction, reason: reason.name, count: count))
        }
      }
    }
    return DropsResult(counters: counters, recent: recentDrops())
  }

  private func recentDrops() -> [AdminProtocol.RecentDrop] {
    (0..<engine.recentDropCount).compactMap { index in
      guard let drop = engine.recentDrop(at: index) else { return nil }
      let bytes = (0..<drop.firstBytes.count).map { drop.firstBytes[$0] }
      return AdminProtocol.RecentDrop(
        ageMs: now.nanoseconds(since: drop.time) / 1_000_000, port: name(of: drop.port),
        direction: drop.direction == .ingress ? .ingress : .egress, reason: drop.reason.name,
        address: drop.address.text, header: HexBytes(bytes), length: drop.byteCount)
    }
  }
}
