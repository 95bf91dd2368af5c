public import MCTPWire

/// The devices that a port's bus reports, as its owner was told last.
public struct DeviceReport {
  public let port: PortID
  private var generation = 0
  private var devices: [PhysicalAddress] = []

  /// Of a port whose owner knows of no device yet.
  public init(of port: PortID) { self.port = port }

  /// What the owner is to be told: devices that went, then devices that came. Nil when the report
  /// is as it was at the last call.
  ///
  /// - Parameter port: the one whose report this is.
  public mutating func changes(
    _ port: any Port
  ) -> (gone: [PhysicalAddress], found: [PhysicalAddress])? {
    guard port.reportGeneration != generation else { return nil }
    let (before, after) = (devices, port.reportedDevices)
    generation = port.reportGeneration
    devices = after
    return (before.filter { !after.contains($0) }, after.filter { !before.contains($0) })
  }
}
