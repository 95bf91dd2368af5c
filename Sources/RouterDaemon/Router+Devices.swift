internal import BusIO
internal import Logging
internal import MCTPWire
internal import Topology

// Devices of the system that come and go.
extension Router {
  /// Begins to hear of them. Part of `run`.
  func watchDevices() {
    do throws(SystemError) {
      deviceEvents = try DeviceEvents(loop: loop, token: Token.deviceEvents)
    } catch {
      logger.notice("devices that come back are found by retries only: \(error)")
    }
  }

  /// Lets every port look for its device, and logs what a port that is up lacks now: one of
  /// several targets is no change of its condition.
  func devicesChanged() {
    for (port, configured) in zip(ports, topology.ports) {
      port.devicesChanged(now: now, sink: self)
      let notes = port.condition.isUp ? port.notes : []
      guard notes != toldNotes[configured.id, default: []] else { continue }
      toldNotes[configured.id] = notes
      let text = notes.isEmpty ? "all devices are there" : notes.joined(separator: "; ")
      logger.warning("devices changed", metadata: ["port": "\(configured.name)", "now": "\(text)"])
    }
  }
}
