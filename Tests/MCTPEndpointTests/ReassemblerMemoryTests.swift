import MCTPEndpoint
import MCTPWire
import TestSupport
import Testing

@Suite("Reassembler: bounds and books")
struct ReassemblerMemoryTests {
  /// 4 blocks of 256 bytes and a buffer of 1024.
  let small = ReassemblyLimits(memoryBytesMax: 2048, assembliesMax: 8, messageBytesMax: 1024)

  @Test("A message as long as the limit is delivered, one byte more is not")
  func messageTooLong() {
    var reassembler = Reassembler(limits: small)
    _ = reassembler.take(packet(0x88, body(512)))
    #expect(
      reassembler.take(packet(0x58, [UInt8](repeating: 5, count: 512))).completed?.byteCount == 1024
    )
    let message = bytes(reassembler.message)
    #expect(message == body(512) + [UInt8](repeating: 5, count: 512))
    _ = reassembler.take(packet(0x88, body(512)))
    _ = reassembler.take(packet(0x18, [UInt8](repeating: 5, count: 512)))
    let over = reassembler.take(packet(0x68, [1]))
    #expect(over.dropReason == .messageTooLong)
    #expect(over.loss == Loss(.messageTooLong, 2))
    #expect(reassembler.freeByteCount == 1024)
    #expect(reassembler.take(packet(0xC8, body(1025))).dropReason == .messageTooLong)
    #expect(reassembler.take(packet(0x88, body(1025))).dropReason == .messageTooLong)
    #expect(reassembler.take(packet(0xC8, body(1024))).completed?.byteCount == 1024)
  }

  @Test("The default takes 65536 bytes, and the limit is never more than half of the memory")
  func largest() {
    var reassembler = Reassembler()
    #expect(reassembler.messageBytesMax == 65_536)
    _ = reassembler.take(packet(0x88, body(64)))
    for index in 1..<1023 {
      let flags = 0x08 | UInt8(index % 4) << 4
      _ = reassembler.take(packet(flags, [UInt8](repeating: UInt8(index & 0xFF), count: 64)))
    }
    let end = reassembler.take(packet(0x78, [UInt8](repeating: 0xFF, count: 64)))
    #expect(end.completed?.byteCount == 65_536)
    #expect(end.completed?.packetCount == 1024)
    let ok = (1..<1024).allSatisfy { reassembler.message[$0 * 64] == UInt8($0 & 0xFF) }
    #expect(ok)

    let tight = Reassembler(limits: ReassemblyLimits(memoryBytesMax: 4096))
    #expect(tight.messageBytesMax == 2048)
  }

  @Test("A start packet without a free slot is dropped, and slots come back")
  func slotsExhausted() {
    var reassembler = Reassembler(
      limits: ReassemblyLimits(memoryBytesMax: 65_536, assembliesMax: 2))
    _ = reassembler.take(packet(0x88, body(64)))
    _ = reassembler.take(packet(0x89, body(64)))
    let third = reassembler.take(packet(0x8A, body(64)))
    #expect(third.dropReason == .assemblyExhausted)
    #expect(third.ended == nil)
    #expect(reassembler.take(packet(0x5A, [1])).dropReason == .unexpectedPacket)
    // A single packet needs no slot, and a restart takes its own.
    #expect(reassembler.take(packet(0xCA, [1])).completed != nil)
    #expect(reassembler.take(packet(0x89, body(64))).outcome == .incomplete)
    #expect(reassembler.take(packet(0x58, [1])).completed != nil)
    #expect(reassembler.take(packet(0x8A, body(64))).outcome == .incomplete)
  }

  @Test("Memory is shared: one large message may take what others leave, and no more")
  func memoryExhausted() {
    var reassembler = Reassembler(limits: small)
    for tag in UInt8(0)..<4 { _ = reassembler.take(packet(0x88 | tag, body(100))) }
    #expect(reassembler.freeByteCount == 0)
    // 100 bytes more still fit the block that the message has, 200 do not.
    #expect(
      reassembler.take(packet(0x18, [UInt8](repeating: 1, count: 100))).outcome == .incomplete)
    let full = reassembler.take(packet(0x28, [UInt8](repeating: 1, count: 100)))
    #expect(full.dropReason == .assemblyExhausted)
    #expect(full.loss == Loss(.assemblyExhausted, 2))
    #expect(reassembler.freeByteCount == 256)
    #expect(reassembler.take(packet(0x8C, body(257))).dropReason == .assemblyExhausted)
    #expect(reassembler.take(packet(0x8C, body(256))).outcome == .incomplete)
    // An end packet needs no block.
    #expect(reassembler.take(packet(0x59, body(100))).completed?.byteCount == 200)
  }

  @Test("Unfinished messages without end never take more than the bound")
  func unfinished() {
    var reassembler = Reassembler(limits: small)
    var (mostAssemblies, leastFree) = (0, Int.max)
    for round in 0..<10_000 {
      let source = UInt8(0x08 + round % 0xF0)
      _ = reassembler.take(packet(0x88 | UInt8(round % 8), body(64), from: source))
      mostAssemblies = max(mostAssemblies, reassembler.assemblyCount)
      leastFree = min(leastFree, reassembler.freeByteCount)
    }
    // Four blocks hold four start packets; no slot is taken without one.
    #expect(mostAssemblies == 4)
    #expect(leastFree == 0)
    while reassembler.expireNext(now: ms(6000)) != nil {}
    #expect(reassembler.freeByteCount == 1024)
    #expect(reassembler.assemblyCount == 0)
  }

  @Test("Completed messages that nobody collects cost nothing")
  func uncollected() {
    var reassembler = Reassembler(limits: small)
    for _ in 0..<1000 {
      _ = reassembler.take(packet(0x88, body(64)))
      #expect(reassembler.take(packet(0x58, [1])).completed != nil)
    }
    #expect(reassembler.freeByteCount == 1024)
    #expect(reassembler.assemblyCount == 0)
  }

  @Test(
    "Every packet is delivered, dropped, lost in an assembly or held: 100000 random packets",
    arguments: [1])
  func books(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var reassembler = Reassembler(
      limits: ReassemblyLimits(memoryBytesMax: 4096, assembliesMax: 6, messageBytesMax: 600))
    var (received, delivered, dropped, lost) = (0, 0, 0, 0)
    var reasons: Set<DropReason> = []
    var messages = 0
    var now = Instant.zero
    // The next sequence number of each terminus, so that most packets continue something.
    var next = [UInt8](repeating: 0, count: 64)
    for step in 0..<100_000 {
      let way = Int.random(in: 0..<16, using: &random)
      let source: UInt8 = way < 4 ? 0 : UInt8(8 + way)
      var flags = UInt8.random(in: 0..<16, using: &random) << 4
      if UInt8.random(in: 0..<8, using: &random) > 0 { flags = flags & 0xC0 | next[way] << 4 }
      next[way] = (flags >> 4 &+ 1) & 0x03
      let size = [0, 1, 64, 64, 64, 64, 64, 250].randomElement(using: &random) ?? 64
      var one = packet(
        flags | UInt8(way % 2) << 3, (0..<size).map { UInt8(truncatingIfNeeded: $0) }, from: source)
      if size > 0 { one[4] = [0x01, 0x84].randomElement(using: &random) ?? 0 }
      if step % 97 == 0 { one = Array(one.prefix(Int.random(in: 0..<6, using: &random))) }
      let reception = reassembler.take(one, from: port(UInt8(way % 3)), at: now)
      received += 1
      switch reception.outcome {
      case .incomplete: break
      case .message(let message):
        delivered += message.packetCount
        messages += 1
      case .dropped(let reason):
        dropped += 1
        reasons.insert(reason)
      }
      if let ended = reception.ended {
        lost += ended.packetCount
        reasons.insert(ended.reason)
      }
      now = now.advanced(byMs: UInt32.random(in: 0..<500, using: &random))
      while step % 5 == 0, let ended = reassembler.expireNext(now: now) {
        lost += ended.packetCount
        reasons.insert(ended.reason)
      }
      guard received == delivered + dropped + lost + reassembler.heldPacketCount else {
        Issue.record("the books are wrong after packet \(step)")
        return
      }
    }
    #expect(messages > 1000)
    let all: Set<DropReason> = [
      .packetTooShort, .headerVersion, .unexpectedPacket, .outOfSequence, .supersededByStart,
      .assemblyTimeout, .transmissionUnitMismatch, .messageTooLong, .assemblyExhausted,
      .messageIntegrity,
    ]
    // The generator reaches every reason but the version, which it never changes.
    #expect(reasons == all.subtracting([.headerVersion]))
    while let ended = reassembler.expireNext(now: now.advanced(byMs: 6000)) {
      lost += ended.packetCount
    }
    #expect(received == delivered + dropped + lost)
    #expect(reassembler.freeByteCount == (4096 - 600) / 256 * 256)
  }
}
