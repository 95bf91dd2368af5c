/// The four bytes in front of each packet (DSP0236 §8.2).
struct NeighbourHeader {
  var destination: UInt8
  var source: UInt8
  /// SOM, EOM, sequence, TO and tag as they are on the wire.
  var flags: UInt8

  init(destination: UInt8, source: UInt8, flags: UInt8) {
    self.destination = destination
    self.source = source
    self.flags = flags
  }

  /// Nil: shorter than a header, another version, or a source or destination that none may have.
  init?(_ packet: [UInt8]) {
    guard packet.count >= 4, packet[0] & 0x0F == 1 else { return nil }
    self.init(destination: packet[1], source: packet[2], flags: packet[3])
    guard source == 0 || (source >= 8 && source != 0xFF), destination == 0 || destination >= 8
    else { return nil }
  }

  var isStart: Bool { flags & 0x80 != 0 }
  var isEnd: Bool { flags & 0x40 != 0 }
  var sequence: UInt8 { flags >> 4 & 3 }
  var isTagOwner: Bool { flags & 0x08 != 0 }
  var tag: UInt8 { flags & 0x07 }
  /// TO and tag.
  var tagBits: UInt8 { flags & 0x0F }
}
