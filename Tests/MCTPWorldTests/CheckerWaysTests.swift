import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

@Suite("Where the checker says that packets go")
struct CheckerWaysTests {
  @Test("A static route is followed, port and next hop")
  func fixed() throws {
    let right = try Played()
    right.forwarded(packet(32, to: 40), to: 1)
    right.sends(packet(32, to: 40), on: 1, to: 0x41)
    #expect(right.found == nil)

    let otherPort = try Played()
    otherPort.forwarded(packet(32, to: 40), to: 0)
    #expect(otherPort.found == "routing")

    let otherAddress = try Played()
    otherAddress.forwarded(packet(32, to: 40), to: 1)
    otherAddress.sends(packet(32, to: 40), on: 1, to: 0x42)
    #expect(otherAddress.found == "routing")
    #expect(
      otherAddress.checker.violation?.text
        == "bridge port b: a packet to EID 40 leaves for 0x42, and EID 40 was at 0x41")
  }

  @Test("A device that took its EID is where it took it")
  func assigned() throws {
    let world = try Played()
    world.assign(20, to: 0x33)
    world.forwarded(packet(40, to: 20), on: 1, from: 0x41, to: 0)
    world.sends(packet(40, to: 20), to: 0x33)
    #expect(world.found == nil)
    world.forwarded(packet(40, to: 20), on: 1, from: 0x41, to: 1)
    #expect(world.found == "routing")
  }

  @Test("A packet to somewhere that nothing speaks for is found in the end, and not before")
  func unknown() throws {
    let world = try Played()
    world.forwarded(packet(32, to: 50), to: 1)
    world.sends(packet(32, to: 50), on: 1, to: 0x55)
    world.checker.settleSuspicions(0)
    #expect(world.found == nil)
    world.settle()
    #expect(world.found == "routing")

    let told = try Played()
    told.forwarded(packet(32, to: 50), to: 1)
    told.sends(packet(32, to: 50), on: 1, to: 0x55)
    told.assign(50, on: 1, to: 0x55)
    told.settle()
    #expect(told.found == nil)
  }

  @Test("A packet that goes back where it came from is found")
  func back() throws {
    let world = try Played()
    world.assign(20, to: 0x33)
    world.forwarded(packet(20, to: 32), from: 0x33, to: 0)
    world.sends(packet(20, to: 32), to: 0x31)
    #expect(world.found == nil)
    world.forwarded(packet(20, to: 20), from: 0x33, to: 0)
    world.sends(packet(20, to: 20), to: 0x33)
    #expect(world.found == "routing")
  }

  @Test("A packet above what its path takes is found", arguments: [68, 69])
  func unit(byteCount: Int) throws {
    let text = Played.topologyText.replacing("queue: 8", with: "queue: 8, transmission-unit: 128")
    let world = try Played(text)
    world.forwarded(packet(32, to: 40, byteCount: byteCount), to: 1)
    #expect(world.found == (byteCount > 68 ? "routing" : nil))
  }

  @Test("A source that was never behind a strict port is found")
  func source() throws {
    let world = try Played()
    world.forwarded(packet(33, to: 40), to: 1)
    world.settle()
    #expect(world.found == "source")
    let other = try Played()
    other.forwarded(packet(40, to: 32), on: 0, to: 0)
    #expect(other.found == "source")
    let loose = try Played(
      Played.topologyText.replacing("queue: 4", with: "queue: 4, source-check: loose"))
    loose.forwarded(packet(40, to: 40), on: 0, to: 1)
    #expect(loose.found == nil)
    loose.forwarded(packet(33, to: 40), on: 0, to: 1)
    loose.settle()
    #expect(loose.found == "source")
  }

  @Test("Doubt ends what must be, not what may be")
  func doubt() throws {
    let world = try Played()
    world.assign(20, to: 0x33)
    world.took(packet(40, to: 20), on: 1, from: 0x41, .dropped(.destinationUnroutable))
    #expect(world.found == "drop")

    let asked = try Played()
    asked.assign(20, to: 0x33)
    let request: [UInt8] = [1, 0, 8, 0xC9, 0, 0x81, 0x02]
    asked.sends(request, to: 0x33)
    asked.go(to: 330)
    asked.sends(request, to: 0x33)
    asked.took(packet(40, to: 20), on: 1, from: 0x41, .dropped(.destinationUnroutable))
    asked.forwarded(packet(40, to: 20), on: 1, from: 0x41, to: 0)
    #expect(asked.found == nil)
  }

  @Test("An answer in time makes certain, one that is late ends it", arguments: [250, 251])
  func late(ms: UInt32) throws {
    let world = try Played()
    world.assign(20, to: 0x33)
    world.go(to: 1000)
    world.sends([1, 0, 8, 0xC9, 0, 0x81, 0x02], to: 0x33)
    world.go(to: 1000 + ms)
    world.took([1, 8, 20, 0xC1, 0, 1, 0x02, 0, 20, 0, 0], from: 0x33, .answered)
    world.took(packet(40, to: 20), on: 1, from: 0x41, .dropped(.destinationUnroutable))
    #expect(world.found == (ms == 250 ? "drop" : nil))
  }
}
