internal import BusIO
internal import MCTPEngine
internal import MCTPWire

// The bus owner inside the engine, seen from the loop.
extension Router {
  /// Tells the owner what the buses report. There are reports of buses that it owns only.
  func takeReports() {
    for index in reports.indices { takeReport(index) }
  }

  /// The devices that a bus reports, as the owner was told last.
  struct BusReport {
    let port: PortID
    var generation = 0
    var devices: [PhysicalAddress] = []
  }

  private func takeReport(_ index: Int) {
    let report = reports[index]
    let port = port(report.port)
    guard port.reportGeneration != report.generation else { return }
    let devices = port.reportedDevices
    reports[index].generation = port.reportGeneration
    reports[index].devices = devices
    for gone in report.devices where !devices.contains(gone) {
      engine.deviceDisappeared(on: report.port, at: gone, now: now)
    }
    for found in devices where !report.devices.contains(found) {
      engine.deviceAppeared(on: report.port, at: found, now: now)
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
