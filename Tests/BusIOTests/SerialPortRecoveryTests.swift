import BusIO
import Glibc
import MCTPWire
import TestSupport
import Testing

@Suite struct SerialPortRecoveryTests {
  private static let frame = hex("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e")
  private static let packet = hex("01 00 08 c8 00 80 02")

  /// A packet without bytes to escape, numbered in its payload.
  private static func numbered(_ number: Int, count: Int = 68) -> [UInt8] {
    hex("01 09 08 c8") + [UInt8(number % 100), UInt8(number / 100)]
      + [UInt8](repeating: 0x33, count: count - 6)
  }

  private func retryAt(_ bench: SerialBench) -> Instant? {
    guard case .waiting(_, let retryAt) = bench.port.condition else { return nil }
    return retryAt
  }

  private func reason(_ condition: PortCondition?) -> String {
    guard case .waiting(let reason, _) = condition else { return "" }
    return reason
  }

  /// Transmits until the terminal, which nobody reads, and the port are full, and nothing is
  /// ready any more: backed up is not busy. Returns the number of accepted packets.
  private func fill(_ bench: SerialBench) throws -> Int {
    let end = bench.loop.now().advanced(byNanoseconds: generousNanoseconds)
    var accepted = 0
    while true {
      try #require(bench.loop.now() < end)
      while bench.port.hasCredit {
        bench.transmit(Self.numbered(accepted))
        accepted += 1
        bench.flush()
      }
      // The kernel moves bytes on in the background, so the line may take some more.
      if bench.loop.readyNow().isEmpty { return accepted }
      bench.service()
    }
  }

  @Test("A slow line backs up without blocking and finishes everything in order")
  func backpressure() throws {
    let bench = try SerialBench.up()
    let accepted = try fill(bench)
    #expect(!bench.sink.results.isEmpty)
    #expect(bench.sink.results.count < accepted)
    #expect(bench.sink.results.allSatisfy { $0 == .sent })
    #expect(bench.port.nextDeadline == nil)

    let peerSink = Recorder()
    let peer = SerialPort(
      id: PortID(rawValue: 4),
      configuration: SerialPort.Configuration(path: "peer", wakePeerReceiver: false),
      descriptor: bench.peer, loop: bench.loop, token: 6)
    peer.start(now: bench.now, sink: peerSink)
    let done = bench.loop.run(
      until: { peerSink.packets.count == accepted && bench.sink.results.count == accepted },
      { token, _ in
        if token == 6 { peer.service(now: bench.now, sink: peerSink) } else { bench.service() }
      })
    #expect(done)
    #expect(peerSink.packets == (0..<accepted).map { Self.numbered($0) })
    #expect(bench.sink.results == [TransmissionResult](repeating: .sent, count: accepted))
    #expect(bench.port.hasCredit)
    // Interest in writability has ended.
    #expect(bench.loop.readyNow() == [])
    peer.stop()
  }

  @Test("A line that takes bytes in fits and starts carries the exact stream", arguments: 1...4)
  func unsteadyLine(seed: UInt64) throws {
    let bench = try SerialBench.up(outputBytesMax: 1_000)
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var sent = 0
    var expectedCount = 0
    var received: [UInt8] = []
    var fullCount = 0
    var isDraining = false
    let end = bench.loop.now().advanced(byNanoseconds: generousNanoseconds)
    while bench.sink.results.count < 3_000 || received.count < expectedCount {
      try #require(bench.loop.now() < end)
      for _ in 0..<random(20) where bench.port.hasCredit && sent < 3_000 {
        let packet = Self.numbered(sent, count: 6 + random(63))
        bench.transmit(packet)
        sent += 1
        // Nothing in it is escaped: `numbered` stays below 0x7D.
        expectedCount += packet.count + 6
      }
      bench.flush()
      if !bench.port.hasCredit {
        fullCount += 1
        isDraining = true
      }
      // Drains to a random level, so that the line takes bytes in pieces of any size.
      if isDraining || sent == 3_000 {
        received += readAvailable(bench.peer, countMax: 1 + random(2_000))
        isDraining = random(5) > 0
      }
      for _ in bench.loop.readyNow() { bench.service() }
    }
    #expect(fullCount > 20)
    #expect(bench.sink.results == [TransmissionResult](repeating: .sent, count: sent))
    #expect(received.count == expectedCount)
    // Frame by frame: the number in each, and its flags.
    var offset = 0
    var number = 0
    while offset + 3 < received.count {
      let length = Int(received[offset + 2])
      try #require(offset + length + 6 <= received.count)
      #expect(received[offset] == 0x7E && received[offset + length + 5] == 0x7E)
      #expect(
        Array(received[(offset + 3)..<(offset + 3 + length)])
          == Self.numbered(number, count: length))
      offset += length + 6
      number += 1
    }
    #expect(number == sent)
  }

  @Test(
    "A flush while the line is full makes no call", .enabled(if: threadCalls() != nil))
  func flushWhileFull() throws {
    let bench = try SerialBench.up()
    _ = try fill(bench)
    let before = try #require(threadCalls())
    bench.flush()
    let after = try #require(threadCalls())
    #expect(after.writes == before.writes)
  }

  @Test("A line that takes nothing still receives")
  func receiveWhileFull() throws {
    let bench = try SerialBench.up()
    let accepted = try fill(bench)
    for _ in 0..<3 {
      writeBytes(bench.peer, Self.frame)
      let received = bench.sink.packets.count
      #expect(bench.run(until: { bench.sink.packets.count > received }))
    }
    #expect(bench.port.condition.isUp)
    #expect(bench.sink.results.count < accepted)
  }

  @Test("Credit ends where the configured bytes could be exceeded, and not while down")
  func credit() throws {
    let bench = try SerialBench(outputBytesMax: 500)
    #expect(!bench.port.hasCredit)
    try bench.plug()
    bench.port.start(now: bench.now, sink: bench.sink)
    var accepted = 0
    while bench.port.hasCredit {
      bench.transmit(Self.numbered(accepted))
      accepted += 1
    }
    // 74 bytes each; the last one begins where 142, the most a frame may need, still fit.
    #expect(accepted == 5)
    bench.flush()
    #expect(bench.sink.results.count == 5)
    bench.port.stop()
    #expect(!bench.port.hasCredit)
    #expect(bench.port.condition == .stopped)
  }

  @Test("A hang-up answers what was accepted, and the port comes back with the line")
  func hangUp() throws {
    let bench = try SerialBench.up()
    let accepted = try fill(bench)
    let sent = bench.sink.results.count
    bench.unplug()
    #expect(bench.run(until: { !bench.port.condition.isUp }))
    #expect(bench.sink.results.count == accepted)
    #expect(bench.sink.results[..<sent].allSatisfy { $0 == .sent })
    #expect(bench.sink.results[sent...].allSatisfy { $0 == .portDown })
    #expect(!bench.port.hasCredit)
    #expect(reason(bench.sink.conditions.last) == "\(bench.link): the line hung up")
    #expect(bench.port.nextDeadline == bench.now.advanced(byMs: 100))
    #expect(bench.loop.readyNow() == [])

    try bench.plug()
    bench.now = try #require(bench.port.nextDeadline)
    bench.service()
    #expect(bench.port.condition == .up)
    #expect(bench.sink.conditions.last == .up)
    bench.transmit(Self.packet)
    bench.flush()
    #expect(readBytes(bench.peer, count: Self.frame.count) == Self.frame)
    writeBytes(bench.peer, Self.frame)
    #expect(bench.run(until: { bench.sink.packets == [Self.packet] }))
  }

  @Test("A packet that was written whole before the line went is sent, and nothing twice")
  func hangUpAfterSend() throws {
    let bench = try SerialBench.up()
    bench.transmit(Self.packet)
    bench.flush()
    bench.transmit(Self.packet)
    bench.unplug()
    bench.flush()
    #expect(bench.sink.results == [.sent, .portDown])
    #expect(!bench.port.condition.isUp)
  }

  @Test("The start of a frame that the line took with it is reported")
  func partialFrame() throws {
    let bench = try SerialBench.up()
    writeBytes(bench.peer, Array(Self.frame[..<7]))
    #expect(bench.run(until: { bench.port.nextDeadline != nil }))
    bench.unplug()
    #expect(bench.run(until: { !bench.port.condition.isUp }))
    #expect(bench.sink.damaged.map(\.reason) == [.frameTruncated])
    #expect(bench.sink.damaged.first?.bytes == Array(Self.frame[..<7]))
  }

  @Test("A missing device is tried again after 100 ms, doubling to 5 s, and reported once")
  func backoff() throws {
    let bench = try SerialBench()
    bench.port.start(now: bench.now, sink: bench.sink)
    var waits: [UInt64] = []
    for _ in 0..<9 {
      let retry = try #require(retryAt(bench))
      waits.append(retry.nanoseconds(since: bench.now) / 1_000_000)
      // Too early: nothing happens.
      bench.now = Instant(nanoseconds: retry.nanoseconds - 1)
      bench.service()
      #expect(retryAt(bench) == retry)
      bench.now = retry
      bench.service()
    }
    #expect(waits == [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
    #expect(bench.sink.conditions.count == 1)
    #expect(
      reason(bench.sink.conditions.first)
        == "open \(bench.link): No such file or directory (2); "
        + "no such device; check the path and the cable")

    try bench.plug()
    bench.now = try #require(retryAt(bench))
    bench.service()
    #expect(bench.port.condition == .up)
    // Up for 5 s: the next failure begins with the short wait again.
    bench.now = bench.now.advanced(byMs: 5_000)
    bench.unplug()
    #expect(bench.run(until: { !bench.port.condition.isUp }))
    #expect(retryAt(bench) == bench.now.advanced(byMs: 100))
  }

  @Test("A line that hangs up at once each time is tried less and less often")
  func flapping() throws {
    let bench = try SerialBench.up()
    var waits: [UInt64] = []
    for _ in 0..<3 {
      bench.unplug()
      #expect(bench.run(until: { !bench.port.condition.isUp }))
      let retry = try #require(retryAt(bench))
      waits.append(retry.nanoseconds(since: bench.now) / 1_000_000)
      try bench.plug()
      bench.now = retry
      bench.service()
      #expect(bench.port.condition == .up)
    }
    #expect(waits == [100, 200, 400])
  }

  @Test("A link that points to another line when the old one is gone is followed")
  func repointedLink() throws {
    let bench = try SerialBench.up()
    let other = try PseudoTerminal()
    bench.unplug()
    try #require(symlink(other.farPath, bench.link) == 0)
    #expect(bench.run(until: { !bench.port.condition.isUp }))
    bench.now = try #require(retryAt(bench))
    bench.service()
    #expect(bench.port.condition == .up)
    bench.transmit(Self.packet)
    bench.flush()
    #expect(readBytes(other.descriptor, count: Self.frame.count) == Self.frame)
    unlink(bench.link)
  }

  @Test("A line that another program has is waited for, with a reason that says so")
  func lineInUse() throws {
    let bench = try SerialBench()
    try bench.plug()
    try useLine(bench.farPath) {
      bench.port.start(now: bench.now, sink: bench.sink)
      #expect(reason(bench.port.condition).contains("another program has the line"))
    }
    bench.now = try #require(retryAt(bench))
    bench.service()
    #expect(bench.port.condition == .up)
  }

  private func useLine(_ path: String, _ body: () throws -> Void) throws {
    let line = try SerialLine(path: path, baudRate: 9_600)
    try body()
    _ = line.descriptor
  }

  @Test("A port over a near side waits while nobody has the far side open")
  func nearSide() throws {
    let loop = try EventLoop()
    let cable = try PseudoTerminal(holdsFarSide: false)
    let sink = Recorder()
    let port = SerialPort(
      id: PortID(rawValue: 0),
      configuration: SerialPort.Configuration(path: "simulated", wakePeerReceiver: false),
      descriptor: cable.descriptor, loop: loop, token: 1)
    var now = Instant(nanoseconds: 1)
    port.start(now: now, sink: sink)
    try exchange(with: cable.farPath, loop: loop) { port.service(now: now, sink: sink) }
    let hungUp = loop.run(
      until: { !port.condition.isUp }, { _, _ in port.service(now: now, sink: sink) })
    #expect(hungUp)
    #expect(sink.packets == [Self.packet])
    #expect(loop.readyNow() == [])
    now = try #require(port.nextDeadline)
    port.service(now: now, sink: sink)
    #expect(!port.condition.isUp)
    now = try #require(port.nextDeadline)
    let line = try SerialLine(path: cable.farPath, baudRate: 115_200)
    port.service(now: now, sink: sink)
    #expect(port.condition == .up)
    writeBytes(line.descriptor, Self.frame)
    let done = loop.run(
      until: { sink.packets.count == 2 }, { _, _ in port.service(now: now, sink: sink) })
    #expect(done)
    port.stop()
  }

  /// Opens the far side, sends one frame and leaves when it has been read.
  private func exchange(with path: String, loop: EventLoop, _ service: () -> Void) throws {
    let line = try SerialLine(path: path, baudRate: 115_200)
    writeBytes(line.descriptor, Self.frame)
    loop.wait(until: loop.now().advanced(byNanoseconds: generousNanoseconds)) { _, _ in service() }
  }
}
