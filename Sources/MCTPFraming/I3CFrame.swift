internal import MCTPWire

/// One I3C private transfer that carries a packet: the packet, then a PEC (DSP0233).
///
/// No byte of it is an address. The PEC starts from the address byte all the same, so the same
/// packet has another PEC in the other direction and at another address.
public struct I3CFrame: ~Escapable {
  /// Bytes behind the packet.
  public static let overheadByteCount = 1
  /// A packet header and nothing else.
  public static let byteCountMin = PacketHeader.byteCount + overheadByteCount
  /// Read and write lengths are 16-bit numbers. A target's own limits are MRL and MWL.
  public static let byteCountMax = 0xFFFF

  /// The packet, borrowed from the transfer; at least 4 bytes.
  public let packet: Span<UInt8>

  /// Checks a received transfer. Whatever the bytes are, this returns or throws.
  ///
  /// - Parameters:
  ///   - transfer: the bytes of the transfer, PEC last, without the address.
  ///   - dynamicAddress: the target's, seven bits, not shifted.
  ///   - isRead: true when the controller read it from the target.
  /// - Throws: `.tooShort` under 5 bytes, `.tooLong` over 65535, `.integrity`.
  @_lifetime(copy transfer)
  public init(
    decoding transfer: Span<UInt8>, dynamicAddress: UInt8, isRead: Bool
  ) throws(FrameError) {
    guard transfer.count >= I3CFrame.byteCountMin else { throw .tooShort }
    guard transfer.count <= I3CFrame.byteCountMax else { throw .tooLong }
    let seed = I3CFrame.seed(dynamicAddress: dynamicAddress, isRead: isRead)
    // The PEC of bytes with their own PEC behind them is 0.
    guard PEC.update(seed, transfer) == 0 else { throw .integrity }
    self.packet = transfer.extracting(0..<(transfer.count &- 1))
  }

  /// Writes the transfer of `packet` to the start of `transfer`.
  ///
  /// - Parameters:
  ///   - packet: at least 4 bytes; copied. Whether the target takes it (MWL - 1 bytes) is the
  ///     caller's to check.
  ///   - dynamicAddress: the target's, seven bits, not shifted.
  ///   - isRead: true for what a target answers to a private read.
  /// - Returns: the bytes written: packet bytes + 1.
  /// - Throws: `.tooShort`, or `.tooLong` when `transfer` has no room. Nothing is written then.
  public static func encode(
    _ packet: Span<UInt8>, dynamicAddress: UInt8, isRead: Bool,
    into transfer: inout MutableSpan<UInt8>
  ) throws(FrameError) -> Int {
    guard packet.count >= PacketHeader.byteCount else { throw .tooShort }
    guard packet.count < byteCountMax, packet.count < transfer.count else { throw .tooLong }
    transfer.copy(packet, to: 0)
    transfer[packet.count] = PEC.update(
      seed(dynamicAddress: dynamicAddress, isRead: isRead), packet)
    return packet.count &+ 1
  }

  private static func seed(dynamicAddress: UInt8, isRead: Bool) -> UInt8 {
    PEC.update(0, dynamicAddress << 1 | (isRead ? 1 : 0))
  }
}
