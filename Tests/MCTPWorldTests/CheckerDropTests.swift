import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

@Suite("Which drops the checker believes")
struct CheckerDropTests {
  /// Whether the drop of one packet that came at port a is a violation.
  private func isFound(
    _ bytes: [UInt8], _ reason: DropReason, from address: UInt8 = 0x31,
    _ prepare: (Played) -> Void = { _ in }
  ) throws -> Bool {
    let world = try Played()
    prepare(world)
    world.took(bytes, from: address, .dropped(reason))
    if let found = world.found { try #require(found == "drop") }
    return world.found != nil
  }

  @Test("Reasons of the header need their cause")
  func header() throws {
    let good = packet(32, to: 40)
    for reason in [
      .packetTooShort, .headerVersion, .sourceEIDIllegal, .destinationEIDIllegal,
    ] as [DropReason] {
      #expect(try isFound(good, reason), "\(reason)")
    }
    #expect(try !isFound([1, 40, 32], .packetTooShort))
    #expect(try !isFound([1, 40, 32, 0xC8], .packetTooShort))
    #expect(try !isFound([2] + good.dropFirst(), .headerVersion))
    #expect(try !isFound(packet(0xFF, to: 40), .sourceEIDIllegal))
    #expect(try !isFound(packet(5, to: 40), .sourceEIDIllegal))
    #expect(try !isFound(packet(32, to: 7), .destinationEIDIllegal))
    // Another reason than the one that is there.
    #expect(try isFound(packet(32, to: 7), .destinationUnroutable))
  }

  @Test("What has a way is not unroutable, from itself or from nobody")
  func ways() throws {
    let good = packet(32, to: 40)
    for reason in [
      .destinationUnroutable, .nullSourceNotBridged, .sourceNotBehindPort, .sourceIsSelf,
      .nextHopIsSender, .transmissionUnitExceeded, .portDown, .controlMalformed,
      .messageTypeUnsupported, .retriesExhausted, .outOfSequence, .noise,
    ] as [DropReason] {
      #expect(try isFound(good, reason), "\(reason)")
    }
    #expect(try !isFound(packet(32, to: 50), .destinationUnroutable))
    #expect(try !isFound(packet(0, to: 40), .nullSourceNotBridged))
    #expect(try !isFound(packet(33, to: 40), .sourceNotBehindPort))
    #expect(try !isFound(packet(8, to: 40), .sourceIsSelf))
    #expect(try !isFound(packet(32, to: 32), .nextHopIsSender))
    #expect(try isFound(packet(32, to: 32), .nextHopIsSender, from: 0x30))
    #expect(try !isFound(packet(32, to: 40, byteCount: 69), .transmissionUnitExceeded))
    #expect(try isFound(packet(32, to: 40, byteCount: 68), .transmissionUnitExceeded))
    let down: (Played) -> Void = {
      $0.checker.portChanged(isUp: false, router: 0, port: PortID(rawValue: 1))
    }
    #expect(try !isFound(good, .portDown, down))
    let otherDown: (Played) -> Void = {
      $0.checker.portChanged(isUp: false, router: 0, port: PortID(rawValue: 2))
    }
    #expect(try isFound(good, .portDown, otherDown))
  }

  @Test("What is for the router is taken", arguments: [0, 8, 0xFF] as [UInt8])
  func own(destination: UInt8) throws {
    let request: [UInt8] = [1, destination, 32, 0xC8, 0, 0x80, 0x02]
    for reason in [
      .destinationUnroutable, .controlMalformed, .messageTypeUnsupported, .sourceNotBehindPort,
      .egressQueueFull,
    ] as [DropReason] {
      #expect(try isFound(request, reason), "\(reason)")
    }
    // TO and Rq do not fit together; an integrity check; more than one packet.
    #expect(try !isFound([1, destination, 32, 0xC0, 0, 0x80, 0x02], .controlMalformed))
    #expect(try !isFound([1, destination, 32, 0xC8, 0x80, 0x80, 0x02], .controlMalformed))
    #expect(try !isFound([1, destination, 32, 0x88, 0, 0x80, 0x02], .controlMalformed))
    #expect(try !isFound(packet(32, to: destination), .messageTypeUnsupported))
  }

  @Test("What is for another is not taken by the router")
  func taken() throws {
    for disposition in [.answered, .deliver] as [Disposition] {
      let world = try Played()
      world.took([1, 40, 32, 0xC8, 0, 0x80, 0x02], disposition)
      #expect(world.found == "drop", "\(disposition)")
    }
    let world = try Played()
    world.took(packet(32, to: 8), .deliver)
    #expect(world.found == "drop")
    let fragment = try Played()
    fragment.took([1, 8, 32, 0x18, 1, 2], .deliver)
    #expect(fragment.found == nil)
  }

  @Test("A full queue holds as many packets as may wait")
  func full() throws {
    // Port b may hold eight.
    for count in [7, 8] {
      let world = try Played()
      for number in 0..<UInt8(count) {
        world.forwarded(packet(32, to: 40, number: number), to: 1)
      }
      world.took(packet(32, to: 40, number: 0x77), .dropped(.egressQueueFull))
      for number in 0..<UInt8(count) {
        world.sends(packet(32, to: 40, number: number), on: 1, to: 0x41)
      }
      #expect(world.found == nil)
      world.forwarded(packet(32, to: 40, number: 0x78), to: 1)
      world.sends(packet(32, to: 40, number: 0x78), on: 1, to: 0x41)
      #expect(world.found == (count < 8 ? "drop" : nil), "\(count)")
    }
    // The eighth was the router's own, and shows when it leaves.
    let world = try Played()
    for number in 0..<7 as Range<UInt8> {
      world.forwarded(packet(32, to: 40, number: number), to: 1)
    }
    world.took(packet(32, to: 40, number: 0x77), .dropped(.egressQueueFull))
    world.sends(packet(32, to: 40, number: 0), on: 1, to: 0x41)
    world.forwarded(packet(32, to: 40, number: 0x78), to: 1)
    for number in 1..<7 as Range<UInt8> {
      world.sends(packet(32, to: 40, number: number), on: 1, to: 0x41)
    }
    world.sends([1, 0, 9, 0xC8, 0, 0x80, 0x02], on: 1, to: 0x41)
    world.sends(packet(32, to: 40, number: 0x78), on: 1, to: 0x41)
    #expect(world.found == nil)
  }
}
