internal import MCTPWire

/// The packets of one bulk transfer, one after the other (DSP0283).
///
/// Each packet has four bytes in front: 0x1A 0xB4, then the length, which counts these four too.
/// Packets that span transfers, which DSP0283 1.1 allows to interfaces of subclass 2, are not
/// joined: such a packet ends in `.length`.
///
/// ```swift
/// var transfer = USBTransfer(bytes, version: .v10)
/// while let packet = try transfer.next() { ... }
/// ```
public struct USBTransfer: ~Escapable {
  /// The edition of the binding that both sides speak, known from the interface descriptor.
  public enum Version: UInt8, Hashable, Sendable {
    /// Length of eight bits; byte 2 is 0.
    case v10 = 0
    /// Length of 13 bits, its high part in byte 2.
    case v11 = 1

    /// 251 or 8187.
    public var packetByteCountMax: Int {
      switch self {
      case .v10: 0xFF - USBTransfer.overheadByteCount
      case .v11: 0x1FFF - USBTransfer.overheadByteCount
      }
    }
  }

  /// Bytes in front of each packet.
  public static let overheadByteCount = 4
  /// What a transfer of several packets may be long in 1.0.
  public static let byteCountMax = 512

  private let version: Version
  private let transfer: Span<UInt8>
  private var offset = 0
  private var isDamaged = false

  /// - Parameter transfer: all bytes of the transfer; may be empty.
  @_lifetime(copy transfer)
  public init(_ transfer: Span<UInt8>, version: Version) {
    self.transfer = transfer
    self.version = version
  }

  /// What `next` has not walked yet; after a throw, the bytes that it dropped.
  public var remaining: Span<UInt8> {
    @_lifetime(copy self) get { transfer.extracting(offset..<transfer.count) }
  }

  /// The next packet, borrowed from the transfer; nil at its end.
  ///
  /// Whatever the bytes are, this returns or throws. A wrong header leaves nothing to find the
  /// next one by, so the rest of the transfer is dropped and later calls return nil.
  ///
  /// - Throws: `.tooShort` for less than a header, `.notMCTP`, or `.length` for a length that is
  ///   under 8, beyond the version's range or beyond the transfer.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func next() throws(FrameError) -> Span<UInt8>? {
    guard !isDamaged, offset < transfer.count else { return nil }
    let byteCount: Int
    do throws(FrameError) {
      byteCount = try USBTransfer.byteCount(ofHeader: remaining, version: version)
    } catch {
      isDamaged = true
      throw error
    }
    let start = offset &+ USBTransfer.overheadByteCount
    offset &+= byteCount
    return transfer.extracting(start..<offset)
  }

  /// The checked length of the packet at the start of `bytes`, header included.
  private static func byteCount(
    ofHeader bytes: Span<UInt8>, version: Version
  ) throws(FrameError) -> Int {
    guard bytes.count >= overheadByteCount else { throw .tooShort }
    guard bytes[0] == 0x1A, bytes[1] == 0xB4 else { throw .notMCTP }
    let high: UInt8 =
      switch version {
      case .v10: bytes[2]
      case .v11: bytes[2] & 0x1F
      }
    if version == .v10, high != 0 { throw .length }
    let byteCount = Int(high) << 8 | Int(bytes[3])
    guard byteCount >= overheadByteCount + PacketHeader.byteCount, byteCount <= bytes.count else {
      throw .length
    }
    return byteCount
  }

  /// Writes a packet with its header at `offset`: at 0 to begin a transfer, at the end of the
  /// packet before to pack several into one.
  ///
  /// - Parameter packet: 4 to `version.packetByteCountMax` bytes; copied.
  /// - Returns: the bytes written: packet bytes + 4.
  /// - Throws: `.tooShort` or `.tooLong` when the version cannot carry the packet, `.tooLong` too
  ///   when `transfer` has no room behind `offset`. Nothing is written then.
  public static func encode(
    _ packet: Span<UInt8>, version: Version, into transfer: inout MutableSpan<UInt8>,
    at offset: Int = 0
  ) throws(FrameError) -> Int {
    guard packet.count >= PacketHeader.byteCount else { throw .tooShort }
    let byteCount = packet.count &+ overheadByteCount
    guard packet.count <= version.packetByteCountMax, offset >= 0,
      byteCount <= transfer.count &- offset
    else { throw .tooLong }
    transfer[offset] = 0x1A
    transfer[offset &+ 1] = 0xB4
    transfer[offset &+ 2] = UInt8(truncatingIfNeeded: byteCount >> 8)
    transfer[offset &+ 3] = UInt8(truncatingIfNeeded: byteCount)
    transfer.copy(packet, to: offset &+ overheadByteCount)
    return byteCount
  }
}
