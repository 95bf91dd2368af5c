public import MCTPWire

/// Splits a message body into packets (DSP0236 1.3.3 §8).
///
/// Holds no bytes: the caller keeps the body and passes it to each call. Every packet but the
/// last carries `transmissionUnitBytes`, and the last is never empty.
public struct Fragmenter: Hashable, Sendable {
  /// One packet: its header, and which bytes of the body follow it.
  public struct Fragment: Hashable, Sendable {
    public let header: PacketHeader
    /// Offset of the first body byte.
    public let offset: Int
    /// Body bytes: 1 to the transmission unit.
    public let count: Int
  }

  /// Payload bytes of a packet, header not counted; at least 64.
  public let transmissionUnitBytes: Int
  public let bodyByteCount: Int
  /// Body bytes that are in packets already.
  public private(set) var offset = 0

  private let destination: EID
  private let source: EID
  private let messageTag: MessageTag
  private var sequence: UInt8

  /// - Parameters:
  ///   - bodyByteCount: type byte included; at least 1.
  ///   - transmissionUnitBytes: at least 64, the baseline (DSP0236 1.3.3 §8).
  ///   - startingSequence: 0 to 3; the standard recommends one more than in the sender's previous
  ///     end packet, see `SequenceMemory`.
  public init(
    bodyByteCount: Int, transmissionUnitBytes: Int = 64, destination: EID, source: EID,
    messageTag: MessageTag, startingSequence: UInt8 = 0
  ) {
    precondition(bodyByteCount > 0, "a body has a type byte")
    precondition(transmissionUnitBytes >= 64, "below the baseline transmission unit")
    self.bodyByteCount = bodyByteCount
    self.transmissionUnitBytes = transmissionUnitBytes
    self.destination = destination
    self.source = source
    self.messageTag = messageTag
    sequence = startingSequence & 0x03
  }

  public var isFinished: Bool { offset == bodyByteCount }

  /// The next packet; nil after the last.
  public mutating func next() -> Fragment? {
    guard offset < bodyByteCount else { return nil }
    let count = min(transmissionUnitBytes, bodyByteCount - offset)
    let header = PacketHeader(
      destination: destination, source: source, som: offset == 0,
      eom: offset + count == bodyByteCount, sequence: sequence, messageTag: messageTag)
    defer {
      offset += count
      sequence = (sequence + 1) & 0x03
    }
    return Fragment(header: header, offset: offset, count: count)
  }

  /// Writes the next packet.
  ///
  /// - Parameters:
  ///   - body: the same `bodyByteCount` bytes each time.
  ///   - packet: room for the header and one transmission unit, or for what is left.
  /// - Returns: bytes written; nil after the last packet.
  public mutating func next(_ body: Span<UInt8>, into packet: inout MutableSpan<UInt8>) -> Int? {
    precondition(body.count == bodyByteCount, "another body")
    guard let fragment = next() else { return nil }
    packet.write(fragment.header)
    let end = PacketHeader.byteCount + fragment.count
    let range = fragment.offset..<(fragment.offset + fragment.count)
    packet.withUnsafeMutableBytes { target in
      body.extracting(range).withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: target[PacketHeader.byteCount..<end])
          .copyMemory(from: $0)
      }
    }
    return end
  }
}

extension MutableSpan where Element == UInt8 {
  /// The header's four bytes at the front.
  @_lifetime(self: copy self)
  mutating func write(_ header: PacketHeader) {
    let bytes = header.bytes
    self[0] = bytes.0
    self[1] = bytes.1
    self[2] = bytes.2
    self[3] = bytes.3
  }
}
