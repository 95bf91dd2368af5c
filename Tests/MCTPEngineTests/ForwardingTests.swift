import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Forwarding", .spec("DSP0236 1.3.3 §9"))
struct ForwardingTests {
  private func bridge(
    _ check: SourceCheck = .strict, units: [Int] = [64, 64, 64], queue: Int = 16
  ) throws -> Rig {
    try Rig(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [
          .test(0, eid: 8, unit: units[0], check: check),
          .test(1, eid: 9, unit: units[1], queue: queue, check: check),
          .test(2, eid: 10, unit: units[2], check: check),
        ]),
      routes: [
        .test(0x20, port: 0, at: .i2c(0x40)), .test(0x21, port: 0, at: .i2c(0x41)),
        .test(0x30, port: 1, at: .i2c(0x42)), .test(0x38, 8, port: 2, at: .i2c(0x43)),
      ])
  }

  @Test("All 256 values of header bytes 0 and 3 and of the type byte cross unchanged")
  func unchanged() throws {
    for value in UInt8.min...UInt8.max {
      for bytes in [
        [0x01, 0x30, 0x20, value, value, 0x55, ~value],
        [value & 0xF0 | 0x01, 0x30, 0x20, 0xC8, value],
      ] {
        let rig = try bridge()
        #expect(rig.receive(bytes, from: .i2c(0x40)) == .forwarded(PortID(rawValue: 1)))
        #expect(rig.drainAll() == [[], [.init(destination: .i2c(0x42), bytes: bytes)], []])
      }
    }
  }

  @Test("Control messages for others are not looked at, whatever they are")
  func controlInTransit() throws {
    for body in ["00 80 01 00 42", "80 80 02", "00", "00 40 02 00", "00 80 F2 01 02"] {
      let rig = try bridge()
      let bytes = hex("01 30 20 C8") + hex(body)
      #expect(rig.receive(bytes, from: .i2c(0x40)) == .forwarded(PortID(rawValue: 1)))
      #expect(rig.drain(1) == [.init(destination: .i2c(0x42), bytes: bytes)])
      #expect(rig.ownEID(0) == EID(8))
    }
  }

  @Test(
    "Null and broadcast destinations are consumed here and never cross",
    .spec("DSP0236 1.3.3 §8.7"), arguments: [SourceCheck.strict, .loose, .off])
  func nullAndBroadcast(check: SourceCheck) throws {
    for destination in [0x00, 0xFF] as [UInt8] {
      for source in [0x00, 0x20, 0x30, 0x70] as [UInt8] {
        for flags in [0xC8, 0xC0, 0x88, 0x18, 0x58] as [UInt8] {
          let rig = try bridge(check)
          let disposition = rig.receive(
            packet(source, to: destination, flags: flags), from: .i2c(0x40))
          #expect(
            disposition
              == (flags & 0x88 == 0x88 ? .dropped(.messageTypeUnsupported) : .deliver))
          #expect(rig.drainAll() == [[], [], []])
        }
        let rig = try bridge(check)
        #expect(
          rig.receive(request(0x02, from: source, to: destination), from: .i2c(0x40)) == .answered)
        let all = rig.drainAll()
        #expect(all.map(\.count) == [1, 0, 0], "the answer stays on the bus")
        #expect(all[0].first?.bytes.prefix(3) == [0x01, source, 0x08])
      }
    }
  }

  @Test(
    "A null source never crosses, whatever the source check",
    arguments: [SourceCheck.strict, .loose, .off])
  func nullSource(check: SourceCheck) throws {
    let rig = try bridge(check)
    #expect(
      rig.receive(packet(0x00, to: 0x30), from: .i2c(0x40)) == .dropped(.nullSourceNotBridged))
  }

  @Test(
    "The source check asks for the way back",
    arguments: [
      // Behind the ingress port, behind another, unknown.
      (.strict, [true, false, false]), (.loose, [true, true, false]), (.off, [true, true, true]),
    ] as [(SourceCheck, [Bool])])
  func sourceCheck(check: SourceCheck, passes: [Bool]) throws {
    for (source, isPassed) in zip([0x20, 0x3A, 0x70] as [UInt8], passes) {
      let rig = try bridge(check)
      #expect(
        rig.receive(packet(source, to: 0x30), from: .i2c(0x40))
          == (isPassed ? .forwarded(PortID(rawValue: 1)) : .dropped(.sourceNotBehindPort)))
      // What ends here is not asked: answers go to the physical source.
      #expect(rig.receive(request(0x02, from: source), from: .i2c(0x40)) == .answered)
    }
  }

  @Test("Through the port it came from, but never back to its sender")
  func samePort() throws {
    let rig = try bridge()
    let bytes = packet(0x20, to: 0x21)
    #expect(rig.receive(bytes, from: .i2c(0x40)) == .forwarded(PortID(rawValue: 0)))
    #expect(rig.drain(0) == [.init(destination: .i2c(0x41), bytes: bytes)])
    #expect(rig.receive(bytes, from: .i2c(0x41)) == .dropped(.nextHopIsSender))
    // The same address on another bus is another device.
    let other = packet(0x20, to: 0x30)
    #expect(rig.receive(other, from: .i2c(0x42)) == .forwarded(PortID(rawValue: 1)))
  }

  @Test("A point-to-point port never sends back what it received")
  func pointToPoint() throws {
    let rig = try Rig(
      EngineConfiguration(
        ports: [.test(0, eid: 8, address: .none, check: .off, binding: .serial, medium: .serial)]),
      routes: [.test(0x20, 10, port: 0), .test(0x40, 10, port: 0)])
    #expect(rig.receive(packet(0x20, to: 0x41)) == .dropped(.nextHopIsSender))
  }

  @Test("The transmission unit is that of the egress port, or of the path where it is less")
  func units() throws {
    // (unit of port, unit of entry, what passes)
    for (port, path, limit) in [
      (64, nil, 64), (100, nil, 100), (100, 64, 64), (64, 100, 64), (8183, nil, 8183),
    ] as [(Int, UInt16?, Int)] {
      for count in [1, limit - 1, limit, limit + 1] {
        let rig = try Rig(
          EngineConfiguration(
            eidPolicy: .perPort, ports: [.test(0, eid: 8), .test(1, eid: 9, unit: port)]),
          routes: [
            .test(0x20, port: 0, at: .i2c(0x40)), .test(0x30, port: 1, at: .i2c(0x42), unit: path),
          ])
        let bytes = packet(0x20, to: 0x30, payload: [UInt8](repeating: 3, count: count))
        let disposition = rig.receive(bytes, from: .i2c(0x40))
        if count <= limit {
          #expect(disposition == .forwarded(PortID(rawValue: 1)))
          #expect(rig.drain(1).map(\.bytes) == [bytes])
        } else {
          #expect(disposition == .dropped(.transmissionUnitExceeded))
          #expect(rig.drain(1) == [])
        }
      }
    }
  }

  @Test("Nothing crosses networks, not even to an EID that only the other one knows")
  func networks() throws {
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [
          .test(0, eid: 8, check: .off), .test(1, network: 2, eid: 9, check: .off),
          .test(2, network: 2),
        ]),
      routes: [
        .test(0x20, port: 0, at: .i2c(0x40)), .test(0x30, port: 1, at: .i2c(0x42)),
        .test(0x40, port: 0, at: .i2c(0x44)), .test(0x40, port: 2, at: .i2c(0x45)),
      ])
    #expect(rig.receive(packet(0x20, to: 0x30), on: 0) == .dropped(.destinationUnroutable))
    #expect(rig.receive(packet(0x30, to: 0x20), on: 1) == .dropped(.destinationUnroutable))
    #expect(rig.receive(packet(0x30, to: 8), on: 1) == .dropped(.destinationUnroutable))
    #expect(rig.receive(packet(0x20, to: 9), on: 0) == .dropped(.destinationUnroutable))
    // The same EID on both sides goes to the side it was sent on.
    #expect(rig.receive(packet(0x20, to: 0x40), on: 0) == .forwarded(PortID(rawValue: 0)))
    #expect(rig.receive(packet(0x30, to: 0x40), on: 1) == .forwarded(PortID(rawValue: 2)))
    #expect(
      rig.drainAll().map { $0.map(\.destination) } == [[.i2c(0x44)], [], [.i2c(0x45)]])
  }

  @Test("A full queue drops the newest, counts it at the ingress port, and goes on afterwards")
  func fullQueue() throws {
    let rig = try bridge(queue: 3)
    let packets = (0..<5).map { packet(0x20, to: 0x30, payload: [0x7E, UInt8($0)]) }
    for (index, bytes) in packets.enumerated() {
      #expect(
        rig.receive(bytes, from: .i2c(0x40))
          == (index < 3 ? .forwarded(PortID(rawValue: 1)) : .dropped(.egressQueueFull)))
    }
    #expect(rig.counters(0).packetsIn == 5)
    #expect(rig.counters(0).forwarded == 3)
    #expect(rig.counters(0).ingressDrops(.egressQueueFull) == 2)
    #expect(rig.counters(1).enqueued == 3)
    #expect(rig.counters(1).egressDrops(.egressQueueFull) == 0)
    #expect(rig.counters(1).queueDepthHighWater == 3)
    #expect(rig.queueDepth(1) == 3)
    #expect(rig.transmit(on: 1)?.bytes == packets[0])
    #expect(rig.receive(packets[4], from: .i2c(0x40)) == .forwarded(PortID(rawValue: 1)))
    #expect(rig.drain(1).map(\.bytes) == [packets[1], packets[2], packets[4]])
    #expect(rig.counters(1).packetsOut == 4)
    #expect(rig.counters(1).bytesOut == 24)
    #expect(rig.counters(1).originated == 0)
  }

  @Test("An answer that finds the queue full is counted where it was to leave")
  func fullQueueForAnswers() throws {
    let rig = try bridge(queue: 1)
    #expect(rig.receive(request(0x02, from: 0x30, to: 9), on: 1, from: .i2c(0x42)) == .answered)
    #expect(rig.receive(request(0x02, from: 0x30, to: 9), on: 1, from: .i2c(0x42)) == .answered)
    #expect(rig.counters(1).delivered == 2)
    #expect(rig.counters(1).originated == 2)
    #expect(rig.counters(1).enqueued == 2)
    #expect(rig.counters(1).egressDrops(.egressQueueFull) == 1)
    #expect(rig.drain(1).count == 1)
  }

  @Test(
    "Messages for this device: announced types and answers are delivered, others are not",
    .spec("DSP0236 1.3.3 §8.10"))
  func local() throws {
    let rig = try DropTests.bridge()
    for type in UInt8.min...UInt8.max where type & 0x7F != 0 {
      let isAnnounced = type & 0x7F == 0x01
      #expect(
        rig.receive(packet(0x20, to: 8, flags: 0xC8, payload: [type]), from: .i2c(0x40))
          == (isAnnounced ? .deliver : .dropped(.messageTypeUnsupported)))
      #expect(
        rig.receive(packet(0x20, to: 8, flags: 0xC0, payload: [type]), from: .i2c(0x40))
          == .deliver)
    }
    #expect(rig.drainAll() == [[], [], []])
  }
}
