import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Under an owner above", .spec("DSP0236 1.3.3 §9"))
struct OwnerUpwardTests {
  @Test("The answer to Set Endpoint ID asks for a pool as large as what is below needs")
  func announces() throws {
    // E9 and E10 of control.hex: the own EID on bus 3, and E.
    var answer = try Below().ask("01 00 0B CA 00 82 01 00 0E")
    #expect(answer == "01 0b 0e c2 00 02 01 00 01 0e 02")
    // One EID for all ports: only E.
    answer = try Below(policy: .single).ask("01 00 0B CA 00 82 01 00 0E")
    #expect(answer == "01 0b 0e c2 00 02 01 00 01 0e 01")
    // A bridge below with three of its own, and another device.
    answer = try Below(listed: [
      ListedDevice(address: .i2c(0x3A), poolSizeExpected: 3), ListedDevice(address: .i2c(0x3B)),
    ]).ask("01 00 0B CA 00 82 01 00 0E")
    #expect(answer == "01 0b 0e c2 00 02 01 00 01 0e 06")
    // Nothing below.
    answer = try Below(listed: [], policy: .single).ask("01 00 0B CA 00 82 01 00 0E")
    #expect(answer == "01 0b 0e c2 00 02 01 00 00 0e 00")
  }

  @Test("The pool is taken, the owned port gets its EID out of it, and it is told when asked")
  func takes() throws {
    let below = try Below()
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    // E13 and E14 of control.hex.
    var answer = below.ask("01 0E 0B CC 00 84 08 00 02 0F")
    #expect(answer == "01 0b 0e c4 00 04 08 00 00 02 0f")
    #expect(below.rig.ownEID(1) == EID(15))
    #expect(below.rig.engine.ownPool() == EIDRange(EID(15), through: EID(16)))
    answer = below.ask("01 0E 0B CA 00 85 08 02 00 00")
    #expect(answer == "01 0b 0e c2 00 05 08 00 00 02 0f")
    // Set Endpoint ID once more: status 10b, the size as before.
    answer = below.ask("01 00 0B CA 00 86 01 00 0E")
    #expect(answer == "01 0b 0e c2 00 06 01 00 02 0e 02")
    let events = below.rig.ownerEvents
    #expect(
      events.contains(.ownPoolChanged(network: 1, first: EID(15), count: 2, asked: 2)))
  }

  @Test(
    "Allocate Endpoint IDs: what is refused, and how", .spec("DSP0236 1.3.3 §12, command 0x08"))
  func refusals() throws {
    let below = try Below(secondUpstream: true)
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    // More than announced, EIDs that cannot be assigned, its own EID, a reserved operation.
    for data in ["00 03 0F", "00 02 FE", "00 02 00", "00 02 0E", "03 02 0F"] {
      let answer = below.ask("01 0E 0B CC 00 84 08 " + data)
      #expect(answer == "01 0b 0e c4 00 04 08 02", "\(data)")
    }
    #expect(below.ask("01 0E 0B CC 00 84 08 00 02") == "01 0b 0e c4 00 04 08 03")
    // Nothing allocated yet.
    #expect(below.ask("01 0E 0B CA 00 85 08 02 00 00") == "01 0b 0e c2 00 05 08 00 00 00 00")
    _ = below.ask("01 0E 0B CC 00 84 08 00 02 0F")
    // The same once more is no change; another one while the first is in use is rejected, with
    // SUCCESS, status 01b and what is held.
    #expect(below.ask("01 0E 0B CC 00 84 08 00 02 0F") == "01 0b 0e c4 00 04 08 00 00 02 0f")
    #expect(below.ask("01 0E 0B CC 00 84 08 00 02 20") == "01 0b 0e c4 00 04 08 00 01 02 0f")
    // A second owner, on another bus, is rejected too; it can learn the range from that.
    _ = below.ask("01 00 0C CA 00 82 01 00 40", on: 2, from: .i2c(0x20))
    #expect(
      below.ask("01 40 0C CC 00 84 08 00 02 41", on: 2, from: .i2c(0x20))
        == "01 0c 40 c4 00 04 08 00 01 02 0f")
    // By force it is taken, and the owned port moves along.
    #expect(below.ask("01 0E 0B CC 00 84 08 01 02 20") == "01 0b 0e c4 00 04 08 00 00 02 20")
    #expect(below.rig.ownEID(1) == EID(0x20))
    // Count 0 takes it away.
    #expect(below.ask("01 0E 0B CC 00 84 08 01 00 00") == "01 0b 0e c4 00 04 08 00 00 00 00")
    #expect(below.rig.ownEID(1) == .null)
  }

  @Test("On an owned port, and on a router that owns nothing, Allocate is not supported")
  func unsupported() throws {
    let below = try Below()
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    _ = below.ask("01 0E 0B CC 00 84 08 00 02 0F")
    let answer = below.ask("01 0F 10 CC 00 84 08 00 02 0F", on: 1, from: .i2c(0x3A))
    #expect(answer == "01 10 0f c4 00 04 08 05")
    let plain = try Rig(EngineConfiguration(ports: [.test(0, role: .endpoint, eid: 14)]))
    let refused = plain.ask(hex("01 0E 0B CC 00 84 08 00 02 0F"))
    #expect(refused == hex("01 0B 0E C4 00 04 08 05"))
  }

  @Test("When more is needed than was announced, Discovery Notify goes to the owner")
  func notifies() throws {
    for notifies in [true, false] {
      let below = try Below(notifies: notifies)
      _ = below.ask("01 00 0B CA 00 82 01 00 0E")
      _ = below.rig.drain(0)
      below.rig.engine.deviceAppeared(
        on: PortID(rawValue: 1), at: .i2c(0x41), now: below.rig.now)
      _ = below.rig.receive(hex("01 00 00 C8 00 80 0D"), on: 1, from: .i2c(0x41))
      below.rig.advance(to: Instant(nanoseconds: 500_000_000))
      let sent = below.rig.drain(0)
      // Not known by answers yet: a device that only notified is there all the same.
      #expect(
        sent.map { hexText($0.bytes) }
          == (notifies ? ["01 00 0e c8 00 80 0d"] : []))
    }
  }

  @Test("The owner above is heard though it has our EID by now, so that we get another")
  func hearsWhoHasOurEID() throws {
    let below = try Below()
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    #expect(below.rig.ownEID(0) == EID(14))
    // Get Endpoint ID and Set Endpoint ID from EID 14, to the null EID.
    let answer = try #require(below.ask("01 00 0E C9 00 81 02"))
    #expect(answer.hasPrefix("01 0e 0e c1 00 01 02 00 0e"))
    let given = try #require(below.ask("01 00 0E CB 00 83 01 00 0F"))
    #expect(given.hasPrefix("01 0e 0f") && given.contains("01 00 01 0f"))
    #expect(below.rig.ownEID(0) == EID(15))
    // Anything else with our EID is nobody's: to an EID, no request, on a bus of our own.
    for (bytes, port) in [
      ("01 0F 0F C9 00 81 02", UInt8(0)), ("01 00 0F C1 00 01 02 00 0F 00 00", 0),
      ("01 00 0F 89 00 81 02", 0), ("01 00 0F C9 7E 12 34", 0), ("01 00 0F C9 00 81 02", 1),
    ] {
      #expect(
        below.rig.receive(hex(bytes), on: port, from: .i2c(0x30)) == .dropped(.sourceIsSelf),
        "\(bytes) on \(port)")
    }
  }

  @Test("While the port upward is down nothing of that is due; it goes out when the port is back")
  func waitsForThePort() throws {
    let below = try Below(notifies: true)
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    _ = below.rig.drain(0)
    below.rig.engine.deviceAppeared(on: PortID(rawValue: 1), at: .i2c(0x41), now: below.rig.now)
    _ = below.rig.receive(hex("01 00 00 C8 00 80 0D"), on: 1, from: .i2c(0x41))
    below.rig.setUp(0, false)
    for ms in stride(from: UInt64(100), through: 30_000, by: 100) {
      below.rig.advance(to: Instant(nanoseconds: ms * 1_000_000))
      #expect(below.rig.nextDeadline.map { $0 > below.rig.now } ?? true)
    }
    #expect(below.rig.drain(0).isEmpty)
    below.rig.setUp(0, true)
    below.rig.advance(to: below.rig.now.advanced(byMs: 500))
    #expect(below.rig.drain(0).first.map { hexText($0.bytes) } == "01 00 0e c8 00 80 0d")
  }
}
