import MCTPWire

/// Frames built from the definitions, bit by bit, with nothing shared with the codecs.
enum ReferenceFrame {
  /// CRC-8, polynomial 0x07, not reflected.
  static func pec(_ bytes: [UInt8]) -> UInt8 {
    var crc: UInt8 = 0
    for byte in bytes {
      for bit in (0..<8).reversed() {
        let isSet = (crc >> 7) ^ (byte >> UInt8(bit) & 1) == 1
        crc = crc << 1 ^ (isSet ? 0x07 : 0)
      }
    }
    return crc
  }

  /// CRC-16, polynomial 0x1021 reflected, from 0xFFFF, no final complement.
  static func fcs(_ bytes: [UInt8]) -> UInt16 {
    var crc: UInt16 = 0xFFFF
    for byte in bytes {
      for bit in 0..<8 {
        let isSet = UInt8(crc & 1) ^ (byte >> UInt8(bit) & 1) == 1
        crc = crc >> 1 ^ (isSet ? 0x8408 : 0)
      }
    }
    return crc
  }

  /// - Parameters:
  ///   - destination: seven bits.
  ///   - source: seven bits.
  static func smbus(_ packet: [UInt8], to destination: UInt8, from source: UInt8) -> [UInt8] {
    let bytes = [destination * 2, 0x0F, UInt8(packet.count + 1), source * 2 + 1] + packet
    return bytes + [pec(bytes)]
  }

  static func i3c(_ packet: [UInt8], dynamicAddress: UInt8, isRead: Bool) -> [UInt8] {
    packet + [pec([dynamicAddress * 2 + (isRead ? 1 : 0)] + packet)]
  }

  static func serial(_ packet: [UInt8]) -> [UInt8] {
    let check = fcs([0x01, UInt8(packet.count)] + packet)
    var frame: [UInt8] = [0x7E, 0x01, UInt8(packet.count)]
    for byte in packet {
      frame += byte == 0x7E || byte == 0x7D ? [0x7D, byte - 0x20] : [byte]
    }
    return frame + [UInt8(check / 256), UInt8(check % 256), 0x7E]
  }

  static func usb(_ packet: [UInt8]) -> [UInt8] {
    [0x1A, 0xB4, 0x00, UInt8(packet.count + 4)] + packet
  }
}
