import MCTPEngine
import MCTPWire
import TestSupport

/// Y of the worked example (E of control.hex), alone: port 0 under an owner at 0x30, port 1 owned.
struct Below {
  let rig: Rig

  init(
    listed: [ListedDevice] = [ListedDevice(address: .i2c(0x3A))], policy: EIDPolicy = .perPort,
    notifies: Bool = false, secondUpstream: Bool = false
  ) throws {
    var up = PortConfiguration.test(0, role: .endpoint, address: .i2c(0x33))
    up.sendsDiscoveryNotify = notifies
    var ports = [up, .owned(1, DiscoveryPolicy(listed: listed))]
    if secondUpstream { ports.append(.test(2, role: .endpoint, address: .i2c(0x33))) }
    rig = try Rig(
      EngineConfiguration(eidPolicy: policy, ports: ports, busOwner: BusOwnerConfiguration()))
  }

  /// A request of the owner above: the answer, without what it sends on its own.
  func ask(_ packet: String, on port: UInt8 = 0, from address: PhysicalAddress = .i2c(0x30))
    -> String?
  {
    _ = rig.drain(port)
    guard rig.receive(hex(packet), on: port, from: address) == .answered else { return nil }
    return rig.drain(port).first.map { hexText($0.bytes) }
  }
}
