// The bodies of load messages. Every byte follows from the seed, the flow, the sequence number and
// the length, so that a receiver needs no memory of what was sent: whatever differs is damage, a
// packet of another message inside this one included.
//
//   0       message type 0x7E: vendor defined, PCI
//   1 - 2   vendor ID 0xFFFF, most significant byte first
//   3 - 4   flow, least significant byte first; so are all that follow
//   5 - 8   sequence number
//   9 - 10  body bytes, all of these included
//   11 - 14 check over seed, flow, sequence number and length
//   15      0
//   16 -    content: SplitMix64 from a state that is made of the same four

internal import MCTPWire

/// A load message's identity, and the bytes of its body.
public struct LoadBody: Hashable, Sendable {
  /// The fields without content.
  public static let byteCountMin = 16
  public static let byteCountMax = 0xFFFF

  public let flow: UInt16
  public let sequence: UInt32
  /// `byteCountMin` to `byteCountMax`.
  public let byteCount: Int

  public init(flow: UInt16, sequence: UInt32, byteCount: Int) {
    precondition(
      byteCount >= LoadBody.byteCountMin && byteCount <= LoadBody.byteCountMax,
      "a load body has 16 to 65535 bytes")
    self.flow = flow
    self.sequence = sequence
    self.byteCount = byteCount
  }

  /// What the first bytes of a body say; nil when they are no load message of this seed.
  ///
  /// - Parameter bytes: any number; the first `byteCountMin` are looked at, so that a start packet
  ///   is enough.
  public init?(_ bytes: Span<UInt8>, seed: UInt64) {
    guard bytes.count >= LoadBody.byteCountMin, bytes[0] == MessageType.vendorPCI.rawValue,
      bytes[1] == 0xFF, bytes[2] == 0xFF, bytes[15] == 0
    else { return nil }
    flow = UInt16(LoadBody.number(bytes, at: 3, byteCount: 2))
    sequence = LoadBody.number(bytes, at: 5, byteCount: 4)
    byteCount = Int(LoadBody.number(bytes, at: 9, byteCount: 2))
    guard byteCount >= LoadBody.byteCountMin,
      LoadBody.number(bytes, at: 11, byteCount: 4) == check(seed)
    else { return nil }
  }

  /// True for bytes that pass for a load message of any seed, damaged or not: the vendor's prefix.
  public static func hasPrefix(_ bytes: Span<UInt8>) -> Bool {
    bytes.count >= 3 && bytes[0] == MessageType.vendorPCI.rawValue && bytes[1] == 0xFF
      && bytes[2] == 0xFF
  }

  /// Replaces `bytes` by the body.
  public func write(to bytes: inout [UInt8], seed: UInt64) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(MessageType.vendorPCI.rawValue)
    // Choice: 0xFFFF, which reads as "no device" on PCI and so is no vendor's.
    bytes.append(0xFF)
    bytes.append(0xFF)
    LoadBody.append(UInt32(flow), byteCount: 2, to: &bytes)
    LoadBody.append(sequence, byteCount: 4, to: &bytes)
    LoadBody.append(UInt32(byteCount), byteCount: 2, to: &bytes)
    LoadBody.append(check(seed), byteCount: 4, to: &bytes)
    bytes.append(0)
    var content = SeededGenerator(seed: state(seed))
    while bytes.count < byteCount {
      var word = content.next()
      for _ in 0..<min(8, byteCount - bytes.count) {
        bytes.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
      }
    }
  }

  /// Whether `bytes` are this body to the last byte.
  public func matches(_ bytes: Span<UInt8>, seed: UInt64) -> Bool {
    guard bytes.count == byteCount, LoadBody(bytes, seed: seed) == self else { return false }
    var content = SeededGenerator(seed: state(seed))
    let raw = bytes.bytes
    var offset = LoadBody.byteCountMin
    while byteCount - offset >= 8 {
      let word = raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      guard UInt64(littleEndian: word) == content.next() else { return false }
      offset += 8
    }
    var word = content.next()
    while offset < byteCount {
      guard bytes[offset] == UInt8(truncatingIfNeeded: word) else { return false }
      word >>= 8
      offset += 1
    }
    return true
  }
}

extension LoadBody {
  private func state(_ seed: UInt64) -> UInt64 {
    let identity = UInt64(sequence) << 32 | UInt64(flow) << 16 | UInt64(byteCount)
    // One step apart, or neighbouring identities would have overlapping contents.
    var mixer = SeededGenerator(seed: seed ^ identity)
    return mixer.next()
  }

  private func check(_ seed: UInt64) -> UInt32 {
    var mixer = SeededGenerator(seed: ~state(seed))
    return UInt32(truncatingIfNeeded: mixer.next() >> 32)
  }

  private static func number(_ bytes: Span<UInt8>, at offset: Int, byteCount: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in 0..<byteCount { value |= UInt32(bytes[offset + index]) << (8 * UInt32(index)) }
    return value
  }

  private static func append(_ value: UInt32, byteCount: Int, to bytes: inout [UInt8]) {
    for index in 0..<byteCount {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))))
    }
  }
}
