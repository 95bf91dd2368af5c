import MCTPWire
import TestSupport
import Testing
import Topology

@Suite("What a topology says of a bus owner")
struct DiscoveryValueTests {
  private func discovery(_ topology: Topology, _ name: String) throws -> Topology.Discovery {
    try #require(topology.port(named: name)?.discovery)
  }

  /// The discovery of the only port, on `bus` with `keys`; the router has EIDs to give.
  private func discovery(_ bus: String, _ keys: String) throws -> Topology.Discovery {
    let topology = try Topology.parse(
      "version: 1\nrouter: { name: r, eid: 8, eid-ranges: [ 8-40 ] }\n"
        + "ports: [ { name: a, bus: \(bus), discovery: { \(keys) } } ]\n", fileName: "t")
    return try discovery(topology, "a")
  }

  private func range(_ first: UInt8, _ last: UInt8) -> ClosedRange<EID> { EID(first)...EID(last) }

  @Test("bus-owner.yaml as typed values")
  func owner() throws {
    let topology = try Topology.load(path: Examples.path("bus-owner"))
    #expect(topology.router.poolSizeMax == 16)
    #expect(topology.router.poolReserve == 0)
    #expect(topology.networks.map(\.eidRanges) == [[range(8, 31), range(64, 127)]])
    // Without the router's own EID 8; 20 and 30 are fixed and stay in.
    #expect(topology.networks.map(\.freeEIDRanges) == [[range(9, 31), range(64, 127)]])
    #expect(topology.fixedEIDs.map(\.eid) == [EID(30)])
    #expect(
      topology.fixedEIDs.map(\.uuid)
        == [EndpointUUID(high: 0x6d6a_1a0e_3f43_4f0c, low: 0x8d0b_2f5a_4d1c_001e)])
    #expect(topology.fixedEIDs.map(\.network) == [1])
    let slots = try discovery(topology, "i2c-slots")
    #expect(slots.expectedDevices.map(\.address) == [.i2c(0x1D), .i2c(0x1E)])
    #expect(slots.expectedDevices.map(\.eid) == [nil, EID(20)])
    #expect(slots.expectedDevices.map(\.poolSize) == [0, 0])
    #expect(
      slots.scannedAddresses
        == [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x3A].map { PhysicalAddress.i2c($0) })
    #expect(slots.healthCheckIntervalMs == 5000)
    #expect(!slots.probesPointToPoint && !slots.takesReportedDevices)
    let memory = try discovery(topology, "i3c-memory")
    #expect(memory.takesReportedDevices && !memory.probesPointToPoint)
    let nic = try discovery(topology, "serial-nic")
    #expect(nic.probesPointToPoint && !nic.takesReportedDevices)
    #expect(nic.probeIntervalMs == 2000)
    #expect(topology.devices.allSatisfy { $0.eid == nil })
    #expect(topology.routes.isEmpty)
  }

  @Test("bridge-below.yaml as typed values: all EIDs come from above")
  func bridge() throws {
    let topology = try Topology.parse(try Examples.bytes("bridge-below"), fileName: "t")
    #expect(topology.ports.map(\.role) == [.endpoint, .owner])
    #expect(topology.ports.map(\.eid) == [nil, nil])
    #expect(topology.ports.map { $0.discovery != nil } == [false, true])
    #expect(topology.networks.map(\.eidRanges) == [[]])
    #expect(topology.networks.map(\.freeEIDRanges) == [[]])
    #expect(topology.router.poolReserve == 2)
    #expect(try discovery(topology, "i2c-cards").expectedDevices.map(\.poolSize) == [0, 4])
  }

  @Test("Without the keys nobody is looked for and nothing is given out")
  func absent() throws {
    let topology = try Topology.load(path: Examples.path("demo"))
    #expect(topology.ports.allSatisfy { $0.discovery == nil })
    #expect(topology.networks.allSatisfy { $0.eidRanges.isEmpty && $0.freeEIDRanges.isEmpty })
    #expect(topology.fixedEIDs.isEmpty)
    #expect(topology.router.poolSizeMax == 64)
    #expect(topology.router.poolReserve == 0)
  }

  @Test(
    "An empty discovery has the defaults of its bus",
    arguments: [
      ("i2c, device: simulated, address: 0x10", false, false),
      ("i3c, device: simulated", false, true), ("serial, device: simulated", true, false),
      ("usb, device: mctpusb0", true, false), ("link, device: mctp0", true, false),
    ])
  func defaults(_ bus: String, _ isProbing: Bool, _ takesReported: Bool) throws {
    let discovery = try discovery(bus, "")
    #expect(discovery.expectedDevices.isEmpty && discovery.scannedAddresses.isEmpty)
    #expect(discovery.probesPointToPoint == isProbing)
    #expect(discovery.takesReportedDevices == takesReported)
    #expect(discovery.takesDiscoveryNotify)
    #expect(discovery.probeIntervalMs == 5000)
    #expect(discovery.healthCheckIntervalMs == 10_000)
    #expect(discovery.parallelismMax == 4)
    #expect(discovery.responseTimeoutMs == nil)
  }

  @Test("Every key of discovery at both ends of its range", .spec("DSP0237 1.1.0 Table 9"))
  func limits() throws {
    let bus = "i3c, device: simulated"
    let least = try discovery(
      bus,
      "notify: false, reported: false, addresses: [ 0x80 ], interval: 100, health: 1000, "
        + "parallel: 1, timeout: 300")
    #expect(!least.takesDiscoveryNotify && !least.takesReportedDevices)
    #expect(least.expectedDevices.map(\.address) == [.i3c(0x80)])
    #expect(least.probeIntervalMs == 100)
    #expect(least.healthCheckIntervalMs == 1000)
    #expect(least.parallelismMax == 1)
    #expect(least.responseTimeoutMs == 300)
    let most = try discovery(
      bus,
      "addresses: [ { address: 0xffffffffffff, eid: 9, pool: 245 } ], interval: 600000, "
        + "health: 3600000, parallel: 8, timeout: 3000")
    #expect(most.expectedDevices.map(\.address) == [.i3c(0xFFFF_FFFF_FFFF)])
    #expect(most.expectedDevices.map(\.eid) == [EID(9)])
    #expect(most.expectedDevices.map(\.poolSize) == [245])
    #expect(most.probeIntervalMs == 600_000)
    #expect(most.healthCheckIntervalMs == 3_600_000)
    #expect(most.parallelismMax == 8)
    #expect(most.responseTimeoutMs == 3000)
    #expect(try discovery(bus, "health: 0").healthCheckIntervalMs == 0)
  }

  @Test("A scan leaves out what is listed, the router itself and what SMBus has for itself")
  func scan() throws {
    let discovery = try discovery(
      "i2c, device: /dev/i2c-1, receive: slave-mqueue, address: 0x0e",
      "addresses: [ 0x0b ], scan: [ 0x60-0x62, 0x0a-0x0F, 0x40 ]")
    #expect(
      discovery.scannedAddresses
        == [0x0A, 0x0D, 0x0F, 0x40, 0x60, 0x62].map { PhysicalAddress.i2c($0) })
  }

  @Test("The device at the end of a line may be expected, without an address")
  func line() throws {
    for bus in ["serial, device: /dev/ttyS1", "usb, device: mctpusb0", "link, device: mctp0"] {
      let discovery = try discovery(bus, "addresses: [ { eid: 20, pool: 7 } ]")
      #expect(discovery.expectedDevices.map(\.address) == [.none])
      #expect(discovery.expectedDevices.map(\.eid) == [EID(20)])
      #expect(discovery.expectedDevices.map(\.poolSize) == [7])
    }
  }

  @Test("A network has the router's ranges unless it has its own, be they empty")
  func networks() throws {
    let topology = try Topology.parse(
      """
      version: 1
      router: { name: r, eid: 8, eid-ranges: [ 0x10-0x1f, "9" ] }
      networks:
        - { number: 2, eid-ranges: [ 100-110 ] }
        - { number: 3, eid-ranges: [] }
        - { number: 4 }
      ports:
        - { name: a, bus: serial, device: /dev/ttyS1, discovery: {} }
        - { name: b, bus: serial, device: /dev/ttyS2, network: 2, discovery: {} }
        - { name: c, bus: serial, device: /dev/ttyS3, network: 3 }
        - { name: d, bus: serial, device: /dev/ttyS4, network: 4 }
      """, fileName: "t")
    #expect(
      topology.networks.map(\.eidRanges) == [
        [range(16, 31), range(9, 9)], [range(100, 110)], [], [range(16, 31), range(9, 9)],
      ])
    #expect(
      topology.networks.map(\.freeEIDRanges) == [
        [range(9, 9), range(16, 31)], [range(100, 110)], [], [range(9, 9), range(16, 31)],
      ])
    #expect(topology.warnings.isEmpty)
  }

  @Test("Static routes and own EIDs make holes in what is free, fixed EIDs do not")
  func holes() throws {
    let topology = try Topology.parse(
      """
      version: 1
      router: { name: r, eid: 10, eid-ranges: [ 8-14, 15-20, 252-254 ] }
      ports:
        - name: a
          bus: serial
          device: /dev/ttyS1
          discovery: { addresses: [ { eid: 12, pool: 1 } ] }
        - { name: b, bus: serial, device: /dev/ttyS2, network: 2 }
      routes:
        - { eids: 18-19, port: a }
        - { eids: 254, port: a }
        - { eids: 9, port: b }
      """, fileName: "t")
    #expect(
      topology.networks.map(\.freeEIDRanges) == [
        [range(8, 9), range(11, 17), range(20, 20), range(252, 253)],
        [range(8, 8), range(11, 20), range(252, 254)],
      ])
  }

  @Test("Fixed EIDs of different networks have nothing to do with each other")
  func fixedByUUID() throws {
    let uuid = "9a3e4a5c-2f0e-4c3b-8a77-0d5b1e6f2001"
    let topology = try Topology.parse(
      """
      version: 1
      router: { name: r, eid: 8 }
      ports:
        - { name: a, bus: serial, device: /dev/ttyS1, discovery: {} }
        - { name: b, bus: serial, device: /dev/ttyS2, network: 2, discovery: {} }
      endpoints:
        - { uuid: \(uuid), eid: 0x14 }
        - { uuid: \(uuid), eid: 20, network: 2 }
      """, fileName: "t")
    #expect(topology.fixedEIDs.map(\.network) == [1, 2])
    #expect(topology.fixedEIDs.map(\.eid) == [EID(20), EID(20)])
    let other = try Topology.parse(
      """
      version: 1
      router: { name: r, eid: 8 }
      ports:
        - { name: a, bus: serial, device: /dev/ttyS1, discovery: {} }
        - { name: b, bus: serial, device: /dev/ttyS2, network: 2, discovery: {} }
      endpoints:
        - { uuid: \(uuid), eid: 21 }
        - { uuid: \(uuid), eid: 20, network: 2 }
      """, fileName: "t")
    #expect(topology != other)
  }

  @Test("The largest topology of a bus owner loads")
  func largest() throws {
    let devices = (0..<TopologyLimits.expectedDeviceCountMax).map {
      "{ address: \(0x04CC_0000_0000 + $0), pool: 0 }"
    }.joined(separator: ", ")
    let text =
      "version: 1\nrouter: { name: r, eid: 8, eid-ranges: [ 8-254 ] }\nports:\n"
      + (0..<TopologyLimits.portCountMax).map {
        "  - { name: p\($0), bus: i3c, device: mctpi3c\($0), "
          + "discovery: { addresses: [ \(devices) ] } }\n"
      }.joined()
    let topology = try Topology.parse(text, fileName: "t")
    #expect(topology.ports.count == 32)
    #expect(topology.ports.allSatisfy { $0.discovery?.expectedDevices.count == 112 })
  }
}
