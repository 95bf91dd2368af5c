internal import BusIO
internal import MCTPEngine
internal import MCTPWire

// The bus owner inside the engine, seen from the loop.
extension Router {
  /// Tells the owner what the buses report. There are reports of buses that it owns only.
  func takeReports() {
    for index in reports.indices {
      let id = reports[index].port
      guard let changes = reports[index].changes(port(id)) else { continue }
      for gone in changes.gone { engine.deviceDisappeared(on: id, at: gone, now: now) }
      for found in changes.found { engine.deviceAppeared(on: id, at: found, now: now) }
    }
  }

  /// Keeps, logs and shows what the bus owner did or found.
  func take(_ event: OwnerEvent) {
    switch event {
    case .leaseChanged(let lease): keep(lease)
    case .leaseDropped(let lease): forget(lease)
    default: break
    }
    tell(describe(event))
  }
}
