import MCTPEngine
import MCTPWire
import TestSupport
import Testing

/// X, Y and Z as three engines, A to F as scripted devices, on the four buses of the worked
/// example, rows E of control.hex. Addresses are halves of the 8-bit forms there.
struct BringUp {
  let world = OwnerWorld()
  let x: Rig
  let y: Rig
  let z: Rig
  let bus1: Int
  let bus2: Int
  let bus3: Int
  let bus4: Int
  /// A, B, C, D, E, F.
  let devices: [ScriptedDevice]

  /// - Parameters:
  ///   - hasFixedEIDs: X gives each device the EID of the example whatever the order in which
  ///     they answer.
  ///   - startOrder: which of X, Y, Z (0, 1, 2) come up one after the other.
  init(
    questions: EndpointQuestions, parallelismMax: Int, hasFixedEIDs: Bool = false,
    startOrder: [Int] = [1, 2, 0], gapMs: UInt32 = 0
  ) throws {
    devices = [0x31, 0x32, 0x35, 0x36, 0x3A, 0x3B].map { ScriptedDevice(.i2c($0)) }
    for (index, device) in devices.enumerated() {
      device.uuid = EndpointUUID(high: 1, low: UInt64(index + 1))
    }
    func policy(_ listed: ListedDevice...) -> DiscoveryPolicy {
      DiscoveryPolicy(
        listed: listed, questions: questions, parallelismMax: parallelismMax,
        healthCheckIntervalMs: 10_000)
    }
    func listed(_ address: PhysicalAddress, _ eid: UInt8, pool: UInt8 = 0) -> ListedDevice {
      hasFixedEIDs
        ? ListedDevice(address: address, fixedEID: EID(eid), poolSizeExpected: pool)
        : ListedDevice(address: address)
    }
    x = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort, uuid: EndpointUUID(high: 2, low: 1),
        ports: [
          .owned(
            0, eid: 11,
            policy(
              listed(WorkedExample.a, 12), listed(WorkedExample.b, 13),
              listed(WorkedExample.y, 14, pool: 2), listed(WorkedExample.z, 17, pool: 2))),
          .owned(1, eid: 8, policy(listed(WorkedExample.c, 9), listed(WorkedExample.d, 10))),
        ], busOwner: .ranges(8, 40)), isUp: false)
    func bridge(_ address: PhysicalAddress, _ uuid: UInt64, _ device: PhysicalAddress) throws -> Rig
    {
      try Rig(
        EngineConfiguration(
          eidPolicy: .perPort, uuid: EndpointUUID(high: 2, low: uuid),
          ports: [
            .test(0, role: .endpoint, address: address, queue: 64),
            .owned(1, policy(ListedDevice(address: device))),
          ], busOwner: BusOwnerConfiguration()), isUp: false)
    }
    y = try bridge(WorkedExample.y, 2, .i2c(0x3A))
    z = try bridge(WorkedExample.z, 3, .i2c(0x3B))
    bus1 = world.addBus(
      .router(x, port: 0, address: WorkedExample.x), .device(devices[0]), .device(devices[1]),
      .router(y, port: 0, address: WorkedExample.y), .router(z, port: 0, address: WorkedExample.z))
    bus2 = world.addBus(
      .router(x, port: 1, address: WorkedExample.x), .device(devices[2]), .device(devices[3]))
    bus3 = world.addBus(.router(y, port: 1, address: .i2c(0x30)), .device(devices[4]))
    bus4 = world.addBus(.router(z, port: 1, address: .i2c(0x30)), .device(devices[5]))
    let order = [x, y, z]
    for index in startOrder {
      order[index].setUp(0, true)
      order[index].setUp(1, true)
      world.run(ms: gapMs)
    }
  }

  /// The path of a request from one device to another's EID, through whatever is between.
  func reaches(from: ScriptedDevice, on bus: Rig, port: UInt8, to target: UInt8) -> Bool {
    world.clearLog()
    // PLDM GetTID of the example.
    let packet = [0x01, target, from.eid, 0xCB] + hex("01 80 00 02")
    _ = bus.receive(packet, on: port, from: from.address)
    world.run(ms: 1)
    return world.log.last?.bytes == packet
  }
}

@Suite("The worked example comes up by itself", .spec("DSP0236 1.3.3 §9"))
struct OwnerWorkedExampleTests {
  static let vectors = testVectors("control")

  private func vectors(_ numbers: ClosedRange<Int>) throws -> [[UInt8]] {
    try numbers.map { number in
      try #require(Self.vectors.first { $0.name == "E\(number)" }).bytes
    }
  }

  /// With one request a bus at a time and no question that the table does not have, each bus
  /// carries exactly the packets of its rows, in the order of the table, byte by byte: tags and
  /// instance IDs too. The table interleaves the buses; this checks the order on each.
  @Test("Every packet of the table is on its bus, byte by byte and in order")
  func exactBytes() throws {
    let run = try BringUp(questions: [], parallelismMax: 1, hasFixedEIDs: true)
    run.world.run(ms: 2000)
    for (bus, rows) in [
      (run.bus2, 1...4), (run.bus1, 5...20), (run.bus3, 21...22), (run.bus4, 23...24),
    ] {
      let seen = run.world.packets(on: bus).map { hexText($0) }
      let expected = try vectors(rows).map { hexText($0) }
      #expect(seen == expected)
    }
  }

  /// As it comes up with all questions and several requests at once: the same packets but for tag
  /// and instance ID, which are the requester's choice, and in the order that the procedure needs:
  /// each bridge's Set Endpoint ID, its Allocate, its routing update.
  @Test("With all questions the same packets are there, but for tags and instance IDs")
  func withQuestions() throws {
    let run = try BringUp(questions: .all, parallelismMax: 4, hasFixedEIDs: true)
    run.world.run(ms: 6000)
    func bare(_ packet: [UInt8]) -> [UInt8] {
      var packet = packet
      packet[3] &= 0xF8
      packet[5] &= 0xE0
      return packet
    }
    for (bus, numbers) in [
      (run.bus2, 1...4), (run.bus1, 5...20), (run.bus3, 21...22), (run.bus4, 23...24),
    ] {
      let seen = run.world.packets(on: bus).map(bare)
      for expected in try vectors(numbers).map(bare) {
        // A route to C and D may be told later than the others: X learns of both buses at once.
        let isThere = seen.contains(expected)
        #expect(isThere, "\(hexText(expected))")
      }
    }
    for bridge in [WorkedExample.y, WorkedExample.z] {
      let commands = run.world.log.filter {
        $0.bus == run.bus1 && $0.to == bridge && [1, 8, 9].contains($0.bytes[6])
      }.map { $0.bytes[6] }
      #expect(Array(commands.prefix(3)) == [1, 8, 9])
    }
  }

  @Test("The routing tables afterwards are those of the example, and X lists V40")
  func routes() throws {
    let run = try BringUp(questions: [], parallelismMax: 1, hasFixedEIDs: true)
    run.world.run(ms: 2000)
    func lines(_ rig: Rig) -> [[Int]] {
      rig.entries().map {
        [
          Int($0.firstEID.rawValue), Int($0.eidCount), Int($0.type.rawValue),
          Int($0.port.rawValue), Int($0.address.value) << 1,
        ]
      }
    }
    #expect(
      lines(run.x) == [
        [9, 1, 0, 1, 0x6A], [10, 1, 0, 1, 0x6C], [12, 1, 0, 0, 0x62], [13, 1, 0, 0, 0x64],
        [14, 3, 1, 0, 0x66], [17, 3, 1, 0, 0x68],
      ])
    #expect(
      lines(run.y) == [
        [8, 3, 3, 0, 0x60], [11, 1, 2, 0, 0x60], [12, 1, 0, 0, 0x62], [13, 1, 0, 0, 0x64],
        [16, 1, 0, 1, 0x74], [17, 3, 1, 0, 0x68],
      ])
    #expect(run.y.ownEID(0) == EID(14) && run.y.ownEID(1) == EID(15))
    #expect(run.z.ownEID(0) == EID(17) && run.z.ownEID(1) == EID(18))
    let answer = run.x.ask(hex("01 0B 0C CD 00 85 0A 00"), on: 0, from: WorkedExample.a)
    #expect(answer == Self.vectors.first { $0.name == "V40" }?.bytes)
  }

  @Test("X knows what is behind Y and Z, with the way there; every device reaches every other one")
  func tree() throws {
    let run = try BringUp(questions: .all, parallelismMax: 4, hasFixedEIDs: true)
    run.world.run(ms: 20_000)
    let e = try #require(run.x.endpoint(16))
    #expect(e.via == EID(14))
    #expect(e.state == .up)
    #expect(e.origin == .routingTable)
    #expect(e.uuid == run.devices[4].uuid)
    #expect(run.x.endpoint(19)?.via == EID(17))
    #expect(run.x.endpoint(19)?.uuid == run.devices[5].uuid)
    // Y's own EID on bus 3 is listed as what it is: a bridge, with Y's UUID.
    #expect(run.x.endpoint(15)?.kind == .bridge)
    #expect(run.x.endpoint(15)?.uuid == run.x.endpoint(14)?.uuid)
    let places: [(Rig, UInt8)] = [
      (run.x, 0), (run.x, 0), (run.x, 1), (run.x, 1), (run.y, 1), (run.z, 1),
    ]
    for (index, from) in run.devices.enumerated() {
      for to in run.devices where to !== from {
        let (rig, port) = places[index]
        // Who shares a bus needs no bridge.
        if from.address != to.address, rig === places[run.devices.firstIndex { $0 === to }!].0,
          port == places[run.devices.firstIndex { $0 === to }!].1
        {
          continue
        }
        #expect(
          run.reaches(from: from, on: rig, port: port, to: to.eid),
          "\(from.eid) to \(to.eid)")
      }
    }
    for rig in [run.x, run.y, run.z] { #expect(rig.violation() == nil) }
  }

  @Test(
    "In whatever order the three come up, and however far apart, the tree is complete",
    arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]],
    [0, 700, 20_000] as [UInt32])
  func anyOrder(order: [Int], gapMs: UInt32) throws {
    let run = try BringUp(questions: .all, parallelismMax: 4, startOrder: order, gapMs: gapMs)
    run.world.run(ms: 40_000)
    #expect(Set(run.devices.map(\.eid)).count == 6)
    for device in run.devices {
      let known = run.x.endpoints().first { $0.uuid == device.uuid }
      #expect(known?.state == .up, "\(device.address)")
      #expect(known?.eid.rawValue == device.eid)
    }
    for rig in [run.x, run.y, run.z] { #expect(rig.violation() == nil) }
  }
}
