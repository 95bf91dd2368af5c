// A packet as the checker reads it: bit by bit from the bytes (DSP0236 1.3.3 §8.1, §11), with
// nothing of the codecs that it judges.

internal import MCTPWire

struct SeenPacket {
  let byteCount: Int
  let version: UInt8
  let destination: UInt8
  let source: UInt8
  let flags: UInt8
  /// The byte after the header of a start packet, integrity bit included; 0 elsewhere.
  let typeByte: UInt8

  /// Nil below the four bytes of a header.
  init?(_ bytes: Span<UInt8>) {
    guard bytes.count >= 4 else { return nil }
    byteCount = bytes.count
    version = bytes[0] & 0x0F
    destination = bytes[1]
    source = bytes[2]
    flags = bytes[3]
    typeByte = bytes.count > 4 && bytes[3] & 0x80 != 0 ? bytes[4] : 0
  }

  var isStart: Bool { flags & 0x80 != 0 }
  var isEnd: Bool { flags & 0x40 != 0 }
  var isTagOwner: Bool { flags & 0x08 != 0 }
  var tag: UInt8 { flags & 0x07 }
  var payloadByteCount: Int { byteCount - 4 }
  /// A start packet of a control message, whatever else is wrong with it.
  var isControl: Bool { isStart && byteCount > 4 && typeByte & 0x7F == 0 }

  /// EIDs that a device may have: 0x08 to 0xFE.
  static func isAssignable(_ eid: UInt8) -> Bool { eid >= 0x08 && eid <= 0xFE }
  /// 0x01 to 0x07: nobody's, and not to be used.
  static func isReserved(_ eid: UInt8) -> Bool { eid >= 0x01 && eid <= 0x07 }
}

/// The control message of one packet, as the checker reads it.
struct SeenControl {
  static let setEID: UInt8 = 0x01
  static let getEID: UInt8 = 0x02
  static let getUUID: UInt8 = 0x03
  static let getVersions: UInt8 = 0x04
  static let getTypes: UInt8 = 0x05
  static let getVendorSets: UInt8 = 0x06
  static let resolveEID: UInt8 = 0x07
  static let allocate: UInt8 = 0x08
  static let routingUpdate: UInt8 = 0x09
  static let routingTable: UInt8 = 0x0A
  static let discoveryNotify: UInt8 = 0x0D
  static let networkID: UInt8 = 0x0E
  static let queryHop: UInt8 = 0x0F
  static let resolveUUID: UInt8 = 0x10
  static let interfaces: UInt8 = 0x14

  let isRequest: Bool
  let isDatagram: Bool
  let instanceID: UInt8
  let command: UInt8
  /// Bytes after the command: of a response the completion code first.
  let dataByteCount: Int

  /// Nil for what is no well-formed control message of one packet (§11): a start and end packet
  /// of at most 64 bytes of payload without integrity check, whose Rq fits its tag owner bit, and
  /// no response that is a datagram.
  init?(_ packet: SeenPacket, _ bytes: Span<UInt8>) {
    guard packet.isStart, packet.isEnd, packet.typeByte == 0, bytes.count >= 7, bytes.count <= 68
    else { return nil }
    isRequest = bytes[5] & 0x80 != 0
    isDatagram = bytes[5] & 0x40 != 0
    instanceID = bytes[5] & 0x1F
    command = bytes[6]
    dataByteCount = bytes.count - 7
    guard isRequest == packet.isTagOwner, isRequest || !isDatagram else { return nil }
  }
}
