import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Three levels", .spec("DSP0236 1.3.3 §9"))
struct OwnerTreeTests {
  /// A topmost owner, a bridge under it, a bridge under that one, and a device at each level. The
  /// middle one does not know how much the lowest needs until it has asked it.
  final class Tree {
    let world = OwnerWorld()
    let top: Rig
    let middle: Rig
    let low: Rig
    let devices = (1...3).map { ScriptedDevice(.i2c(0x40), uuid: UInt64($0)) }

    init(order: [Int], gapMs: UInt32, policy: EIDPolicy, onSerial: Bool) throws {
      let (up, down) =
        onSerial ? (PhysicalAddress.none, PhysicalAddress.none) : (.i2c(0x33), .i2c(0x30))
      func owned(_ id: UInt8, eid: UInt8? = nil, _ bridge: Bool) -> PortConfiguration {
        var listed = [ListedDevice(address: .i2c(0x40))]
        if bridge, !onSerial { listed.append(ListedDevice(address: up)) }
        return .owned(id, eid: eid, DiscoveryPolicy(listed: listed))
      }
      func line(_ id: UInt8, eid: UInt8? = nil, role: PortRole) -> PortConfiguration {
        var port = PortConfiguration.test(
          id, role: role, eid: eid, address: .none, queue: 64, binding: .serial, medium: .serial)
        if role == .owner { port.discovery = DiscoveryPolicy(probesPointToPoint: true) }
        port.sendsDiscoveryNotify = role == .endpoint
        return port
      }
      func upward() -> PortConfiguration {
        var port = PortConfiguration.test(0, role: .endpoint, address: up, queue: 64)
        port.sendsDiscoveryNotify = true
        return onSerial ? line(0, role: .endpoint) : port
      }
      var ports = [owned(0, eid: 8, true)]
      if onSerial { ports.append(line(1, eid: policy == .perPort ? 9 : 8, role: .owner)) }
      top = try Rig(
        EngineConfiguration(
          eidPolicy: policy, uuid: EndpointUUID(high: 3, low: 1), ports: ports,
          busOwner: .ranges(8, 120)), isUp: false)
      ports = [upward(), owned(1, true)]
      if onSerial { ports.append(line(2, role: .owner)) }
      middle = try Rig(
        EngineConfiguration(
          eidPolicy: policy, uuid: EndpointUUID(high: 3, low: 2), ports: ports,
          busOwner: BusOwnerConfiguration()), isUp: false)
      low = try Rig(
        EngineConfiguration(
          eidPolicy: policy, uuid: EndpointUUID(high: 3, low: 3),
          ports: [upward(), owned(1, false)], busOwner: BusOwnerConfiguration()), isUp: false)
      if onSerial {
        _ = world.addBus(.router(top, port: 0, address: .i2c(0x30)), .device(devices[0]))
        _ = world.addBus(.router(middle, port: 1, address: .i2c(0x30)), .device(devices[1]))
        _ = world.addBus(.router(low, port: 1, address: .i2c(0x30)), .device(devices[2]))
        _ = world.addBus(
          .router(top, port: 1, address: down), .router(middle, port: 0, address: up))
        _ = world.addBus(
          .router(middle, port: 2, address: down), .router(low, port: 0, address: up))
      } else {
        _ = world.addBus(
          .router(top, port: 0, address: down), .router(middle, port: 0, address: up),
          .device(devices[0]))
        _ = world.addBus(
          .router(middle, port: 1, address: down), .router(low, port: 0, address: up),
          .device(devices[1]))
        _ = world.addBus(.router(low, port: 1, address: down), .device(devices[2]))
      }
      for index in order {
        let rig = [top, middle, low][index]
        for port in 0..<rig.engine.portCount { rig.setUp(UInt8(port), true) }
        world.run(ms: gapMs)
      }
    }

    /// True when a packet of one device reaches another's EID.
    func reaches(_ from: Int, _ to: Int) -> Bool {
      let packet = [0x01, devices[to].eid, devices[from].eid, 0xCB] + hex("01 80 00 02")
      let (rig, port): (Rig, UInt8) = [(top, 0), (middle, 1), (low, 1)][from]
      world.clearLog()
      _ = rig.receive(packet, on: port, from: devices[from].address)
      world.run(ms: 1)
      return world.log.contains { $0.bytes == packet && $0.to == devices[to].address }
    }
  }

  @Test(
    "Three levels come up in any order, and every device reaches every other one",
    arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]],
    [EIDPolicy.single, .perPort])
  func anyOrder(order: [Int], policy: EIDPolicy) throws {
    for onSerial in [false, true] {
      for gapMs in [0, 15_000] as [UInt32] {
        let tree = try Tree(order: order, gapMs: gapMs, policy: policy, onSerial: onSerial)
        tree.world.run(ms: 90_000)
        let what = "\(onSerial ? "serial" : "I2C"), \(gapMs) ms apart"
        for (index, device) in tree.devices.enumerated() {
          let known = tree.top.endpoints().first { $0.uuid == device.uuid }
          #expect(known?.state == .up, "device \(index), \(what)")
          #expect(known?.eid.rawValue == device.eid, "device \(index), \(what)")
        }
        for from in 0..<3 {
          for to in 0..<3 where to != from {
            let isReached = tree.reaches(from, to)
            #expect(isReached, "\(from) to \(to), \(what)")
          }
        }
        for rig in [tree.top, tree.middle, tree.low] { #expect(rig.violation() == nil) }
      }
    }
  }
}
