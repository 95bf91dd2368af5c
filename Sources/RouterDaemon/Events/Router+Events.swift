internal import AdminProtocol
internal import BusIO
internal import Logging
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// What happened, for the log and for those who follow the stream.
extension Router {
  /// Events that are kept for those who ask later.
  ///
  /// Choice: 256. Clients that follow are told of each within a turn of the loop; what is kept
  /// bridges a restart of theirs.
  static let eventCountMax = 256

  /// Milliseconds of the loop's clock, for the ages of events.
  var nowMs: UInt64 { now.nanoseconds / 1_000_000 }

  /// Logs an event and keeps it for the stream.
  func tell(_ event: RouterEvent) {
    let line: Logger.Message = "\(event.text)"
    let metadata: Logger.Metadata = ["event": "\(event.kind.rawValue)"]
    switch event.weight {
    case .routine: logger.info(line, metadata: metadata)
    case .notable: logger.notice(line, metadata: metadata)
    case .trouble: logger.warning(line, metadata: metadata)
    case .failure: logger.error(line, metadata: metadata)
    }
    events.append(event.kind, event.text, event.fields, timeMs: nowMs)
  }

  /// Takes what the engine has to say.
  func takeEngineEvents() {
    while let event = engine.nextEvent() {
      switch event {
      case .ownEIDChanged(let port, let from, let to, let owner):
        tell(ownEIDChanged(port, from: from, to: to, owner: owner))
      case .owner(let event): take(event)
      case .eventsLost(let count):
        logger.warning("\(count) events were lost: too many at once")
        keepAllLeases()
      }
    }
  }

  private func ownEIDChanged(
    _ port: PortID, from: EID, to: EID, owner: PhysicalAddress
  ) -> RouterEvent {
    let name = name(of: port)
    var text =
      to == .null
      ? "EID \(from) on port \(name) is this router's no longer"
      : "this router has EID \(to) on port \(name)" + (from == .null ? "" : ", it had \(from)")
    if owner != .none { text += "; the bus owner is at \(owner)" }
    return RouterEvent(.ownEIDChanged, .notable, text).with { fields in
      fields.network = topology.ports[Int(port.rawValue)].network
      fields.port = name
      fields.address = owner.text
      fields.eid = to.row
      fields.formerEID = from.row
    }
  }

  /// Logs every change of a port's condition. Of a port that is down only the first reason is an
  /// event: it tries again and again.
  func tellCondition(_ condition: PortCondition, of port: PortID) {
    let name = name(of: port)
    let bit: UInt32 = 1 << UInt32(port.rawValue)
    switch condition {
    case .up:
      toldDown &= ~bit
      tell(RouterEvent(.portUp, .notable, "port \(name) is up").with { $0.port = name })
    case .waiting(let reason, _):
      let event = RouterEvent(.portDown, .trouble, "port \(name) is down: \(reason)")
        .with { $0.port = name }
      guard toldDown & bit == 0 else {
        logger.warning("\(event.text)", metadata: ["event": "\(event.kind.rawValue)"])
        return
      }
      toldDown |= bit
      tell(event)
    case .stopped: logger.info("port \(name) is stopped")
    }
  }
}

extension EID {
  /// For rows: nil for the null EID.
  var row: UInt8? { self == .null ? nil : rawValue }
}
