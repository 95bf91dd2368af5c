// A simple endpoint that answers control requests (DSP0236 1.3.3 §12), written from the reference,
// byte by byte, with nothing of the product's codecs. A value: a copy is another life of it.

struct TinyDevice: Hashable, Sendable {
  /// What a device may do wrong, for tests of the search.
  enum Habit: UInt8, Hashable, Sendable {
    case none
    /// Says that it took the EID and keeps the one it had.
    case keepsItsEID
    /// Takes the EID of the first device that was given one.
    case takesTheFirst
  }

  let number: UInt8
  let habit: Habit
  /// 0 while it has none; volatile.
  private(set) var eid: UInt8 = 0
  /// The channel to who gave it its EID.
  private(set) var owner: Int?
  /// A router heard it say that it has its EID.
  var isConfirmed = false
  /// Whom it asked last and has no answer from; 0 for nobody.
  private(set) var awaited: UInt8 = 0

  init(number: Int, habit: Habit) {
    self.number = UInt8(number)
    self.habit = habit
  }

  /// Power was away for a moment.
  mutating func restart() {
    eid = 0
    owner = nil
    isConfirmed = false
    awaited = 0
  }

  /// Get Endpoint ID of another endpoint, through the bus owner.
  mutating func ping(_ other: UInt8) -> [UInt8] {
    awaited = other
    return [0x01, other, eid, 0xC8 | 0x07, 0x00, 0x9F, 0x02]
  }

  /// - Parameter channel: to who sent it.
  /// - Returns: the answer's packet; nil for what gets none.
  mutating func receive(_ packet: [UInt8], back channel: Int) -> [UInt8]? {
    guard packet.count >= 7, packet[0] & 0x0F == 1, packet[3] & 0xC0 == 0xC0, packet[4] == 0,
      isForUs(packet[1])
    else { return nil }
    let isTagOwner = packet[3] & 0x08 != 0
    if !isTagOwner, packet[5] & 0x80 == 0 {
      if packet[2] == awaited { awaited = 0 }
      return nil
    }
    guard isTagOwner, packet[5] & 0xC0 == 0x80 else { return nil }
    let before = eid
    let body = answer(packet, channel)
    let source = packet[1] == 0 || packet[1] == 0xFF ? eid : before
    let header: [UInt8] = [0x01, packet[2], source, 0xC0 | packet[3] & 0x07]
    return header + [0x00, packet[5] & 0x1F, packet[6]] + body
  }

  private func isForUs(_ destination: UInt8) -> Bool {
    destination == 0 || destination == 0xFF || destination == eid
  }

  /// From the completion code on.
  private mutating func answer(_ packet: [UInt8], _ channel: Int) -> [UInt8] {
    switch packet[6] {
    case 0x01: return packet.count == 9 ? setEID(packet[7], packet[8], channel) : [0x03]
    case 0x02: return packet.count == 7 ? [0x00, eid, 0x00, 0x00] : [0x03]
    case 0x03:
      // Version 4, the variant of RFC 4122.
      let uuid: [UInt8] = [0x7E, 0x57, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, number]
      return packet.count == 7 ? [0x00] + uuid : [0x03]
    case 0x04:
      guard packet.count == 8 else { return [0x03] }
      guard packet[7] == 0xFF || packet[7] == 0 else { return [0x80] }
      return [0x00, 1, 0xF1, 0xF3, 0xF1, 0x00]
    case 0x05: return packet.count == 7 ? [0x00, 1, 0x00] : [0x03]
    case 0x06: return [0x02]
    default: return [0x05]
    }
  }

  private mutating func setEID(_ operation: UInt8, _ wish: UInt8, _ channel: Int) -> [UInt8] {
    guard operation & 0x03 < 2, wish >= 8, wish < 0xFF else { return [0x02] }
    owner = channel
    isConfirmed = false
    switch habit {
    case .keepsItsEID where eid != 0: return [0x00, 0x00, wish, 0x00]
    case .takesTheFirst: eid = 0x09
    default: eid = wish
    }
    return [0x00, 0x00, habit == .takesTheFirst ? wish : eid, 0x00]
  }
}
