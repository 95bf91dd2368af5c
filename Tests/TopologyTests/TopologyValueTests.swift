import MCTPWire
import TestSupport
import Testing
import Topology

@Suite("What a topology says")
struct TopologyValueTests {
  @Test("demo.yaml as typed values")
  func demo() throws {
    let topology = try Topology.load(path: Examples.path("demo"))
    #expect(topology.router.name == "demo")
    #expect(
      topology.router.uuid
        == EndpointUUID(high: 0x21f0_f554_7f7c_4211, low: 0x9ca1_6d0f_000e_a9e7))
    #expect(topology.router.eidPolicy == .single)
    #expect(topology.adminSocketPath == nil)
    #expect(topology.networks.map(\.number) == [1])
    #expect(topology.networks.map(\.ownEIDs) == [[EID(8)]])
    #expect(topology.ports.map(\.name) == ["i2c-a", "i3c-b", "serial-c"])
    #expect(topology.ports.map(\.id.rawValue) == [0, 1, 2])
    #expect(topology.ports.map(\.eid) == [EID(8), EID(8), EID(8)])
    #expect(topology.ports.map(\.isSimulated) == [true, true, true])
    #expect(topology.routes.map(\.firstEID.rawValue) == [9, 10, 11, 20, 12, 13, 14])
    #expect(topology.routes.map(\.eidCount) == [1, 1, 1, 8, 1, 1, 1])
    #expect(
      topology.routes.map(\.type)
        == [.endpoint, .endpoint, .bridge, .range, .endpoint, .endpoint, .endpoint])
    #expect(topology.routes[3].lastEID == EID(27))
    #expect(topology.routes[0].physicalAddress == .i2c(0x1D))
    #expect(topology.routes[4].physicalAddress == .i3c(0x04CC_0000_0001))
    #expect(topology.routes[6].physicalAddress == PhysicalAddress.none)
    // A device that must be polled would wake the router while nothing happens.
    #expect(topology.devices.map(\.hasInterrupts) == [true, true, true, true, true, true])
    #expect(topology.devices[5].messageTypes == [.pldm])
    #expect(topology.warnings.isEmpty)
  }

  @Test("The example of a board has a device that must be polled")
  func polledDevice() throws {
    let topology = try Topology.load(path: Examples.path("bmc-two-i2c-one-i3c"))
    #expect(topology.devices.map(\.hasInterrupts) == [true, true, true, true, false])
  }

  @Test("Defaults are those that are documented")
  func defaults() throws {
    let topology = try Topology.parse(
      """
      version: 1
      router: { name: r, eid: 8 }
      ports:
        - { name: a, bus: i2c, device: simulated, address: 0x10 }
        - { name: b, bus: i3c, device: simulated }
        - { name: c, bus: serial, device: /dev/ttyS1 }
      routes:
        - { eids: 9, port: c }
        - { eids: 20-27, port: c }
      """, fileName: "t")
    for port in topology.ports {
      #expect(port.role == .owner)
      #expect(port.network == 1)
      #expect(port.transmissionUnitBytes == 64)
      #expect(port.queueDepthMax == 256)
      #expect(port.sourceCheck == .strict)
    }
    guard case .i2c(let i2c) = topology.ports[0].medium else {
      Issue.record("not I2C")
      return
    }
    #expect(i2c.clockHz == 100_000)
    #expect(i2c.address == .i2c(0x10))
    #expect(topology.ports[1].bindingType == .i3c)
    #expect(topology.routes.map(\.type) == [.endpoint, .range])
    #expect(topology.routes.map(\.transmissionUnitBytes) == [nil, nil])
    guard case .i3c(let i3c) = topology.ports[1].medium else {
      Issue.record("not I3C")
      return
    }
    #expect(i3c.clockHz == 12_500_000)
    guard case .serial(let serial) = topology.ports[2].medium else {
      Issue.record("not serial")
      return
    }
    #expect(serial.baudRate == 115_200)
    #expect(serial.device == .path("/dev/ttyS1"))
    #expect(!topology.ports[2].isSimulated)
  }

  @Test(
    "Bus and speed give the medium and binding of routing table entries",
    .spec("DSP0239 1.11.1 Table 3"),
    arguments: [
      ("i2c, address: 0x10, speed: 100000", MediumType(rawValue: 0x02), BindingType(rawValue: 1)),
      ("i2c, address: 0x10, speed: 400000", MediumType(rawValue: 0x04), BindingType(rawValue: 1)),
      ("i2c, address: 0x10, speed: 1000000", MediumType(rawValue: 0x05), BindingType(rawValue: 1)),
      ("i3c", MediumType(rawValue: 0x30), BindingType(rawValue: 6)),
      ("serial", MediumType(rawValue: 0x24), BindingType(rawValue: 5)),
    ])
  func mediumTypes(_ bus: String, _ medium: MediumType, _ binding: BindingType) throws {
    let topology = try Topology.parse(
      "version: 1\nrouter: {name: r, eid: 8}\nports:\n- {name: a, device: simulated, bus: \(bus)}\n",
      fileName: "t")
    #expect(topology.ports[0].mediumType == medium)
    #expect(topology.ports[0].bindingType == binding)
    #expect(
      topology.ports[0].physicalAddress
        == (bus.hasPrefix("i2c") ? PhysicalAddress.i2c(0x10) : PhysicalAddress.none))
  }

  @Test("Numbers of ports are kept, and ports are in their order")
  func portNumbers() throws {
    let topology = try Topology.parse(
      """
      version: 1
      router: { name: r, eid: 8 }
      ports:
        - { name: a, bus: i3c, device: simulated, number: 1 }
        - { name: b, bus: i3c, device: simulated, number: 0 }
      routes:
        - { eids: 9, port: a, address: 0x04cc00000001 }
      """, fileName: "t")
    #expect(topology.ports.map(\.name) == ["b", "a"])
    #expect(topology.port(PortID(rawValue: 1))?.name == "a")
    #expect(topology.port(PortID(rawValue: 2)) == nil)
    #expect(topology.port(named: "b")?.id == PortID(rawValue: 0))
    #expect(topology.routes[0].port == PortID(rawValue: 1))
  }

  @Test("Networks have EIDs and routes of their own")
  func networks() throws {
    let topology = try Topology.parse(
      """
      version: 1
      router: { name: r, eid: 8 }
      networks: [ { number: 2, uuid: 9a3e4a5c-2f0e-4c3b-8a77-0d5b1e6f2001 } ]
      ports:
        - { name: a, bus: serial, device: /dev/ttyS1 }
        - { name: b, bus: serial, device: /dev/ttyS2, network: 2, eid: 20 }
        - { name: c, bus: serial, device: /dev/ttyS3, network: 2 }
        - { name: d, bus: serial, device: /dev/ttyS4, network: 3 }
      routes:
        - { eids: 9, port: a }
        - { eids: 9, port: b }
        - { eids: 8, port: c }
        - { eids: 20-27, port: a }
      """, fileName: "t")
    #expect(topology.networks.map(\.number) == [1, 2, 3])
    #expect(topology.networks.map(\.ownEIDs) == [[EID(8)], [EID(20)], [EID(8)]])
    #expect(topology.networks.map { $0.uuid != nil } == [false, true, false])
    #expect(topology.ports.map(\.eid) == [EID(8), EID(20), EID(20), EID(8)])
    #expect(topology.routes.map(\.network) == [1, 2, 2, 1])
  }

  @Test("EIDs may be missing where a bus owner assigns them", .spec("DSP0236 1.3.3 §9"))
  func assignedEIDs() throws {
    for (policy, expected) in [
      ("single", [EID?](repeating: nil, count: 3)),
      ("per-upstream-port", [nil, nil, EID(9)]), ("per-port", [nil, nil, EID(9)]),
    ] {
      let peer = policy == "single" ? "" : ", eid: 9"
      let topology = try Topology.parse(
        """
        version: 1
        router: { name: r, eid-policy: \(policy) }
        ports:
          - { name: a, bus: i3c, device: simulated, role: endpoint }
          - { name: b, bus: i3c, device: simulated }
          - { name: c, bus: i3c, device: simulated, role: peer\(peer) }
        """, fileName: "t")
      #expect(topology.ports.map(\.eid) == expected, "\(policy)")
    }
  }

  @Test("Message types are sorted, and vendor messages announce theirs")
  func messageTypes() throws {
    let topology = try Topology.parse(
      minimal.replacing(
        "eid: 8",
        with: "eid: 8, message-types: [spdm, 0x01, 4], "
          + "vendor-messages: [{ iana: 0xABCD, version: 2 }, { pci: 0x1234, version: 0x0001 }]"),
      fileName: "t")
    #expect(
      topology.router.messageTypes == [.pldm, .nvmeMI, .spdm, .vendorPCI, .vendorIANA])
    #expect(topology.router.vendorMessages.map(\.vendorID) == [.iana(0xABCD), .pci(0x1234)])
    #expect(topology.router.vendorMessages.map(\.commandSet) == [2, 1])
  }

  @Test("Equal when they say the same, wherever it was read")
  func equality() throws {
    let one = try Topology.parse(minimal, fileName: "one")
    let other = try Topology.parse("# comment\n" + minimal, fileName: "other")
    #expect(one == other)
    let moved = minimal.replacing("0x10", with: "0x11")
    #expect(try Topology.parse(moved, fileName: "one") != one)
    let administered = minimal + "admin: { socket: /a }\n"
    #expect(try Topology.parse(administered, fileName: "one") != one)
  }

  @Test("EIDs are read in both ways of writing numbers")
  func hexadecimalEIDs() throws {
    let text = """
      version: 1
      router: { name: r, eid: 0x08 }
      ports: [ { name: a, bus: serial, device: /dev/ttyS1 } ]
      routes:
        - { eids: 0x14-0x1B, port: a }
        - { eids: "254", port: a }
      """
    let topology = try Topology.parse(text, fileName: "t")
    #expect(topology.routes.map(\.firstEID) == [EID(20), EID(254)])
    #expect(topology.routes[0].lastEID == EID(27))
    #expect(topology.routes[0].contains(EID(27)) && !topology.routes[0].contains(EID(28)))
  }
}
