import BusIO
import MCTPWire
import TestSupport
import Testing

/// EID 8 asks EID 0x20 with tag 0, and the answer.
private let request = "01 20 08 c8 01 aa"
private let answer = "01 08 20 c0 01 bb"
/// The same tag and address on another leg, EID 0x21.
private let otherRequest = "01 21 08 c8 01 aa"

@Suite("The life of the legs of a mux tree")
struct I2CMuxLifeTests {
  private let bench = MuxBench(legCount: 3)

  @Test("A port that goes down gives its turn up, and answers for what waited", arguments: [0, 1])
  func goesDown(_ leg: Int) {
    bench.send(0, request)
    bench.transmit(1, otherRequest)
    bench.transmit(2, "01 22 08 c8 01 aa")
    _ = (bench.takeWriters(), bench.events(0))
    bench.links[leg].isPresent = false
    bench.ports[leg].service(now: bench.now, sink: bench.sinks[leg])
    bench.turn()
    if leg == 0 {
      #expect(bench.events(0) == ["down"])
      #expect(bench.takeWriters() == [1])
      #expect(bench.counter(0, "mux-expired") == 1)
    } else {
      #expect(bench.events(1) == ["finished portDown", "down"])
      bench.receive(answer)
      #expect(bench.takeWriters() == [2])
    }
    #expect(!bench.ports[leg].hasCredit)
    bench.links[leg].isPresent = true
    bench.ports[leg].service(now: bench.now, sink: bench.sinks[leg])
    #expect(bench.ports[leg].hasCredit)
  }

  @Test("A port that stops, even inside its write, gives its turn up")
  func stops() {
    bench.transmit(0, request)
    bench.transmit(1, otherRequest)
    bench.ports[0].stop()
    #expect(bench.ports[0].nextDeadline == nil)
    bench.turn()
    #expect(bench.takeWriters() == [0, 1])
    bench.ports[1].stop()
    bench.transmit(2, "01 22 08 c8 01 aa")
    #expect(bench.takeWriters() == [2])
  }

  @Test("When the others go, a leg that waits behind itself writes on")
  func waitsForItself() {
    bench.send(0, request)
    bench.transmit(1, otherRequest)
    bench.transmit(0, "01 20 08 c9 01 aa")
    #expect(bench.takeWriters() == [0])
    bench.ports[1].stop()
    #expect(bench.ports[0].nextDeadline == .zero)
    bench.turn()
    #expect(bench.takeWriters() == [0])
  }

  @Test("What no frame can carry is refused without a turn")
  func refused() {
    bench.send(0, request)
    bench.ports[1].transmit(hex(request).span, to: .none, now: bench.now)
    bench.ports[1].flush(now: bench.now, sink: bench.sinks[1])
    #expect(bench.events(1) == ["finished refused"])
    #expect(bench.counter(1, "mux-turns") == 0)
  }

  @Test("An idle tree wakes nobody, a held one only the port that holds it")
  func deadlines() {
    for port in bench.ports { #expect(port.nextDeadline == nil) }
    bench.transmit(0, request)
    bench.transmit(1, otherRequest)
    for port in bench.ports { #expect(port.nextDeadline == nil) }
    bench.finish(0)
    #expect(bench.ports[0].nextDeadline == bench.now.advanced(byMs: 300))
    #expect(bench.ports[1].nextDeadline == nil)
    bench.pass(ms: 300)
    bench.finish(1)
    bench.pass(ms: 300)
    for port in bench.ports { #expect(port.nextDeadline == nil) }
  }
}
