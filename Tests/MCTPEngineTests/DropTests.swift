import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Drops", .spec("DSP0236 1.3.3 §8.7"))
struct DropTests {
  /// The bridge that the heading of drops.hex describes.
  static func bridge(queue: Int = 16) throws -> Rig {
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort, messageTypes: [SupportedMessageType(type: .pldm)],
        ports: [.test(0, eid: 8, queue: queue), .test(1, eid: 9, queue: queue), .test(2)]),
      routes: [
        .test(0x20, port: 0, at: .i2c(0x40)), .test(0x21, port: 0, at: .i2c(0x41)),
        .test(0x30, port: 1, at: .i2c(0x42)), .test(0x38, port: 2, at: .i2c(0x43)),
      ])
    rig.setUp(2, false)
    return rig
  }

  static let sender = PhysicalAddress.i2c(0x40)
  static let crossing = hex("01 30 20 C8 01 80 00 02")
  static let vectors = testVectors("drops")

  /// Reasons that other modules find, and where.
  static let elsewhere: [DropReason: String] = [
    .frameTooShort: "framing", .frameTooLong: "framing", .frameLength: "framing",
    .frameIntegrity: "framing", .frameNotMCTP: "framing", .frameAddress: "framing",
    .frameRevision: "framing", .frameEscape: "framing", .frameTruncated: "framing",
    .noise: "framing",
    .unexpectedPacket: "endpoint", .unexpectedTag: "endpoint", .outOfSequence: "endpoint",
    .supersededByStart: "endpoint", .assemblyTimeout: "endpoint",
    .transmissionUnitMismatch: "endpoint", .messageTooLong: "endpoint",
    .assemblyExhausted: "endpoint", .messageIntegrity: "endpoint",
    .responseUnexpected: "endpoint",
  ]

  /// Drops that need more than one packet: each leaves exactly one drop behind, the newest.
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: DropReason
    let direction: RecentDrop.Direction
    let port: UInt8
    let address: PhysicalAddress
    let bytes: [UInt8]
    let queue: Int
    let provoke: @Sendable (Rig) -> Void
    var testDescription: String { "\(reason) at \(direction)" }
  }

  static let cases: [Case] = [
    Case(
      reason: .egressQueueFull, direction: .ingress, port: 0, address: sender, bytes: crossing,
      queue: 3
    ) { rig in
      for _ in 0..<4 { _ = rig.receive(crossing, from: sender) }
    },
    Case(
      reason: .egressQueueFull, direction: .egress, port: 1, address: .i2c(0x42),
      bytes: hex("01 30 09 C8 00 80 02"), queue: 1
    ) { rig in
      _ = rig.receive(crossing, from: sender)
      _ = rig.send(hex("01 30 09 C8 00 80 02"), on: 1, to: .i2c(0x42))
    },
    Case(
      reason: .transmissionUnitExceeded, direction: .egress, port: 1, address: .i2c(0x42),
      bytes: hex("01 30 09 C8") + [UInt8](repeating: 1, count: 65), queue: 16
    ) { rig in
      _ = rig.send(
        hex("01 30 09 C8") + [UInt8](repeating: 1, count: 65), on: 1, to: .i2c(0x42))
    },
    Case(
      reason: .portDown, direction: .egress, port: 1, address: .i2c(0x42), bytes: crossing,
      queue: 16
    ) { rig in
      _ = rig.receive(crossing, from: sender)
      rig.setUp(1, false)
    },
    Case(
      reason: .portDown, direction: .egress, port: 2, address: .i2c(0x43), bytes: crossing,
      queue: 16
    ) { rig in
      _ = rig.send(crossing, on: 2, to: .i2c(0x43))
    },
    Case(
      reason: .retriesExhausted, direction: .egress, port: 1, address: .i2c(0x42),
      bytes: crossing, queue: 16
    ) { rig in
      _ = rig.receive(crossing, from: sender)
      while rig.transmit(on: 1, .addressNotAcknowledged) != nil {}
    },
    Case(
      reason: .transmissionRefused, direction: .egress, port: 1, address: .i2c(0x42),
      bytes: crossing, queue: 16
    ) { rig in
      _ = rig.receive(crossing, from: sender)
      _ = rig.transmit(on: 1, .refused)
    },
  ]

  @Test("Every reason is provoked here or belongs to another module, none is missing")
  func complete() {
    let bytes = Set(Self.vectors.map(\.expectation))
    let states = Set(Self.cases.map(\.reason))
    for reason in DropReason.allCases {
      let isProvoked = bytes.contains(reason.name) || states.contains(reason)
      #expect(isProvoked != (Self.elsewhere[reason] != nil), "\(reason)")
    }
    for name in bytes { #expect(DropReason.allCases.contains { $0.name == name }, "\(name)") }
  }

  @Test("Vectors end with their reason, counted once and kept in the ring", arguments: vectors)
  func bytes(vector: TestVector) throws {
    let rig = try Self.bridge()
    rig.now = Instant(nanoseconds: 77)
    let reason = try #require(DropReason.allCases.first { $0.name == vector.expectation })
    #expect(rig.receive(vector.bytes, from: Self.sender) == .dropped(reason))
    check(
      rig, reason, .ingress, port: 0, address: Self.sender, bytes: vector.bytes, count: 1)
    #expect(rig.counters(0).packetsIn == 1)
    #expect(rig.counters(0).bytesIn == UInt64(vector.bytes.count))
    #expect(rig.drainAll() == [[], [], []])
  }

  @Test(
    "Full queues, dead ports and unwilling media end packets with their reason",
    arguments: cases)
  func states(drop: Case) throws {
    let rig = try Self.bridge(queue: drop.queue)
    rig.now = Instant(nanoseconds: 77)
    drop.provoke(rig)
    check(
      rig, drop.reason, drop.direction, port: drop.port, address: drop.address,
      bytes: drop.bytes, count: 1)
  }

  /// One drop, counted at one port in one direction under one reason, and kept.
  private func check(
    _ rig: Rig, _ reason: DropReason, _ direction: RecentDrop.Direction, port: UInt8,
    address: PhysicalAddress, bytes: [UInt8], count: UInt64
  ) {
    for other in DropReason.allCases {
      for index in UInt8(0)..<3 {
        let isIt = other == reason && index == port
        let counters = rig.counters(index)
        #expect(counters.ingressDrops(other) == (isIt && direction == .ingress ? count : 0))
        #expect(counters.egressDrops(other) == (isIt && direction == .egress ? count : 0))
      }
    }
    #expect(rig.dropCount == count)
    #expect(rig.recentDropCount == 1)
    let drop = rig.recentDrop()
    #expect(drop?.number == 1)
    #expect(drop?.reason == reason)
    #expect(drop?.direction == direction)
    #expect(drop?.port == PortID(rawValue: port))
    #expect(drop?.address == address)
    #expect(drop?.time == Instant(nanoseconds: 77))
    #expect(drop?.byteCount == bytes.count)
    #expect(drop?.firstBytes.array == Array(bytes.prefix(16)))
  }

  @Test("Packets of no to four bytes, with every byte 3 and to every class of EID")
  func tiny() throws {
    for count in 0..<4 {
      let rig = try Self.bridge()
      #expect(
        rig.receive(Array(Self.crossing.prefix(count)), from: Self.sender)
          == .dropped(.packetTooShort))
    }
    for flags in UInt8.min...UInt8.max {
      for destination in [0x00, 0x08, 0x30, 0xFF] as [UInt8] {
        let rig = try Self.bridge()
        let disposition = rig.receive([1, destination, 0x20, flags], from: Self.sender)
        if flags & 0x80 != 0 {
          #expect(disposition == .dropped(.packetTooShort))
        } else if destination == 0x30 {
          #expect(disposition == .forwarded(PortID(rawValue: 1)))
        } else {
          #expect(disposition == .deliver)
        }
      }
    }
  }

  @Test("The ring keeps the last 64, the newest first, with consecutive numbers")
  func ring() throws {
    let rig = try Self.bridge()
    #expect(rig.recentDropCount == 0)
    for number in 1...200 {
      rig.now = Instant(nanoseconds: UInt64(number))
      _ = rig.receive([0x01, 0x70, 0x20, 0xC8, UInt8(number)], from: Self.sender)
      #expect(rig.dropCount == UInt64(number))
      #expect(rig.recentDropCount == min(number, 64))
      for index in 0..<rig.recentDropCount {
        let drop = rig.recentDrop(index)
        #expect(drop?.number == UInt64(number - index))
        #expect(drop?.time.nanoseconds == UInt64(number - index))
        #expect(drop?.firstBytes.array.last == UInt8(number - index))
      }
    }
  }

  @Test("A frame that never was a packet is counted at its port, not as a packet")
  func frames() throws {
    let rig = try Self.bridge()
    let frame = hex("60 0F 09 6B 01 10 09 CB 01 80 00 02 00") + [UInt8](repeating: 7, count: 30)
    rig.engine.dropFrame(
      .frameIntegrity, bytes: frame.span, on: PortID(rawValue: 1), now: Instant(nanoseconds: 5))
    #expect(rig.counters(1).ingressDrops(.frameIntegrity) == 1)
    #expect(rig.counters(1).packetsIn == 0)
    #expect(rig.recentDrop()?.byteCount == 43)
    #expect(rig.recentDrop()?.firstBytes.array == Array(frame.prefix(16)))
    #expect(rig.recentDrop()?.address == PhysicalAddress.none)
  }

  @Test("A message that ends in the reassembly takes its packets out of delivered")
  func delivered() throws {
    let rig = try Self.bridge()
    #expect(
      rig.receive(packet(0x20, to: 8, flags: 0x88, payload: [1, 2]), from: Self.sender) == .deliver)
    #expect(
      rig.receive(packet(0x20, to: 8, flags: 0x18, payload: [3, 4]), from: Self.sender) == .deliver)
    let third = packet(0x20, to: 8, flags: 0x78, payload: [5])
    #expect(rig.receive(third, from: Self.sender) == .deliver)
    try #require(rig.counters(0).delivered == 3)
    rig.engine.dropDelivered(
      .outOfSequence, packets: 3, packet: third.span, on: PortID(rawValue: 0), from: Self.sender,
      now: rig.now)
    #expect(rig.counters(0).delivered == 0)
    #expect(rig.counters(0).ingressDrops(.outOfSequence) == 3)
    #expect(rig.dropCount == 1)
    #expect(rig.recentDrop()?.firstBytes.array == third)
  }
}
