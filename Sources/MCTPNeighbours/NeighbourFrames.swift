/// Frames of SMBus and I2C (DSP0237): each packet is one block write, in either direction.
public enum NeighbourSMBus {
  /// The whole write, address byte first and PEC last. `packet` has 4 to 254 bytes; addresses have
  /// seven bits.
  public static func frame(_ packet: [UInt8], to: UInt8, from: UInt8) -> [UInt8] {
    precondition(packet.count >= 4 && packet.count <= 254, "a packet has 4 to 254 bytes")
    var frame: [UInt8] = []
    frame.reserveCapacity(packet.count + 5)
    frame.append(to << 1)
    frame.append(0x0F)
    frame.append(UInt8(packet.count + 1))
    frame.append(from << 1 | 1)
    frame.append(contentsOf: packet)
    frame.append(NeighbourChecksum.pec(frame, 0..<frame.count))
    return frame
  }

  /// Nil: not for `own`, or not a good frame.
  public static func packet(_ frame: [UInt8], own: UInt8) -> (packet: [UInt8], source: UInt8)? {
    guard frame.count >= 9, frame[0] == own << 1, frame[1] == 0x0F,
      Int(frame[2]) + 4 == frame.count, frame[3] & 1 == 1, frame[3] >> 1 != own,
      NeighbourChecksum.pec(frame, 0..<frame.count - 1) == frame[frame.count - 1]
    else { return nil }
    return (Array(frame[4..<frame.count - 1]), frame[3] >> 1)
  }
}

/// Transfers of I3C (DSP0233): packet and PEC; the address is in the PEC alone.
public enum NeighbourI3C {
  /// `dynamicAddress` is that of the target, seven bits; `isRead`: from the target.
  public static func frame(_ packet: [UInt8], dynamicAddress: UInt8, isRead: Bool) -> [UInt8] {
    var frame = packet
    frame.append(pec(packet, packet.count, dynamicAddress, isRead))
    return frame
  }

  /// Nil: shorter than a header and its PEC, or the PEC is not right.
  public static func packet(
    _ bytes: [UInt8], dynamicAddress: UInt8, isRead: Bool
  ) -> [UInt8]? {
    guard bytes.count >= 5,
      pec(bytes, bytes.count - 1, dynamicAddress, isRead) == bytes[bytes.count - 1]
    else { return nil }
    return Array(bytes[0..<bytes.count - 1])
  }

  private static func pec(
    _ bytes: [UInt8], _ count: Int, _ dynamicAddress: UInt8, _ isRead: Bool
  ) -> UInt8 {
    let start = NeighbourChecksum.pec(byte: dynamicAddress << 1 | (isRead ? 1 : 0))
    return NeighbourChecksum.pec(bytes, 0..<count, after: start)
  }
}

/// Frames of a serial line (DSP0253).
public enum NeighbourSerial {
  /// Own opening and closing flag, revision 1; `packet` has 4 to 255 bytes. Length and FCS are not
  /// escaped.
  public static func frame(_ packet: [UInt8]) -> [UInt8] {
    precondition(packet.count >= 4 && packet.count <= 255, "a packet has 4 to 255 bytes")
    let count = UInt8(packet.count)
    var frame: [UInt8] = [0x7E, 0x01, count]
    frame.reserveCapacity(packet.count + 12)
    var fcs = NeighbourChecksum.fcs(byte: 0x01, after: NeighbourChecksum.fcsStart)
    fcs = NeighbourChecksum.fcs(byte: count, after: fcs)
    for byte in packet {
      fcs = NeighbourChecksum.fcs(byte: byte, after: fcs)
      if byte == 0x7E || byte == 0x7D {
        frame.append(0x7D)
        frame.append(byte ^ 0x20)
      } else {
        frame.append(byte)
      }
    }
    frame.append(UInt8(fcs >> 8))
    frame.append(UInt8(fcs & 0xFF))
    frame.append(0x7E)
    return frame
  }
}
