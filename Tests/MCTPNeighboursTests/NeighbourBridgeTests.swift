import MCTPNeighbours
import TestSupport
import Testing

/// Addresses and EIDs are those of the worked example of DSP0236: bridge Y at 0x33, 14, pool 15-16;
/// the owner X at 0x30, 11.
@Suite("Bridges of another make", .spec("DSP0236 1.3.3 §12"))
struct NeighbourBridgeTests {
  private func assigned(children: Int = 2, habits: NeighbourHabits = .plain) -> Neighbour {
    let bridge = Bench.bridge(children: children, habits: habits)
    _ = bridge.hear("01 00 0B CA 00 82 01 00 0E", from: 0x30)
    _ = bridge.hear("01 0E 0B CC 00 84 08 00 02 0F", from: 0x30)
    return bridge
  }

  @Test("The worked example, rows 9 to 18, and what may be asked afterwards")
  func workedExample() {
    let bridge = Bench.bridge(children: 2)
    #expect(
      bridge.hear("01 00 0B CA 00 82 01 00 0E", from: 0x30) == [
        hex("01 0B 0E C2 00 02 01 00 01 0E 02")
      ])
    #expect(bridge.children.map(\.eid) == [0, 0])
    #expect(
      bridge.hear("01 0E 0B CC 00 84 08 00 02 0F", from: 0x30) == [
        hex("01 0B 0E C4 00 04 08 00 00 02 0F")
      ])
    #expect(bridge.children.map(\.eid) == [15, 16])
    let update =
      "01 0E 0B CE 00 86 09 05 02 01 0B 60 00 01 0C 62 00 01 0D 64 01 03 11 68 03 03 08 60"
    #expect(bridge.hear(update, from: 0x30) == [hex("01 0B 0E C6 00 06 09 00")])
    let hop = bridge.hear("01 0E 0B C8 00 87 0F 10 00", from: 0x30)
    #expect(hop == [hex("01 0B 0E C0 00 07 0F 00 10 00 00 00 00 00")])
    let local = bridge.hear("01 0E 0B C8 00 88 0F 0D 00", from: 0x30)
    #expect(local == [hex("01 0B 0E C0 00 08 0F 00 00 00 00 00 00 00")])
    let direct = bridge.hear("01 0E 0B C8 00 89 07 0D", from: 0x30)
    #expect(direct == [hex("01 0B 0E C0 00 09 07 00 0D 64")])
    let own = bridge.hear("01 0E 0B C8 00 8A 07 10", from: 0x30)
    #expect(own == [hex("01 0B 0E C0 00 0A 07 00 0E 66")])
    #expect(bridge.hear("01 0E 0B C8 00 8B 07 77", from: 0x30) == [hex("01 0B 0E C0 00 0B 07 02")])
    #expect(bridge.allComplaints() == [])
  }

  @Test("The frame of the worked example reaches the child, and the child's answer leaves by it")
  func forwarding() {
    let bridge = assigned()
    let read = NeighbourSMBus.packet(
      hex("66 0F 09 61 01 10 09 CB 01 80 00 02 C2"), own: 0x33)
    #expect(read?.source == 0x30)
    bridge.receive(read?.packet ?? [], from: read?.source, now: 0)
    let echo = bridge.children[1].nextEcho()
    #expect(echo?.body == hex("01 80 00 02") && echo?.source == 9)
    let out = bridge.nextPacket(now: 0)
    #expect(out?.packet == hex("01 09 10 C3 01 80 00 02"))
    #expect(out?.to == 0x30)
    #expect(bridge.nextPacket(now: 0) == nil)
  }

  @Test("It announces itself as a bridge, and after a pool that one is there")
  func endpointID() {
    let bridge = assigned()
    #expect(bridge.ask("00 91 02", from: 0x30) == [hex("00 11 02 00 0E 10 00")])
    #expect(bridge.ask("00 92 01 00 0E", from: 0x30) == [hex("00 12 01 00 02 0E 02")])
  }

  @Test("Operations of Allocate: information, force, taking away, none, too much, impossible")
  func allocate() {
    let bridge = Bench.bridge(children: 4)
    _ = bridge.hear("01 00 28 C8 00 80 01 00 1E", from: 0x30)
    #expect(
      bridge.hear("01 1E 28 CA 00 85 08 02 00 00", from: 0x30) == [
        hex("01 28 1E C2 00 05 08 00 00 00 00")
      ])
    #expect(
      bridge.hear("01 1E 28 C9 00 84 08 01 04 1F", from: 0x30) == [
        hex("01 28 1E C1 00 04 08 00 00 04 1F")
      ])
    #expect(bridge.children.map(\.eid) == [31, 32, 33, 34])
    #expect(
      bridge.hear("01 1E 28 CA 00 86 08 02 00 00", from: 0x30) == [
        hex("01 28 1E C2 00 06 08 00 00 04 1F")
      ])
    #expect(bridge.ask("00 87 08 03 00 00", from: 0x30) == [hex("00 07 08 02")])
    #expect(bridge.ask("00 88 08 00 05 1F", from: 0x30) == [hex("00 08 08 02")])
    #expect(bridge.ask("00 89 08 00 02 07", from: 0x30) == [hex("00 09 08 02")])
    #expect(bridge.ask("00 8A 08 00 04 FC", from: 0x30) == [hex("00 0A 08 02")])
    #expect(bridge.children.map(\.eid) == [31, 32, 33, 34])
    #expect(bridge.ask("00 8B 08 00 02 3C", from: 0x30) == [hex("00 0B 08 00 00 02 3C")])
    #expect(bridge.children.map(\.eid) == [60, 61, 0, 0])
    #expect(bridge.ask("00 8C 08 01 00 00", from: 0x30) == [hex("00 0C 08 00 00 00 00")])
    #expect(bridge.children.map(\.eid) == [0, 0, 0, 0])
  }

  @Test("A rejected Set Endpoint ID is a success with the present EID and the pool that is there")
  func rejected() {
    let bridge = Bench.bridge(children: 16)
    _ = bridge.hear("01 00 28 C8 00 81 01 00 1E", from: 0x30)
    _ = bridge.hear("01 1E 28 C8 00 82 08 00 10 1F", from: 0x30)
    bridge.habits.keepsStaticEID = true
    #expect(
      bridge.hear("01 00 28 C8 00 83 01 00 32", from: 0x30) == [
        hex("01 28 1E C0 00 03 01 00 12 1E 10")
      ])
    #expect(bridge.eid == 30)
  }

  @Test("A child with a static EID keeps it and takes none of the pool")
  func staticChild() {
    let bridge = Bench.bridge(children: 1, staticEIDs: [200])
    #expect(bridge.children.map(\.eid) == [0, 200])
    let answer = bridge.hear("01 00 0B C8 00 80 01 00 0E", from: 0x30)
    #expect(answer == [hex("01 0B 0E C0 00 00 01 00 01 0E 01")])
    _ = bridge.ask("00 81 08 01 01 0F", from: 0x30)
    #expect(bridge.children.map(\.eid) == [15, 200])
    bridge.restart(now: 1)
    #expect(bridge.children.map(\.eid) == [0, 200])
    #expect(Bench.bridge(children: 0).ask("00 80 01 00 0E") == [hex("00 00 01 00 00 0E 00")])
  }

  @Test("Its table: pages of eight, bridge first; a page beyond the end is refused")
  func table() {
    let bridge = Bench.bridge(children: 9)
    _ = bridge.hear("01 00 0B C8 00 80 01 00 0E", from: 0x30)
    _ = bridge.ask("00 81 08 00 09 0F", from: 0x30)
    let first = bridge.ask("00 82 0A 00", from: 0x30)[0]
    #expect(first.count == 62)
    let start = hex("00 02 0A 00 08 08 01 0E 80 01 04 01 66 01 0F 01 01 04 01 40")
    #expect(Array(first.prefix(20)) == start)
    #expect(
      bridge.ask("00 83 0A 08", from: 0x30) == [
        hex("00 03 0A 00 FF 02 01 16 01 01 04 01 4E 01 17 01 01 04 01 50")
      ])
    #expect(bridge.ask("00 84 0A 0A", from: 0x30) == [hex("00 04 0A 02")])
  }

  @Test("Forms of the table")
  func tableForms() {
    func table(_ form: NeighbourHabits.TableForm) -> [UInt8] {
      var habits = NeighbourHabits()
      habits.tableForm = form
      return assigned(habits: habits).ask("00 90 0A 00", from: 0x30)[0]
    }
    #expect(table(.poolRange) == hex("00 10 0A 00 FF 02 01 0E 80 01 04 01 66 02 0F C1 01 04 00"))
    #expect(table(.bridgeRange) == hex("00 10 0A 00 FF 01 03 0E 40 01 04 01 66"))
    #expect(table(.bridgeOnly) == hex("00 10 0A 00 FF 01 01 0E 80 01 04 01 66"))
    #expect(table(.none) == hex("00 10 0A 00 FF 00"))
    #expect(table(.refused(4)) == hex("00 10 0A 04"))
  }

  @Test("A routing update that does not parse into its entries is refused and changes nothing")
  func updates() {
    let bridge = assigned()
    for text in ["09", "09 02 02 01 0B 60", "09 01 02 01 0B", "09 01 02 01 0B 60 00", "09 00 00"] {
      #expect(bridge.ask("00 8F" + text, from: 0x30) == [hex("00 0F 09 03")])
    }
    #expect(bridge.ask("00 90 09 00", from: 0x30) == [hex("00 10 09 00")])
    #expect(bridge.ask("00 91 07 0B", from: 0x30) == [hex("00 11 07 02")])
    _ = bridge.ask("00 92 09 01 03 03 50 60", from: 0x30)
    #expect(bridge.ask("00 93 0F 52 00", from: 0x30) == [hex("00 13 0F 00 00 00 00 00 00 00")])
  }

  @Test("What is for another child stays inside; null and broadcast of a child leave nowhere")
  func inside() {
    let bridge = assigned()
    let ticket = bridge.children[0].request([1, 2, 3], to: 16, timeoutMs: 100, now: 0)
    #expect(ticket != nil)
    #expect(bridge.drain().isEmpty)
    #expect(bridge.children[1].nextEcho()?.body == [1, 2, 3])
    #expect(
      bridge.children[0].nextOutcome() == .answered(ticket ?? 0, by: 16, body: [1, 2, 3]))
    bridge.children[0].send(packet: hex("01 00 0F C8 00 80 02"), to: nil)
    bridge.children[0].send(packet: hex("01 FF 0F C8 00 80 02"), to: nil)
    #expect(bridge.drain().isEmpty)
    let toBridge = bridge.children[0].request(hex("00 9F 02"), to: 14, timeoutMs: 100, now: 0)
    #expect(bridge.drain().isEmpty)
    #expect(
      bridge.children[0].nextOutcome()
        == .answered(toBridge ?? 0, by: 14, body: hex("00 1F 02 00 0E 10 00")))
  }

  @Test("A restart takes pool and EIDs, unless it keeps them")
  func restart() {
    let bridge = assigned()
    bridge.restart(now: 1)
    #expect(bridge.eid == 0 && bridge.children.map(\.eid) == [0, 0])
    #expect(bridge.ask("00 80 08 02 00 00", from: 0x30, at: 1) == [hex("00 00 08 00 00 00 00")])
    var habits = NeighbourHabits()
    habits.keepsEIDOverRestart = true
    habits.keepsPoolOverRestart = true
    let keeper = assigned(habits: habits)
    keeper.restart(now: 1)
    #expect(keeper.eid == 14 && keeper.children.map(\.eid) == [15, 16])
    #expect(keeper.ask("00 80 08 02 00 00", from: 0x30, at: 1) == [hex("00 00 08 00 00 02 0F")])
  }

  @Test("While it settles its children have no EID and say nothing")
  func settles() {
    var habits = NeighbourHabits()
    habits.settlesMs = 4_000
    let bridge = assigned(habits: habits)
    #expect(bridge.children.map(\.eid) == [0, 0])
    #expect(bridge.hear("01 10 09 CB 01 80", from: 0x30).isEmpty)
    #expect(bridge.nextDeadline == 4 * Bench.second)
    #expect(bridge.ask("00 90 0A 00", from: 0x30)[0].count == 13)
    bridge.advance(to: 4 * Bench.second)
    #expect(bridge.children.map(\.eid) == [15, 16])
  }
}
