import BusIO
import MCTPWire
import TestSupport
import Testing

private let request = "01 20 08 c8 01 aa"
private let answer = "01 08 20 c0 01 bb"
/// A device's own request to us.
private let unasked = "01 08 20 c8 01 cc"

@Suite("The receiver that the legs of a mux tree share")
struct I2CMuxReceiverTests {
  @Test("It is open once while any leg wants it, under the token of one that does")
  func tokens() {
    let bench = MuxBench(legCount: 3)
    #expect(bench.receiver.opened == [100])
    bench.ports[1].stop()
    #expect(bench.receiver.opened == [100])
    bench.ports[0].stop()
    #expect(bench.receiver.opened == [100, 102])
    #expect(bench.receiver.isOpen)
    bench.ports[2].stop()
    #expect(!bench.receiver.isOpen)
    bench.links[1].start(now: bench.now)
    #expect(bench.receiver.opened == [100, 102, 101])
  }

  @Test("It is stopped when the last leg stops, not before, and again after a new start")
  func stops() {
    let bench = MuxBench(legCount: 3)
    bench.ports[0].stop()
    bench.ports[1].stop()
    // A leg that waits for its device has not stopped.
    bench.links[2].isPresent = false
    bench.ports[2].service(now: bench.now, sink: bench.sinks[2])
    #expect(!bench.receiver.isOpen)
    #expect(bench.receiver.stopCount == 0)
    bench.ports[2].stop()
    #expect(bench.receiver.stopCount == 1)
    bench.links[0].start(now: bench.now)
    bench.links[1].start(now: bench.now)
    bench.ports[0].stop()
    #expect(bench.receiver.stopCount == 1)
    #expect(bench.receiver.isOpen)
    bench.ports[1].stop()
    #expect(bench.receiver.stopCount == 2)
  }

  @Test("A leg that only closes, as a link with a stuck bus does, keeps it from being stopped")
  func closesOnly() {
    let bench = MuxBench(legCount: 2)
    bench.links[0].receiver.close()
    bench.ports[1].stop()
    #expect(!bench.receiver.isOpen)
    #expect(bench.receiver.stopCount == 0)
  }

  @Test("What was received before the token moves is kept")
  func keptOverMove() {
    let bench = MuxBench(legCount: 2)
    bench.send(1, request)
    _ = bench.events(1)
    bench.receiver.frames = [smbusFrame(hex(answer), to: 0x10, from: 0x1D)]
    bench.ports[0].stop()
    bench.turn()
    #expect(bench.events(1) == ["packet 1d: \(answer)"])
    #expect(bench.counter(1, "mux-answered") == 1)
  }

  @Test("A receiver that fails takes every leg down; each opens it again in its own time")
  func failure() {
    let bench = MuxBench(legCount: 3)
    bench.send(1, request)
    _ = bench.events(1)
    bench.receiver.frames = [smbusFrame(hex(answer), to: 0x10, from: 0x1D)]
    bench.ports[0].service(now: bench.now, sink: bench.sinks[0])
    bench.receiver.failure = .gone("unplugged")
    bench.serviceWatcher()
    #expect(!bench.receiver.isOpen)
    bench.turn()
    #expect(bench.events(0) == ["down"])
    // A frame that came before is not lost with it.
    #expect(bench.events(1) == ["packet 1d: \(answer)", "down"])
    #expect(bench.events(2) == ["down"])
    bench.receiver.failure = nil
    for index in 0...2 {
      bench.ports[index].service(now: bench.now, sink: bench.sinks[index])
      #expect(bench.events(index) == ["up"])
    }
    #expect(bench.receiver.opened == [100, 100])
  }

  @Test("A receiver that cannot be opened again under another token fails for those that are left")
  func failureOfMove() {
    let bench = MuxBench(legCount: 2)
    bench.links[0].isPresent = false
    // It goes between the close and the open.
    bench.receiver.openFailure = .gone("unplugged")
    bench.ports[0].service(now: bench.now, sink: bench.sinks[0])
    #expect(bench.events(0) == ["down"])
    #expect(bench.ports[1].nextDeadline == .zero)
    bench.turn()
    #expect(bench.events(1) == ["down"])
  }

  @Test("Whoever reads, every frame wakes the port of its own leg")
  func wakes() {
    let bench = MuxBench(legCount: 2)
    bench.send(1, request)
    bench.receiver.frames = [smbusFrame(hex(answer), to: 0x10, from: 0x1D)]
    bench.ports[0].service(now: bench.now, sink: bench.sinks[0])
    #expect(bench.events(0) == [])
    #expect(bench.ports[1].nextDeadline == .zero)
    bench.turn()
    #expect(bench.events(1) == ["finished sent", "packet 1d: \(answer)"])
    #expect(bench.ports[1].nextDeadline == nil)
  }

  @Test("A guess is the leg that wrote to the sender, else the last to transmit, else the first")
  func guesses() {
    let bench = MuxBench(legCount: 3)
    bench.receive(unasked)
    #expect(bench.events(0) == ["packet 1d: \(unasked)"])
    bench.send(1, "01 20 08 c0 01", to: 0x1D)
    bench.send(2, "01 20 08 c0 01", to: 0x1E)
    bench.receive(unasked, from: 0x1D)
    #expect(bench.events(1) == ["finished sent", "packet 1d: \(unasked)"])
    bench.receive(unasked, from: 0x30)
    #expect(bench.events(2) == ["finished sent", "packet 30: \(unasked)"])
    // A write that was not taken claims no address, but the mux has moved.
    bench.transmit(0, "01 20 08 c0 01", to: 0x1E)
    bench.finish(0, .addressNotAcknowledged)
    bench.pass(ms: 10)
    bench.receive(unasked, from: 0x1E)
    bench.receive(unasked, from: 0x30)
    #expect(bench.events(2) == ["packet 1e: \(unasked)"])
    #expect(bench.events(0) == ["finished addressNotAcknowledged", "packet 30: \(unasked)"])
    #expect((0...2).map { bench.counter($0, "mux-guessed") } == [2, 1, 2])
    // Closed legs are given nothing.
    bench.ports[2].stop()
    bench.receive(unasked, from: 0x1E)
    #expect(bench.events(0) == ["packet 1e: \(unasked)"])
  }

  @Test("What came before the mux moved is not taken for the next leg's")
  func beforeTheMove() {
    let bench = MuxBench(legCount: 2)
    bench.send(0, request)
    bench.pass(ms: 300)
    bench.receiver.frames = [smbusFrame(hex(answer), to: 0x10, from: 0x1D)]
    bench.transmit(1, request, to: 0x1D)
    bench.turn()
    #expect(bench.events(0) == ["finished sent", "packet 1d: \(answer)"])
    bench.finish(1)
    #expect(bench.counter(1, "mux-answered") == 0)
    bench.receive(answer)
    #expect(bench.counter(1, "mux-answered") == 1)
  }

  @Test("The only leg is no guess")
  func oneLeg() {
    let bench = MuxBench(legCount: 1)
    bench.receive(unasked)
    #expect(bench.events(0) == ["packet 1d: \(unasked)"])
    #expect(bench.counter(0, "mux-guessed") == 0)
  }

  @Test("The root segment is always heard: its port neither waits nor holds, its devices are its")
  func rootLeg() {
    let bench = MuxBench(legCount: 2, rootLegs: [0])
    bench.send(1, request, to: 0x1D)
    bench.transmit(0, request, to: 0x1E)
    #expect(bench.takeWriters() == [1, 0])
    bench.receive(answer, from: 0x1E)
    bench.finish(0)
    bench.receive("01 08 20 80 01", from: 0x1D)
    bench.receive(unasked, from: 0x30)
    #expect(bench.events(0) == ["packet 1e: \(answer)", "finished sent"])
    #expect(
      bench.events(1) == [
        "finished sent", "packet 1d: 01 08 20 80 01", "packet 30: \(unasked)",
      ])
    #expect(bench.counter(0, "mux-turns") == 0)
    #expect(bench.counter(0, "mux-guessed") == 0)
    #expect(bench.counter(1, "mux-answered") == 0)
  }

  @Test("A flood is left with the kernel until its leg has collected: nothing is lost")
  func flood() {
    let bench = MuxBench(legCount: 2)
    bench.send(1, "01 20 08 c0 01")
    bench.send(0, "01 20 08 c0 01", to: 0x1E)
    _ = (bench.events(0), bench.events(1))
    let packets = (0..<100).map { "01 08 20 c0 01 \(hexText([UInt8($0)]))" }
    bench.receiver.frames = packets.map { smbusFrame(hex($0), to: 0x10, from: 0x1D) }
    bench.serviceWatcher()
    #expect(!bench.receiver.frames.isEmpty)
    bench.turn()
    #expect(bench.events(1) == packets.map { "packet 1d: \($0)" })
    #expect(bench.counter(1, "mux-overflow") == 0)
  }

  @Test("A leg that does not collect loses the newest beyond 32, counted; the others lose nothing")
  func overflow() {
    let bench = MuxBench(legCount: 2)
    bench.send(1, "01 20 08 c0 01", to: 0x1E)
    _ = bench.events(1)
    func frame(_ number: UInt8, from address: UInt8) -> [UInt8] {
      smbusFrame([1, 8, 0x20, 0xC0, number], to: 0x10, from: address)
    }
    bench.send(0, "01 20 08 c0 01", to: 0x1D)
    _ = bench.events(0)
    for link in bench.links { link.collects = false }
    bench.receiver.frames = (0..<40).map { frame($0, from: 0x1D) } + [frame(99, from: 0x1E)]
    bench.serviceWatcher()
    bench.now = bench.now.advanced(byMs: 99)
    bench.serviceWatcher()
    #expect(bench.receiver.frames.count == 9)
    #expect(bench.counter(0, "mux-overflow") == 0)
    bench.now = bench.now.advanced(byMs: 1)
    bench.serviceWatcher()
    #expect(bench.receiver.frames.isEmpty)
    #expect(bench.counter(0, "mux-overflow") == 8)
    #expect(bench.counter(1, "mux-overflow") == 0)
    for link in bench.links { link.collects = true }
    bench.turn()
    #expect(
      bench.events(0)
        == (0..<32).map { "packet 1d: 01 08 20 c0 \(hexText([UInt8($0)]))" })
    #expect(bench.events(1) == ["packet 1e: 01 08 20 c0 63"])
  }

  @Test("A frame longer than any legal one keeps its 260th byte")
  func tooLong() {
    let bench = MuxBench(legCount: 2)
    bench.receive(frame: [UInt8](repeating: 0x20, count: 300))
    #expect(
      bench.events(0)
        == ["damaged frameTooLong: " + hexText([UInt8](repeating: 0x20, count: 260))])
  }

  @Test("Legs show the shared receiver's name, check and size, and one of them its counters")
  func face() {
    let bench = MuxBench(legCount: 2)
    let receivers = bench.links.map(\.receiver)
    #expect(receivers.map(\.name) == ["queue", "queue"])
    #expect(receivers.map(\.frameByteCountMax) == [259, 259])
    #expect(receivers[0].linkCounters == [LinkCounter("rx-frames", 7)])
    #expect(receivers[1].linkCounters == [])
    #expect(throws: ConfigurationFault.self) { try receivers[1].check(frameByteCount: 260) }
    #expect(bench.legs.map(\.portName) == ["leg0", "leg1"])
    #expect(bench.tree.name == "i2c-1")
  }
}
