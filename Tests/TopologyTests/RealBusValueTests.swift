import MCTPWire
import TestSupport
import Testing
import Topology

@Suite("What a topology says of real buses")
struct RealBusValueTests {
  /// The only port of a topology.
  private func port(_ keys: String) throws -> Topology.Port {
    let topology = try Topology.parse(
      "version: 1\nrouter: { name: r, eid: 8 }\nports: [ { name: a, \(keys) } ]\n", fileName: "t")
    return try #require(topology.ports.first)
  }

  private func i2cDevice(_ port: Topology.Port) -> Topology.I2CMedium.Device? {
    if case .i2c(let medium) = port.medium { medium.device } else { nil }
  }

  private func i3cDevice(_ port: Topology.Port) -> Topology.I3CMedium.Device? {
    if case .i3c(let medium) = port.medium { medium.device } else { nil }
  }

  private func isLink(_ link: Topology.KernelLink?, _ name: String, _ network: UInt32?) -> Bool {
    link?.name == name && link?.kernelNetwork == network
  }

  @Test("real-buses.yaml as typed values")
  func example() throws {
    let topology = try Topology.parse(try Examples.bytes("real-buses"), fileName: "t")
    #expect(
      topology.ports.map(\.deviceText) == [
        "/dev/i2c-2 + slave-mqueue", "/dev/i2c-3 + mctpi2c3", "mctpi2c4", "i3c-mctp (2 targets)",
        "i3cdev (1 target)", "mctpi3c2", "/dev/ttyS1", "mctpusb0",
      ])
    #expect(topology.ports.map(\.isSimulated) == [Bool](repeating: false, count: 8))
    #expect(
      topology.ports.map { $0.kernelLinks.map(\.name) } == [
        [], ["mctpi2c3"], ["mctpi2c4"], [], [], ["mctpi3c2"], [], ["mctpusb0"],
      ])
    #expect(
      topology.ports.map { $0.kernelLinks.map(\.kernelNetwork) } == [
        [], [nil], [104], [], [], [105], [], [106],
      ])
    #expect(topology.ports.map(\.bus) == [.i2c, .i2c, .i2c, .i3c, .i3c, .i3c, .serial, .usb])
  }

  @Test("An i2c-dev node receives through a queue that is there or is made, or through a link")
  func nodes() throws {
    let node = "bus: i2c, address: 0x10, device: /dev/i2c-2, receive: "
    for (keys, isCreated) in [
      ("slave-mqueue", false), ("slave-mqueue, create-queue: false", false),
      ("slave-mqueue, create-queue: true", true),
    ] {
      #expect(
        i2cDevice(try port(node + keys))
          == .node(path: "/dev/i2c-2", receive: .slaveQueue(isCreated: isCreated)), "\(keys)")
    }
    let mixed = try port(node + "mctpi2c2, kernel-network: 4294967295")
    guard case .node(let path, receive: .link(let link)) = i2cDevice(mixed) else {
      Issue.record("no link to receive from")
      return
    }
    #expect(path == "/dev/i2c-2")
    #expect(isLink(link, "mctpi2c2", 4_294_967_295))
    #expect(mixed.physicalAddress == .i2c(0x10))
  }

  @Test("Links of every bus", arguments: Topology.Bus.allCases)
  func links(_ bus: Topology.Bus) throws {
    let address = bus == .i2c ? ", address: 0x10" : ""
    for (keys, network) in [("", nil), (", kernel-network: 1", 1)] as [(String, UInt32?)] {
      let port = try port("bus: \(bus.rawValue)\(address), device: x.y_z-0\(keys)")
      #expect(port.bus == bus)
      #expect(!port.isSimulated)
      #expect(port.deviceText == "x.y_z-0")
      #expect(port.kernelLinks.count == 1)
      #expect(isLink(port.kernelLinks.first, "x.y_z-0", network))
    }
  }

  @Test("I3C targets have the provisioned ID that is given, or that of the node's name")
  func targets() throws {
    let mctp = try port(
      "bus: i3c, device: i3c-mctp, targets: [ { node: /dev/i3c-mctp-1, address: 0x80 }, "
        + "{ node: /dev/bus/i3c/0-4cc00000001, address: 0xffffffffffff } ]")
    guard case .nodes(.mctp, let mctpNodes) = i3cDevice(mctp) else {
      Issue.record("not i3c-mctp")
      return
    }
    #expect(mctpNodes.map(\.path) == ["/dev/i3c-mctp-1", "/dev/bus/i3c/0-4cc00000001"])
    #expect(mctpNodes.map(\.provisionedID) == [0x80, 0xFFFF_FFFF_FFFF])
    let device = try port(
      "bus: i3c, device: i3cdev, targets: [ { node: /dev/bus/i3c/12-4cc0000000A }, "
        + "{ node: /dev/sensor, address: 0x04cc00000002 } ]")
    guard case .nodes(.device, let deviceNodes) = i3cDevice(device) else {
      Issue.record("not i3cdev")
      return
    }
    #expect(deviceNodes.map(\.provisionedID) == [0x04CC_0000_000A, 0x04CC_0000_0002])
  }

  @Test("What is simulated is said to be, and has no links", arguments: ["i2c", "i3c", "serial"])
  func simulated(_ bus: String) throws {
    let port = try port(
      "bus: \(bus), device: simulated" + (bus == "i2c" ? ", address: 0x10" : ""))
    #expect(port.isSimulated)
    #expect(port.deviceText == "simulated")
    #expect(port.kernelLinks.isEmpty)
  }

  @Test(
    "USB and other links give medium and binding of routing table entries",
    .spec("DSP0239 1.11.1 Table 3"),
    arguments: [
      ("usb", MediumType(rawValue: 0x11), BindingType(rawValue: 0x03)),
      ("link", MediumType(rawValue: 0x00), BindingType(rawValue: 0xFF)),
    ])
  func mediumTypes(_ bus: String, _ medium: MediumType, _ binding: BindingType) throws {
    let port = try port("bus: \(bus), device: x0")
    #expect(port.mediumType == medium)
    #expect(port.bindingType == binding)
    #expect(port.physicalAddress == .none)
    #expect(port.transmissionUnitBytes == 64)
  }

  @Test("The words of the format are no names of links")
  func reservedWords() {
    #expect(
      TopologyKeys.reservedLinkNames == ["simulated", "i3c-mctp", "i3cdev", "slave-mqueue"])
  }
}
