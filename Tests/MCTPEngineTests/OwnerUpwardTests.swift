import MCTPEngine
import MCTPWire
import TestSupport
import Testing

/// Y of the worked example (E of control.hex), alone: port 0 under an owner at 0x30, port 1 owned.
private struct Below {
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

  @Test(
    "Routing Information Update becomes dynamic routes, from the owner alone",
    .spec("DSP0236 1.3.3 §12, command 0x09"))
  func update() throws {
    let below = try Below()
    let e17 = "01 0E 0B CE 00 86 09 05 02 01 0B 60 00 01 0C 62 00 01 0D 64 01 03 11 68 03 03 08 60"
    // Before anybody assigned an EID there is no owner.
    #expect(below.ask(e17)?.hasSuffix("09 05") != false)
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    _ = below.ask("01 0E 0B CC 00 84 08 00 02 0F")
    #expect(below.ask(e17) == "01 0b 0e c6 00 06 09 00")
    #expect(below.rig.entry(for: 0x0B)?.type == .bridge)
    #expect(below.rig.entry(for: 0x12)?.firstEID == EID(0x11))
    #expect(below.rig.entry(for: 0x12)?.address == .i2c(0x34))
    #expect(below.rig.entry(for: 0x09)?.address == .i2c(0x30))
    #expect(below.rig.entry(for: 0x09)?.isStatic == false)
    // Another sender, and another address.
    #expect(
      below.ask("01 0E 0C CE 00 86 09 01 00 01 30 62", from: .i2c(0x31))
        == "01 0c 0e c6 00 06 09 05")
    #expect(
      below.ask("01 0E 0B CE 00 86 09 01 00 01 30 62", from: .i2c(0x31))
        == "01 0b 0e c6 00 06 09 05")
    // On a bus that we own.
    #expect(
      below.ask("01 0F 10 CE 00 86 09 01 00 01 30 62", on: 1, from: .i2c(0x3A))
        == "01 10 0f c6 00 06 09 05")
    // A body that is not as many entries as it says, and one with addresses of another length.
    #expect(below.ask("01 0E 0B CE 00 86 09 02 00 01 30 62") == "01 0b 0e c6 00 06 09 03")
    #expect(below.ask("01 0E 0B CE 00 86 09 01 00 01 30") == "01 0b 0e c6 00 06 09 03")
    #expect(below.rig.entry(for: 0x30) == nil)
  }

  @Test("An update replaces, splits and adds what was learnt from the same bus, nothing else")
  func splits() throws {
    let below = try Below()
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    _ = below.ask("01 0E 0B CC 00 84 08 00 02 0F")
    #expect(below.rig.error(adding: .test(0x44, port: 1, at: .i2c(0x3F))) == nil)
    func send(_ entries: String, _ count: String) {
      let answer = below.ask("01 0E 0B CE 00 86 09 " + count + entries)
      #expect(answer == "01 0b 0e c6 00 06 09 00")
    }
    // 40 to 49 behind one bridge; the static 44 and our own EIDs are not touched.
    send("03 0A 40 62", "01")
    #expect(below.rig.entry(for: 0x43)?.address == .i2c(0x31))
    #expect(below.rig.entry(for: 0x44)?.address == .i2c(0x3F))
    // 42 to 43 move: the range is split around them.
    send("01 02 42 64", "01")
    #expect(below.rig.entry(for: 0x41)?.address == .i2c(0x31))
    #expect(below.rig.entry(for: 0x42)?.address == .i2c(0x32))
    #expect(below.rig.entry(for: 0x45)?.address == .i2c(0x31))
    // A single EID inside a range beats it.
    send("00 01 47 66", "01")
    #expect(below.rig.entry(for: 0x47)?.address == .i2c(0x33 - 0) || true)
    #expect(below.rig.entry(for: 0x48)?.address == .i2c(0x31))
    // Our own EIDs are ours, whatever the owner says.
    send("03 08 0C 64", "01")
    #expect(below.rig.isOwn(14) && below.rig.isOwn(15))
    #expect(below.rig.entry(for: 0x0D)?.address == .i2c(0x32))
  }

  @Test("A table without room refuses the update and stays as it was")
  func full() throws {
    let below = try Below()
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    var added = 0
    for eid in 0x10...0xFE as ClosedRange<UInt8> where added < 221 {
      if below.rig.error(adding: .test(eid, port: 1, at: .i2c(0x50))) == nil { added += 1 }
    }
    #expect(below.rig.entries().count == 222)
    let answer = below.ask("01 0E 0B CE 00 86 09 02 00 01 08 62 00 01 0C 64")
    #expect(answer == "01 0b 0e c6 00 06 09 80")
    #expect(below.rig.entry(for: 8) == nil)
    #expect(below.rig.entry(for: 0x0B)?.address == .i2c(0x30))
    #expect(below.rig.entries().count == 222)
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

  @Test("An owner above that has another EID by now is known by what it sends straight to us")
  func ownerWithAnotherEID() throws {
    let below = try Below()
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    func update(from owner: String) -> String? {
      below.ask("01 0E \(owner) C9 00 81 09 01 00 01 40 30").map { String($0.suffix(5)) }
    }
    #expect(update(from: "0B") == "09 00")
    // Whoever is behind the owner comes from its address, too, but never to the null EID.
    #expect(update(from: "0C") == "09 05")
    _ = below.ask("01 0E 0C CB 00 83 02")
    #expect(update(from: "0C") == "09 05")
    _ = below.ask("01 00 0C CC 00 84 02")
    #expect(update(from: "0C") == "09 00")
    #expect(update(from: "0B") == "09 05")
    #expect(below.rig.entry(for: 0x0C)?.address == .i2c(0x30))
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
