import MCTPNeighbours
import TestSupport
import Testing

@Suite("Messages of neighbours", .spec("DSP0236 1.3.3 §8.7 to §8.9"))
struct NeighbourMessageTests {
  /// Type 1, then a ramp.
  private func body(_ count: Int) -> [UInt8] { [1] + (1..<count).map { UInt8($0 & 0xFF) } }

  private func packet(_ flags: UInt8, _ payload: some Sequence<UInt8>) -> [UInt8] {
    [1, 9, 8, flags] + Array(payload)
  }

  private func echo(_ flags: UInt8, _ payload: some Sequence<UInt8>) -> [UInt8] {
    [1, 8, 9, flags] + Array(payload)
  }

  /// What it echoes of these packets, as whole bodies.
  private func echoes(_ packets: [[UInt8]], step: UInt64 = 0) -> [[UInt8]] {
    let device = Bench.device(eid: 9)
    var now: UInt64 = 0
    for packet in packets {
      device.receive(packet, from: nil, now: now)
      now += step
    }
    var bodies: [[UInt8]] = []
    while let echo = device.nextEcho() {
      #expect(echo.source == 8)
      bodies.append(echo.body)
    }
    return bodies
  }

  @Test("An echo has the same body and tag, TO cleared, and comes at its own unit")
  func echo() {
    let device = Bench.device(eid: 9)
    let long = body(150)
    for (flags, part) in [(0x88, 0..<64), (0x18, 64..<128), (0x68, 128..<150)]
      as [(UInt8, Range<Int>)]
    {
      device.receive(packet(flags, long[part]), from: nil, now: 0)
    }
    let expected = [
      echo(0x80, long[0..<64]), echo(0x10, long[64..<128]), echo(0x60, long[128...]),
    ]
    #expect(device.drain() == expected)
    #expect(device.nextEcho()?.body == long)
    #expect(device.hear("01 09 08 CD 01 AA") == [hex("01 08 09 C5 01 AA")])
  }

  @Test("128 bytes are two packets and no empty third")
  func exactlyTwo() {
    let device = Bench.device(eid: 9)
    let even = body(128)
    device.receive(packet(0x88, even[0..<64]), from: nil, now: 0)
    device.receive(packet(0x58, even[64...]), from: nil, now: 0)
    let expected = [echo(0x80, even[0..<64]), echo(0x50, even[64...])]
    #expect(device.drain() == expected)
  }

  @Test("A type that it does not announce is not echoed; the integrity bit selects no other type")
  func types() {
    let device = Bench.device(eid: 9, types: [4])
    #expect(device.hear("01 09 08 C8 05 01").isEmpty)
    let checked = "84 08 00 00 01 00 00 00 00 00 00 00 00 00 00 00 D2 D4 77 36"
    #expect(device.hear("01 09 08 C8" + checked) == [hex("01 08 09 C0" + checked)])
  }

  @Test("Sequence numbers may begin anywhere, wrap, and must not jump")
  func sequences() {
    func parts(_ flags: [UInt8]) -> Int {
      let packets = flags.enumerated().map { index, byte in packet(byte | 0x08, [1, UInt8(index)]) }
      return echoes(packets).count
    }
    #expect(parts([0xD0]) == 1)
    #expect(parts([0x90, 0x60]) == 1)
    #expect(parts([0x90, 0x20, 0x70]) == 1)
    #expect(parts([0xB0, 0x40]) == 1)
    #expect(parts([0x90, 0x70]) == 0)
  }

  @Test("A start in the middle begins anew with itself; the first is lost")
  func duplicateStart() {
    let bodies = echoes([
      packet(0x88, body(64)), packet(0x88, body(64)), packet(0x58, body(10)),
    ])
    #expect(bodies == [body(64) + body(10)])
  }

  @Test("A whole message in the middle drops what was there and is taken")
  func singleInTheMiddle() {
    let bodies = echoes([
      packet(0x88, body(64)), packet(0xC8, [1, 7]), packet(0x58, body(10)),
    ])
    #expect(bodies == [[1, 7]])
  }

  @Test("Middle and end packets of nothing are dropped and touch nothing")
  func unexpected() {
    #expect(echoes([packet(0x18, body(64)), packet(0x58, body(9))]).isEmpty)
    let other = [1, 9, 8, 0x19] + body(64)
    let bodies = echoes([packet(0x88, body(64)), other, packet(0x58, body(9))])
    #expect(bodies == [body(64) + body(9)])
  }

  @Test("A sequence error ends the assembly; the packet is not used again")
  func sequenceError() {
    let packets = [
      packet(0x88, body(64)), packet(0x28, body(64)), packet(0x18, body(64)),
      packet(0x68, body(9)),
    ]
    #expect(echoes(packets).isEmpty)
  }

  @Test("A middle of another size, an end that is larger, or a packet above the unit is not taken")
  func sizes() {
    let middle = [packet(0x88, body(64)), packet(0x18, body(63)), packet(0x68, body(9))]
    #expect(echoes(middle).isEmpty)
    #expect(echoes([packet(0x88, body(32)), packet(0x58, body(33))]).isEmpty)
    #expect(echoes([packet(0xC8, body(65))]).isEmpty)
    let wide = Bench.device(eid: 9, unit: 128)
    wide.receive(packet(0xC8, body(128)), from: nil, now: 0)
    let expected = [echo(0xC0, body(128))]
    #expect(wide.drain() == expected)
  }

  @Test("Six seconds between two packets end the assembly, a little less does not")
  func timeout() {
    let packets = [packet(0x88, body(64)), packet(0x58, body(9))]
    #expect(echoes(packets, step: 6 * Bench.second - 1).count == 1)
    #expect(echoes(packets, step: 6 * Bench.second).isEmpty)
  }

  @Test("A response that nobody waits for is dropped")
  func unexpectedTag() {
    #expect(echoes([packet(0xC0, [1, 2])]).isEmpty)
  }

  @Test("64 KiB are taken and sent back; a byte more is not")
  func largest() {
    let device = Bench.device(eid: 9)
    let peer = Bench.device(eid: 8)
    for (count, isTaken) in [(65_536, true), (65_537, false)] {
      let long = body(count)
      var sent = 0
      var sequence: UInt8 = 0
      while sent < count {
        let end = min(sent + 64, count)
        var flags = sequence << 4 | 0x08
        if sent == 0 { flags |= 0x80 }
        if end == count { flags |= 0x40 }
        device.receive(packet(flags, long[sent..<end]), from: nil, now: 0)
        sent = end
        sequence = (sequence + 1) & 3
      }
      #expect(device.drain().count == (isTaken ? 1_024 : 0))
    }
    #expect(peer.request(body(65_537), to: 9, timeoutMs: 1, now: 0) == nil)
  }

  @Test("Messages of several peers and tags come in at once and go out in turns")
  func interleaved() {
    let device = Bench.device(eid: 9)
    let long = body(100)
    let senders: [(source: UInt8, tag: UInt8)] = [(8, 0), (8, 1), (10, 0)]
    for (flags, part) in [(0x88, 0..<64), (0x58, 64..<100)] as [(UInt8, Range<Int>)] {
      for sender in senders {
        let header: [UInt8] = [1, 9, sender.source, flags | sender.tag]
        device.receive(header + long[part], from: nil, now: 0)
      }
    }
    let starts = device.drain().map { [$0[1], $0[3]] }
    #expect(
      starts == [[8, 0x80], [8, 0x81], [10, 0x80], [8, 0x50], [8, 0x51], [10, 0x50]])
  }

  @Test("Two answers of one tag to one peer do not mix")
  func oneTagInOrder() {
    let device = Bench.device(eid: 9)
    for _ in 0..<2 {
      device.receive(packet(0x88, body(64)), from: nil, now: 0)
      device.receive(packet(0x58, body(9)), from: nil, now: 0)
    }
    #expect(device.drain().map { $0[3] } == [0x80, 0x50, 0x80, 0x50])
  }
}
