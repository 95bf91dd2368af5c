import MCTPEngine
import MCTPFraming
import MCTPWire
import TestSupport
import Testing

@Suite("The forwarding matrix, frame to frame", .spec("DSP0236 1.3.3 §9"))
struct ForwardingMatrixTests {
  /// The packets of one message from 0x20 to 0x30, cut at `unit` bytes: every byte value comes up,
  /// flags and escapes of the serial line among them.
  private func packets(messageByteCount: Int, unit: Int) -> [[UInt8]] {
    let body = [0x01] + (1..<max(2, messageByteCount)).map { UInt8(($0 * 0x55 + 0x29) & 0xFF) }
    var packets: [[UInt8]] = []
    var rest = body.prefix(messageByteCount)
    while !rest.isEmpty {
      let som: UInt8 = packets.isEmpty ? 0x80 : 0
      let eom: UInt8 = rest.count <= unit ? 0x40 : 0
      let sequence = UInt8(packets.count % 4) << 4
      packets.append([0x01, 0x30, 0x20, som | eom | sequence | 0x0B] + rest.prefix(unit))
      rest = rest.dropFirst(unit)
    }
    return packets
  }

  static let pairs = MatrixBinding.allCases.flatMap { ingress in
    MatrixBinding.allCases.map { (ingress, $0) }
  }

  @Test(
    "Every binding to every binding, one packet and several, units up and down, byte-exact",
    arguments: pairs, [(64, 64), (64, 128), (128, 64), (128, 128), (200, 240)])
  func matrix(pair: (MatrixBinding, MatrixBinding), units: (Int, Int)) throws {
    let (ingress, egress) = pair
    for messageByteCount in [1, 64, 65, 128, 129, 200] {
      let rig = try Rig(
        EngineConfiguration(
          eidPolicy: .perPort,
          ports: [ingress.port(0, unit: units.0), egress.port(1, unit: units.1)]),
        routes: [
          .test(0x20, port: 0, at: ingress.device), .test(0x30, port: 1, at: egress.device),
        ])
      let packets = packets(messageByteCount: messageByteCount, unit: units.0)
      var expected: [[UInt8]] = []
      for packet in packets {
        let frame = try #require(try ingress.decode(ingress.frameFromDevice(packet)))
        let disposition = rig.receive(frame.packet, on: 0, from: frame.sender)
        if packet.count - 4 <= units.1 {
          #expect(disposition == .forwarded(PortID(rawValue: 1)))
          expected.append(egress.frameToDevice(packet))
        } else {
          #expect(disposition == .dropped(.transmissionUnitExceeded))
        }
      }
      let frames = try rig.drain(1).map { try egress.encode($0.bytes, to: $0.destination) }
      #expect(frames == expected, "\(messageByteCount) bytes")
      #expect(rig.drain(0) == [])
    }
  }

  @Test("The packets of the matrix have the sizes that are meant")
  func sizes() {
    let counts = { (count: Int, unit: Int) in
      self.packets(messageByteCount: count, unit: unit).map { $0.count - 4 }
    }
    #expect(counts(1, 64) == [1])
    #expect(counts(64, 64) == [64])
    #expect(counts(65, 64) == [64, 1])
    #expect(counts(200, 64) == [64, 64, 64, 8])
    #expect(counts(200, 128) == [128, 72])
    #expect(packets(messageByteCount: 200, unit: 64).map { $0[3] } == [0x8B, 0x1B, 0x2B, 0x7B])
    let bytes = packets(messageByteCount: 200, unit: 200)[0]
    #expect(bytes.contains(0x7E) && bytes.contains(0x7D))
  }

  @Test("C to E through X and Y: the three frames of the worked example")
  func workedExample() throws {
    let frames = [
      hex("60 0F 09 6B 01 10 09 CB 01 80 00 02 38"), hex("66 0F 09 61 01 10 09 CB 01 80 00 02 C2"),
      hex("74 0F 09 61 01 10 09 CB 01 80 00 02 B3"),
    ]
    var frame = frames[0]
    for (rig, ports, own) in [
      (try WorkedExample.routerX(), (1, 0), (0x30, 0x30)),
      (try WorkedExample.routerY(), (0, 1), (0x33, 0x30)),
    ] as [(Rig, (UInt8, UInt8), (UInt8, UInt8))] {
      #expect(frames.contains(frame))
      let (packet, sender) = try decode(frame, ownAddress: own.0)
      #expect(
        rig.receive(packet, on: ports.0, from: sender) == .forwarded(PortID(rawValue: ports.1)))
      let sent = try #require(rig.transmit(on: ports.1))
      frame = try encode(sent, from: own.1)
      #expect(frame == frames[own.0 == 0x30 ? 1 : 2])
    }
  }

  private func decode(
    _ bytes: [UInt8], ownAddress: UInt8
  ) throws -> (packet: [UInt8], sender: PhysicalAddress) {
    let frame = try SMBusFrame(decoding: bytes.span, ownAddress: ownAddress)
    return (frame.packet.array, frame.source)
  }

  private func encode(_ sent: Rig.Sent, from source: UInt8) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 300)
    var span = buffer.mutableSpan
    let count = try SMBusFrame.encode(
      sent.bytes.span, to: UInt8(sent.destination.value), from: source, into: &span)
    return Array(buffer[..<count])
  }
}
