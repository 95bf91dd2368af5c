import BusIO
import MCTPWire
import TestSupport
import Testing

/// EID 8 asks EID 0x20 with tag 0, and the answer.
private let request = "01 20 08 c8 01 aa"
private let answer = "01 08 20 c0 01 bb"
/// The same tag and address on another leg, EID 0x21.
private let otherRequest = "01 21 08 c8 01 aa"
private let otherAnswer = "01 08 21 c0 01 bb"

@Suite("The turns of a mux tree")
struct I2CMuxTurnTests {
  private let bench = MuxBench(legCount: 3)

  @Test("A request holds the tree until its answer; the other leg's packet waits for that")
  func answered() {
    // Vectors I1 and I2, behind two legs with the same device address.
    bench.transmit(0, "01 00 08 c8 00 80 02")
    #expect(bench.writes.map(\.frame) == [hex("3a 0f 08 21 01 00 08 c8 00 80 02 56")])
    bench.transmit(1, otherRequest)
    bench.finish(0)
    bench.pass(ms: 100)
    #expect(bench.takeWriters() == [0])
    #expect(!bench.ports[1].hasCredit)
    bench.receive(frame: hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b6"))
    #expect(bench.writes.map(\.frame) == [smbusFrame(hex(otherRequest), to: 0x1D, from: 0x10)])
    #expect(bench.takeWriters() == [1])
    bench.finish(1)
    #expect(
      bench.events(0) == ["finished sent", "packet 1d: 01 08 0a c0 00 00 02 00 0a 00 00"])
    #expect(bench.events(1) == ["finished sent"])
    bench.receive(otherAnswer)
    #expect(bench.events(1) == ["packet 1d: \(otherAnswer)"])
    for leg in 0...1 {
      #expect(bench.counter(leg, "mux-turns") == 1)
      #expect(bench.counter(leg, "mux-answered") == 1)
      #expect(bench.counter(leg, "mux-expired") == 0)
      #expect(bench.counter(leg, "mux-guessed") == 0)
    }
    #expect(bench.counter(0, "mux-hold-ms") == 100)
    #expect(bench.counter(0, "mux-hold-max-ms") == 100)
    #expect(bench.counter(0, "mux-wait-ms") == 0)
    #expect(bench.counter(1, "mux-wait-ms") == 100)
    #expect(bench.counter(1, "mux-wait-max-ms") == 100)
  }

  @Test("An answer that never comes holds the tree for MT2's lower bound", .spec("DSP0237 1.1.0"))
  func never() {
    bench.transmit(0, request)
    bench.transmit(1, otherRequest)
    bench.pass(ms: 20)
    bench.finish(0)
    bench.pass(ms: 299)
    #expect(bench.takeWriters() == [0])
    bench.pass(ms: 1)
    #expect(bench.takeWriters() == [1])
    #expect(bench.counter(0, "mux-expired") == 1)
    #expect(bench.counter(0, "mux-answered") == 0)
    #expect(bench.counter(0, "mux-hold-max-ms") == 320)
    #expect(bench.counter(1, "mux-starved") == 0)
  }

  @Test("An answer that was received but not read when the time is over still counts")
  func unread() {
    bench.send(0, request)
    bench.transmit(1, otherRequest)
    bench.receiver.frames = [smbusFrame(hex(answer), to: 0x10, from: 0x1D)]
    bench.now = bench.now.advanced(byMs: 300)
    bench.turn()
    #expect(bench.counter(0, "mux-answered") == 1)
    #expect(bench.counter(0, "mux-expired") == 0)
    #expect(bench.events(0) == ["finished sent", "packet 1d: \(answer)"])
    #expect(bench.takeWriters() == [0, 1])
  }

  @Test("It counts too when another leg's packet is what ends the turn")
  func unreadAtTransmit() {
    bench.send(0, request)
    bench.receiver.frames = [smbusFrame(hex(answer), to: 0x10, from: 0x1D)]
    bench.now = bench.now.advanced(byMs: 300)
    bench.transmit(1, otherRequest)
    #expect(bench.takeWriters() == [0, 1])
    #expect(bench.counter(0, "mux-answered") == 1)
    #expect(bench.counter(0, "mux-guessed") == 0)
  }

  @Test("An answer that is read before the write's result counts, and ends the turn with it")
  func answerBeforeResult() {
    bench.transmit(0, request)
    bench.transmit(1, otherRequest)
    bench.receive(answer)
    #expect(bench.takeWriters() == [0])
    bench.finish(0)
    #expect(bench.takeWriters() == [1])
    #expect(bench.counter(0, "mux-answered") == 1)
    #expect(bench.counter(0, "mux-expired") == 0)
  }

  @Test("An answer that comes late or twice is delivered where it was asked for, as a guess")
  func lateAndTwice() {
    bench.send(0, request)
    bench.pass(ms: 300)
    bench.receive(answer)
    #expect(bench.counter(0, "mux-answered") == 0)
    #expect(bench.counter(0, "mux-expired") == 1)
    #expect(bench.counter(0, "mux-guessed") == 1)
    bench.send(1, otherRequest, to: 0x1E)
    bench.receive(otherAnswer, from: 0x1E)
    bench.receive(otherAnswer, from: 0x1E)
    #expect(bench.counter(1, "mux-answered") == 1)
    #expect(bench.counter(1, "mux-guessed") == 1)
    bench.receive(answer)
    #expect(bench.counter(0, "mux-guessed") == 2)
    #expect(
      bench.events(0) == ["finished sent", "packet 1d: \(answer)", "packet 1d: \(answer)"])
    #expect(
      bench.events(1)
        == ["finished sent", "packet 1e: \(otherAnswer)", "packet 1e: \(otherAnswer)"])
  }

  @Test(
    "What is no answer leaves the tree held, and goes to the leg that holds it",
    arguments: [
      ("another address", "01 08 20 c0 01 bb", 0x1E), ("another tag", "01 08 20 c1 01 bb", 0x1D),
      ("a request", "01 08 20 c8 01 bb", 0x1D), ("another source", otherAnswer, 0x1D),
      ("another destination", "01 09 20 c0 01 bb", 0x1D),
      ("no end of message", "01 08 20 80 01 bb", 0x1D),
    ] as [(String, String, UInt8)])
  func noAnswer(_ name: String, _ packet: String, _ address: UInt8) {
    bench.send(0, request)
    bench.transmit(1, otherRequest)
    bench.receive(packet, from: address)
    #expect(bench.takeWriters() == [0], "\(name)")
    #expect(bench.counter(0, "mux-answered") == 0)
    #expect(bench.events(0) == ["finished sent", "packet \(hexText([address])): \(packet)"])
    bench.receive(answer)
    #expect(bench.takeWriters() == [1])
  }

  @Test("A damaged answer reaches the port as such and answers nothing")
  func damaged() {
    bench.send(0, request)
    bench.transmit(1, otherRequest)
    var frame = smbusFrame(hex(answer), to: 0x10, from: 0x1D)
    frame[frame.count - 1] ^= 1
    bench.receive(frame: frame)
    bench.receive(frame: [])
    #expect(bench.takeWriters() == [0])
    #expect(
      bench.events(0) == [
        "finished sent", "damaged frameIntegrity: \(hexText(frame))", "damaged frameTooShort: ",
      ])
  }

  @Test("Set Endpoint ID may be answered from the new EID")
  func setEndpointID() {
    bench.send(0, "01 20 08 c9 00 81 01 00 30")
    bench.transmit(1, otherRequest)
    bench.receive("01 08 30 c1 00 01 01 00 00 30 00")
    #expect(bench.takeWriters() == [0, 1])
    #expect(bench.counter(0, "mux-answered") == 1)
  }

  @Test("Legs have their turns in the order in which they began to wait")
  func order() {
    bench.transmit(2, "01 22 08 c8 01")
    bench.transmit(1, otherRequest)
    bench.transmit(0, request)
    for (leg, eid) in [(2, "22"), (1, "21"), (0, "20")] {
      bench.finish(leg)
      // Has its answer still to come: the next packet goes to the back.
      bench.transmit(leg, "01 \(eid) 08 c9 01 aa")
      bench.receive("01 08 \(eid) c0 01 bb")
    }
    #expect(bench.takeWriters() == [2, 1, 0, 2])
    for (leg, eid) in [(2, "22"), (1, "21"), (0, "20")] {
      bench.finish(leg)
      bench.receive("01 08 \(eid) c1 01 bb")
    }
    #expect(bench.takeWriters() == [1, 0])
    for leg in 0...2 { #expect(bench.counter(leg, "mux-turns") == 2) }
  }

  @Test("While nobody waits a leg writes on, and is given back the tree when all is answered")
  func pipelined() {
    bench.send(0, request)
    bench.send(0, "01 20 08 c9 01 aa")
    bench.send(0, "01 20 08 ca 01 aa")
    #expect(bench.takeWriters() == [0, 0, 0])
    bench.transmit(1, otherRequest)
    bench.receive("01 08 20 c1 01 bb")
    bench.receive("01 08 20 c2 01 bb")
    #expect(bench.takeWriters() == [])
    bench.receive(answer)
    #expect(bench.takeWriters() == [1])
    #expect(bench.counter(0, "mux-answered") == 3)
    #expect(bench.counter(0, "mux-turns") == 1)
  }

  @Test("Of more than eight requests the oldest is no longer waited for")
  func manyRequests() {
    for eid in 0x20...0x28 { bench.send(0, "01 \(hexText([UInt8(eid)])) 08 c8 01 aa") }
    #expect(bench.counter(0, "mux-expired") == 1)
    bench.transmit(1, "01 30 08 c8 01 aa")
    for eid in 0x21...0x27 { bench.receive("01 08 \(hexText([UInt8(eid)])) c0 01 bb") }
    #expect(bench.counter(1, "mux-turns") == 0)
    bench.receive("01 08 28 c0 01 bb")
    #expect(bench.counter(1, "mux-turns") == 1)
    #expect(bench.counter(0, "mux-answered") == 8)
  }

  @Test(
    "A packet that asks for no answer holds the tree for its transfer only",
    arguments: ["01 20 08 c0 01 aa", "01 ff 08 c8 01 aa"])
  func transferOnly(_ packet: String) {
    bench.transmit(0, packet)
    bench.transmit(1, otherRequest)
    bench.pass(ms: 5)
    #expect(bench.takeWriters() == [0])
    bench.finish(0)
    #expect(bench.takeWriters() == [1])
    #expect(bench.counter(0, "mux-expired") == 0)
    #expect(bench.counter(0, "mux-hold-ms") == 5)
  }

  @Test("The rest of a message and answers of ours go out while others wait; a new request waits")
  func sameMessage() {
    bench.send(0, "01 20 08 88 01 aa")
    bench.transmit(1, otherRequest)
    bench.send(0, "01 20 08 18 01 aa")
    bench.send(0, "01 20 08 c3 01 aa")
    bench.send(0, "01 20 08 68 01 aa")
    #expect(bench.takeWriters() == [0, 0, 0, 0])
    bench.transmit(0, "01 20 08 c9 01 aa")
    #expect(bench.takeWriters() == [])
    bench.receive(answer)
    #expect(bench.takeWriters() == [1])
    bench.finish(1)
    bench.receive(otherAnswer)
    #expect(bench.takeWriters() == [0])
  }

  @Test("An answer of many packets keeps the tree while they come, for one second at most")
  func longAnswer() {
    bench.send(0, request)
    bench.transmit(1, otherRequest)
    bench.receive("01 08 20 80 01 bb")
    for sequence in 1...3 {
      bench.pass(ms: 250)
      bench.receive("01 08 20 \(hexText([UInt8(sequence << 4)])) 01 bb")
    }
    bench.pass(ms: 249)
    #expect(bench.takeWriters() == [0])
    bench.pass(ms: 1)
    #expect(bench.takeWriters() == [1])
    #expect(bench.counter(0, "mux-expired") == 1)
    #expect(bench.counter(0, "mux-hold-max-ms") == 1000)
    #expect(bench.counter(1, "mux-wait-max-ms") == 1000)
    #expect(bench.counter(1, "mux-starved") == 0)
  }

  @Test("The second counts from when another began to wait, not from the turn's begin")
  func contestedLate() {
    bench.send(0, request)
    for _ in 0..<10 {
      bench.pass(ms: 250)
      bench.receive("01 08 20 00 01 bb")
    }
    bench.transmit(1, otherRequest)
    bench.pass(ms: 299)
    #expect(bench.takeWriters() == [0])
    bench.receive("01 08 20 40 01 bb")
    #expect(bench.takeWriters() == [1])
    #expect(bench.counter(0, "mux-answered") == 1)
  }

  @Test("A packet that is not acknowledged is tried again in the same turn, for a second at most")
  func retries() {
    bench.transmit(0, request)
    bench.transmit(1, otherRequest)
    for _ in 0..<9 {
      bench.pass(ms: 100)
      bench.finish(0, .addressNotAcknowledged)
      bench.transmit(0, request)
    }
    #expect(bench.takeWriters() == [Int](repeating: 0, count: 10))
    bench.pass(ms: 100)
    bench.finish(0, .addressNotAcknowledged)
    bench.transmit(0, request)
    #expect(bench.takeWriters() == [1])
    #expect(bench.events(0) == [String](repeating: "finished addressNotAcknowledged", count: 10))
    #expect(bench.counter(0, "mux-turns") == 1)
    // Nothing was asked of anybody.
    #expect(bench.counter(0, "mux-expired") == 0)
    bench.finish(1)
    bench.receive(otherAnswer)
    #expect(bench.takeWriters() == [0])
  }

  @Test("The sink may try again from within the result")
  func retryFromWithin() {
    bench.transmit(0, request)
    bench.transmit(1, otherRequest)
    var isFirst = true
    bench.sinks[0].onFinished = { [unowned bench] in
      guard isFirst else { return }
      isFirst = false
      bench.ports[0].transmit(hex(request).span, to: .i2c(0x1D), now: bench.now)
    }
    bench.finish(0, .arbitrationLost)
    #expect(bench.takeWriters() == [0, 0])
    bench.finish(0)
    bench.receive(answer)
    #expect(bench.takeWriters() == [1])
    #expect(bench.counter(0, "mux-turns") == 1)
  }

  @Test("A retry that does not come keeps the tree for ten milliseconds, another packet not at all")
  func noRetry() {
    bench.transmit(0, request)
    bench.transmit(1, otherRequest)
    bench.finish(0, .dataNotAcknowledged)
    bench.pass(ms: 9)
    #expect(bench.takeWriters() == [0])
    bench.pass(ms: 1)
    #expect(bench.takeWriters() == [1])
    bench.transmit(2, "01 22 08 c8 01 aa")
    bench.finish(1, .dataNotAcknowledged)
    bench.transmit(1, "01 21 08 c9 01 aa")
    bench.turn()
    #expect(bench.takeWriters() == [2])
  }

  @Test("A wait of more than a second is counted as starvation")
  func starved() {
    bench.transmit(0, request)
    bench.transmit(1, otherRequest)
    // The transfer itself takes that long: it is never cut.
    bench.pass(ms: 1001)
    bench.finish(0)
    #expect(bench.takeWriters() == [0, 1])
    #expect(bench.counter(1, "mux-starved") == 1)
    #expect(bench.counter(1, "mux-wait-max-ms") == 1001)
    #expect(bench.counter(0, "mux-starved") == 0)
  }
}
