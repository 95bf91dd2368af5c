// What the codecs are checked against: the definitions, bit by bit, with nothing shared.

/// CRC-8, polynomial 0x07, not reflected.
func referencePEC(_ bytes: some Sequence<UInt8>, from start: UInt8 = 0) -> UInt8 {
  var crc = start
  for byte in bytes {
    crc ^= byte
    for _ in 0..<8 { crc = crc & 0x80 != 0 ? crc << 1 ^ 0x07 : crc << 1 }
  }
  return crc
}

/// CRC-16, polynomial 0x1021 reflected, no final complement.
func referenceFCS(_ bytes: some Sequence<UInt8>, from start: UInt16 = 0xFFFF) -> UInt16 {
  var crc = start
  for byte in bytes {
    crc ^= UInt16(byte)
    for _ in 0..<8 { crc = crc & 1 != 0 ? crc >> 1 ^ 0x8408 : crc >> 1 }
  }
  return crc
}

/// The serial frame of a packet.
func referenceSerialFrame(_ packet: [UInt8]) -> [UInt8] {
  let covered = [0x01, UInt8(packet.count)] + packet
  let fcs = referenceFCS(covered)
  let body = packet.flatMap { byte -> [UInt8] in
    switch byte {
    case 0x7E: [0x7D, 0x5E]
    case 0x7D: [0x7D, 0x5D]
    default: [byte]
    }
  }
  return [0x7E, 0x01, UInt8(packet.count)] + body + [UInt8(fcs >> 8), UInt8(fcs & 0xFF), 0x7E]
}

/// The SMBus frame of a packet.
func referenceSMBusFrame(_ packet: [UInt8], to: UInt8, from: UInt8) -> [UInt8] {
  let bytes = [to * 2, 0x0F, UInt8(packet.count + 1), from * 2 + 1] + packet
  return bytes + [referencePEC(bytes)]
}

/// Seeded: the same numbers in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}

extension Span<UInt8> {
  var array: [UInt8] { withUnsafeBufferPointer { Array($0) } }
}
