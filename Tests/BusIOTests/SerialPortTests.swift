import BusIO
import CLinuxBus
import Glibc
import MCTPWire
import TestSupport
import Testing

@Suite struct SerialPortTests {
  static let vectors: [SerialVector] = [
    SerialVector(
      name: "S1", frame: hex("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e"),
      packet: hex("01 00 08 c8 00 80 02")),
    SerialVector(
      name: "S2", frame: hex("7e 01 06 01 09 08 c0 7d 5e 7d 5d dd 45 7e"),
      packet: hex("01 09 08 c0 7e 7d")),
    SerialVector(
      name: "S3", frame: hex("7e 01 06 01 09 08 c0 00 42 7e e5 7e"),
      packet: hex("01 09 08 c0 00 42")),
    SerialVector(
      name: "S4", frame: hex("7e 01 06 01 09 08 c0 00 41 4c 7e 7e"),
      packet: hex("01 09 08 c0 00 41")),
    SerialVector(
      name: "S5", frame: hex("7e 01 06 01 09 08 c0 00 71 7d fd 7e"),
      packet: hex("01 09 08 c0 00 71")),
    SerialVector(
      name: "S6", frame: hex("7e 01 06 01 09 08 c0 01 5b ea 7d 7e"),
      packet: hex("01 09 08 c0 01 5b")),
    SerialVector(
      name: "S7", frame: hex("7e 01 09 01 5d 0d f4 01 93 7d 5d cd 36 46 db 7e"),
      packet: hex("01 5d 0d f4 01 93 7d cd 36")),
    SerialVector(
      name: "S9",
      frame: hex("7e 01 44 01 09 08 82 7d 5e 7d 5d") + [UInt8](repeating: 0x5A, count: 62)
        + hex("24 6e 7e"),
      packet: hex("01 09 08 82 7e 7d") + [UInt8](repeating: 0x5A, count: 62)),
    SerialVector(
      name: "S12",
      frame: hex("7e 01 44 01 09 08 88") + [UInt8](repeating: 0x55, count: 64) + hex("cd e1 7e"),
      packet: hex("01 09 08 88") + [UInt8](repeating: 0x55, count: 64)),
  ]
  static var s1: SerialVector { vectors[0] }

  @Test("A frame on the line becomes its packet", .spec("DSP0253"), arguments: vectors)
  func receive(vector: SerialVector) throws {
    let bench = try SerialBench.up()
    writeBytes(bench.peer, vector.frame)
    #expect(bench.run(until: { !bench.sink.packets.isEmpty }))
    #expect(bench.sink.packets == [vector.packet])
    #expect(bench.sink.damaged.isEmpty)
  }

  @Test("A packet becomes its frame, byte for byte", .spec("DSP0253"), arguments: vectors)
  func transmit(vector: SerialVector) throws {
    let bench = try SerialBench.up()
    bench.transmit(vector.packet)
    #expect(bench.sink.results == [])
    bench.flush()
    #expect(bench.sink.results == [.sent])
    #expect(readBytes(bench.peer, count: vector.frame.count) == vector.frame)
    #expect(readAvailable(bench.peer) == [])
  }

  @Test("Frames are found however the line cuts them")
  func cuts() throws {
    let bench = try SerialBench.up()
    let frames = Self.vectors[0].frame + Self.vectors[1].frame + Self.vectors[2].frame
    let packets = Self.vectors[..<3].map(\.packet)
    for cut in 1..<frames.count {
      bench.sink.packets = []
      writeBytes(bench.peer, Array(frames[..<cut]))
      bench.service()
      writeBytes(bench.peer, Array(frames[cut...]))
      #expect(bench.run(until: { bench.sink.packets.count == 3 }))
      #expect(bench.sink.packets == packets)
    }
    bench.sink.packets = []
    for byte in frames {
      writeBytes(bench.peer, [byte])
      bench.service()
    }
    #expect(bench.run(until: { bench.sink.packets.count == 3 }))
    #expect(bench.sink.packets == packets)
    #expect(bench.sink.damaged.isEmpty)
  }

  @Test("Many frames in one batch arrive in order")
  func batch() throws {
    let bench = try SerialBench.up()
    for _ in 0..<20 {
      for vector in Self.vectors { writeBytes(bench.peer, vector.frame) }
    }
    let count = 20 * Self.vectors.count
    #expect(bench.run(until: { bench.sink.packets.count >= count }))
    let expected = (0..<20).flatMap { _ in Self.vectors.map(\.packet) }
    #expect(bench.sink.packets == expected)
  }

  @Test("A bad FCS and noise are reported with their bytes and cost nothing else")
  func damaged() throws {
    let bench = try SerialBench.up()
    var wrong = Self.s1.frame
    wrong[11] = 0xC2
    // S13, then S14.
    writeBytes(bench.peer, wrong + Self.s1.frame + [0x55] + Self.s1.frame + Self.s1.frame)
    #expect(bench.run(until: { bench.sink.packets.count == 3 }))
    #expect(bench.sink.packets == [Self.s1.packet, Self.s1.packet, Self.s1.packet])
    #expect(bench.sink.damaged.map(\.reason) == [.frameIntegrity, .noise])
    #expect(bench.sink.damaged.first?.bytes == wrong)
    #expect(bench.sink.damaged.last?.bytes == [0x55])
  }

  @Test("A frame that stops arriving is given up at the port's deadline, not before")
  func silence() throws {
    let bench = try SerialBench.up()
    #expect(bench.port.nextDeadline == nil)
    writeBytes(bench.peer, Array(Self.s1.frame[..<6]))
    #expect(bench.run(until: { bench.port.nextDeadline != nil }))
    #expect(bench.port.nextDeadline == bench.now.advanced(byMs: 1000))
    bench.now = bench.now.advanced(byMs: 999)
    bench.service()
    #expect(bench.sink.damaged.isEmpty)
    bench.now = bench.now.advanced(byMs: 1)
    bench.service()
    #expect(bench.sink.damaged.map(\.reason) == [.frameTruncated])
    #expect(bench.sink.damaged.first?.bytes == Array(Self.s1.frame[..<6]))
    #expect(bench.port.nextDeadline == nil)
    writeBytes(bench.peer, Self.s1.frame)
    #expect(bench.run(until: { !bench.sink.packets.isEmpty }))
  }

  @Test("The end of a frame that waits unread at the deadline still completes it")
  func lateRead() throws {
    let bench = try SerialBench.up()
    writeBytes(bench.peer, Array(Self.s1.frame[..<6]))
    #expect(bench.run(until: { bench.port.nextDeadline != nil }))
    writeBytes(bench.peer, Array(Self.s1.frame[6...]))
    bench.now = bench.now.advanced(byMs: 5_000)
    #expect(bench.run(until: { !bench.sink.packets.isEmpty }))
    #expect(bench.sink.packets == [Self.s1.packet])
    #expect(bench.sink.damaged.isEmpty)
  }

  @Test("Packets that no frame carries are refused in their turn")
  func refused() throws {
    let bench = try SerialBench.up()
    bench.transmit(Self.s1.packet)
    bench.transmit([1, 2, 3])
    bench.transmit(Self.vectors[1].packet)
    bench.transmit([UInt8](repeating: 1, count: 69))
    bench.flush()
    #expect(bench.sink.results == [.sent, .refused, .sent, .refused])
    let expected = Self.s1.frame + Self.vectors[1].frame
    #expect(readBytes(bench.peer, count: expected.count) == expected)
    #expect(readAvailable(bench.peer) == [])
    bench.transmit([])
    bench.flush()
    #expect(bench.sink.results.last == .refused)
  }

  @Test("The transmission unit bounds packets both ways", .spec("DSP0253"))
  func transmissionUnit() throws {
    let bench = try SerialBench.up(transmissionUnitBytes: 8)
    bench.transmit([UInt8](repeating: 1, count: 12))
    bench.transmit([UInt8](repeating: 1, count: 13))
    bench.flush()
    #expect(bench.sink.results == [.sent, .refused])
    writeBytes(bench.peer, Self.vectors[8].frame + Self.s1.frame)
    #expect(bench.run(until: { !bench.sink.packets.isEmpty }))
    #expect(bench.sink.damaged.first?.reason == .frameTooLong)
    #expect(bench.sink.packets == [Self.s1.packet])
  }

  @Test("The wake-up preamble comes before everything else when it is configured")
  func preamble() throws {
    let bench = try SerialBench.up(wakePeerReceiver: true)
    bench.transmit(Self.s1.packet)
    bench.flush()
    let expected =
      [UInt8](repeating: 0xFF, count: 80) + hex("7e 01 01 7d 01 7e 01 7e") + Self.s1.frame
    #expect(readBytes(bench.peer, count: expected.count) == expected)
    #expect(bench.sink.results == [.sent])
  }

  @Test("Two ports on one cable understand each other, preambles and all")
  func facing() throws {
    let bench = try SerialBench(wakePeerReceiver: true)
    try bench.plug()
    let peerSink = Recorder()
    let peer = SerialPort(
      id: PortID(rawValue: 4), configuration: SerialPort.Configuration(path: "simulated"),
      descriptor: bench.peer, loop: bench.loop, token: 6)
    bench.port.start(now: bench.now, sink: bench.sink)
    peer.start(now: bench.now, sink: peerSink)
    peerSink.onPacket = { packet in
      if peer.hasCredit { peer.transmit(packet.span, to: .none, now: bench.now) }
    }
    for vector in Self.vectors { bench.transmit(vector.packet) }
    bench.flush()
    let done = bench.loop.run(
      until: { bench.sink.packets.count == Self.vectors.count },
      { token, _ in
        if token == 6 {
          peer.service(now: bench.now, sink: peerSink)
          peer.flush(now: bench.now, sink: peerSink)
        } else {
          bench.service()
        }
      })
    #expect(done)
    #expect(bench.sink.packets == Self.vectors.map(\.packet))
    #expect(peerSink.packets == Self.vectors.map(\.packet))
    peer.stop()
  }

  @Test("An idle port neither polls nor wakes")
  func idle() throws {
    let bench = try SerialBench.up()
    bench.transmit(Self.s1.packet)
    bench.flush()
    writeBytes(bench.peer, Self.s1.frame)
    #expect(bench.run(until: { !bench.sink.packets.isEmpty }))
    #expect(readBytes(bench.peer, count: Self.s1.frame.count) == Self.s1.frame)
    #expect(bench.loop.readyNow() == [])
    #expect(bench.port.nextDeadline == nil)
    bench.flush()
    #expect(readAvailable(bench.peer) == [])
  }

  @Test(
    "One packet in and one out cost one read and one write",
    .enabled(if: threadCalls() != nil))
  func callsPerPacket() throws {
    let bench = try SerialBench.up()
    writeBytes(bench.peer, Self.s1.frame)
    // Waits for the bytes without reading them.
    try #require(bench.loop.wait(until: bench.loop.now().advanced(byMs: 10_000)) { _, _ in } == 1)
    let start = try #require(threadCalls())
    let afterNothing = try #require(threadCalls())
    bench.service()
    let afterRead = try #require(threadCalls())
    bench.transmit(Self.s1.packet)
    bench.flush()
    let afterWrite = try #require(threadCalls())
    #expect(bench.sink.packets.count == 1)
    #expect(bench.sink.results == [.sent])
    let own = afterNothing.reads - start.reads
    #expect(afterRead.reads - afterNothing.reads - own == 1)
    #expect(afterRead.writes == afterNothing.writes)
    #expect(afterWrite.reads - afterRead.reads - own == 0)
    #expect(afterWrite.writes - afterRead.writes == 1)
  }
}
