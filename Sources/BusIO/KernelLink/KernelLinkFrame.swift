// The bytes that a packet socket carries on an MCTP link: the driver's header and the packet.
//
// Owns nothing. The driver has checked the PEC or FCS and took it off; it adds it on the way out.
// Implements DSP0237 1.1.0 §6.2 without its PEC for links of mctp-i2c; the header of mctp-i3c is
// that driver's own.

internal import MCTPFraming
internal import MCTPWire

enum KernelLinkFrame {
  /// Destination and source, six bytes each, most significant first.
  private static let i3cHeaderByteCount = 12
  /// Destination, command code, byte count, source.
  private static let i2cHeaderByteCount = 4

  static func headerByteCount(_ addressing: KernelLinkPort.Addressing) -> Int {
    switch addressing {
    case .i2c: i2cHeaderByteCount
    case .i3c: i3cHeaderByteCount
    case .none: 0
    }
  }

  /// The largest packet in a frame. I2C's format has a bound of its own, and a packet between the
  /// transmission unit and that is the engine's to judge, as in `I2CPort`.
  static func packetByteCountMax(_ configuration: KernelLinkPort.Configuration) -> Int {
    if case .i2c = configuration.addressing { return SMBusFrame.packetByteCountMax }
    return PacketHeader.byteCount + configuration.transmissionUnitBytes
  }

  /// Checks a received frame; the packet is what follows the header.
  ///
  /// The checks and their order are those of `SMBusFrame`: size, command code, byte count, then
  /// addresses. Choice: an I3C frame's destination is not judged, because this end is the bus's
  /// only controller and the driver writes the field itself.
  ///
  /// - Returns: who sent it.
  static func source(
    of frame: Span<UInt8>, _ addressing: KernelLinkPort.Addressing, packetByteCountMax: Int
  ) throws(FrameError) -> PhysicalAddress {
    let packetByteCount = frame.count - headerByteCount(addressing)
    guard packetByteCount >= PacketHeader.byteCount else { throw .tooShort }
    guard packetByteCount <= packetByteCountMax else { throw .tooLong }
    switch addressing {
    case .none: return .none
    case .i3c:
      var provisionedID: UInt64 = 0
      for index in 6..<12 { provisionedID = provisionedID << 8 | UInt64(frame[index]) }
      return .i3c(provisionedID)
    case .i2c(let ownAddress):
      guard frame[1] == SMBusFrame.commandCode else { throw .notMCTP }
      guard Int(frame[2]) == packetByteCount + 1 else { throw .length }
      let own = ownAddress << 1
      guard frame[0] == own, frame[3] & 1 == 1, frame[3] != own | 1 else { throw .address }
      return .i2c(frame[3] >> 1)
    }
  }

  /// Writes header and packet to the start of `frame`.
  ///
  /// - Parameter linkAddress: the link's own address as a number, for I3C.
  /// - Returns: the bytes written; nil where the address is of another medium or our own, or where
  ///   no frame of this link carries the packet.
  static func encode(
    _ packet: Span<UInt8>, to address: PhysicalAddress,
    _ addressing: KernelLinkPort.Addressing, linkAddress: UInt64,
    into frame: inout MutableSpan<UInt8>
  ) -> Int? {
    let header = headerByteCount(addressing)
    guard packet.count >= PacketHeader.byteCount, header + packet.count <= frame.count else {
      return nil
    }
    switch addressing {
    case .none: break
    case .i3c:
      guard address.form == .i3c, address.value != linkAddress else { return nil }
      for index in 0..<6 {
        frame[index] = UInt8(truncatingIfNeeded: address.value >> UInt64(40 - 8 * index))
        frame[index + 6] = UInt8(truncatingIfNeeded: linkAddress >> UInt64(40 - 8 * index))
      }
    case .i2c(let ownAddress):
      let destination = UInt8(truncatingIfNeeded: address.value)
      guard address.form == .i2c, destination != ownAddress,
        packet.count <= SMBusFrame.packetByteCountMax
      else { return nil }
      frame[0] = destination << 1
      frame[1] = SMBusFrame.commandCode
      frame[2] = UInt8(truncatingIfNeeded: packet.count + 1)
      frame[3] = ownAddress << 1 | 1
    }
    packet.withUnsafeBytes { source in
      frame.withUnsafeMutableBytes { target in
        UnsafeMutableRawBufferPointer(rebasing: target[header...]).copyMemory(from: source)
      }
    }
    return header + packet.count
  }
}
