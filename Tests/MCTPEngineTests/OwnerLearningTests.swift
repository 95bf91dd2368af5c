import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("What an owner above tells", .spec("DSP0236 1.3.3 §12, command 0x09"))
struct OwnerLearningTests {
  @Test(
    "Routing Information Update becomes dynamic routes, from the owner alone",
    .spec("DSP0236 1.3.3 §12, command 0x09"))
  func update() throws {
    let below = try Below()
    let e17 = "01 0E 0B CE 00 86 09 05 02 01 0B 60 00 01 0C 62 00 01 0D 64 01 03 11 68 03 03 08 60"
    // Before anybody assigned an EID there is no owner.
    #expect(below.ask(e17) == nil)
    #expect(below.ask("01 00" + e17.dropFirst(5)) == "01 0b 00 c6 00 06 09 05")
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
    send("00 01 47 68", "01")
    #expect(below.rig.entry(for: 0x47)?.address == .i2c(0x34))
    #expect(below.rig.entry(for: 0x46)?.address == .i2c(0x31))
    #expect(below.rig.entry(for: 0x48)?.address == .i2c(0x31))
    // What leads to our own address is known better here.
    send("00 01 4A 66", "01")
    #expect(below.rig.entry(for: 0x4A) == nil)
    // Our own EIDs are ours, and so is the rest of our pool, whatever the owner says.
    send("03 08 0C 64", "01")
    #expect(below.rig.isOwn(14) && below.rig.isOwn(15))
    #expect(below.rig.entry(for: 0x0D)?.address == .i2c(0x32))
    #expect(below.rig.entry(for: 0x10) == nil)
    #expect(below.rig.entry(for: 0x11)?.address == .i2c(0x32))
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

  @Test("A pool from above takes its EIDs out of what was learnt, so that devices get their routes")
  func poolOverLearnt() throws {
    let below = try Below()
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    // 0E to 15 behind one bridge, 10 by itself; then 0F and 10 are ours to give.
    let told = below.ask("01 0E 0B CE 00 86 09 02 03 08 0E 62 00 01 10 64")
    #expect(told == "01 0b 0e c6 00 06 09 00")
    #expect(below.rig.entry(for: 0x10)?.address == .i2c(0x32))
    _ = below.ask("01 0E 0B CC 00 84 08 00 02 0F")
    #expect(below.rig.isOwn(0x0F))
    #expect(below.rig.entry(for: 0x10) == nil)
    #expect(below.rig.entry(for: 0x11)?.address == .i2c(0x31))
    #expect(below.rig.entry(for: 0x15)?.address == .i2c(0x31))
  }

  @Test("An owner above with an EID out of the pool that it gave is heard, but not routed to there")
  func ownerWithAnEIDOfThePool() throws {
    let below = try Below()
    _ = below.ask("01 00 0B CA 00 82 01 00 0E")
    _ = below.ask("01 0E 0B CC 00 84 08 00 02 0F")
    let answer = try #require(below.ask("01 00 10 CA 00 85 01 00 0E"))
    #expect(answer.hasPrefix("01 10 0e c2 00 05 01 00"))
    #expect(below.rig.entry(for: 0x10) == nil)
    #expect(below.rig.entry(for: 0x0B)?.address == .i2c(0x30))
  }
}
