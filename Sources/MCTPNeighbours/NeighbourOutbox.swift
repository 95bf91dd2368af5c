/// Messages that wait to leave, and are cut into packets as they do. Messages of different tags or
/// to different EIDs take turns, packet by packet; those of one tag follow each other.
struct NeighbourOutbox {
  struct Message {
    /// Body, or the whole packet if `isRaw`.
    var bytes: [UInt8]
    var header: NeighbourHeader
    var address: UInt8?
    var readyAt: UInt64
    var isRaw = false
    /// An answer to a control request.
    var isControlAnswer = false
    /// For one of those behind it, not for its wire.
    var isInside = false
    fileprivate var offset = 0

    init(_ bytes: [UInt8], _ header: NeighbourHeader, address: UInt8?, readyAt: UInt64) {
      self.bytes = bytes
      self.header = header
      self.address = address
      self.readyAt = readyAt
    }
  }

  private static let byteCountMax = 4_194_304

  private var messages: [Message] = []
  private var turn = 0
  private var byteCount = 0
  let unit: Int

  init(unit: Int) { self.unit = unit }

  mutating func removeAll() {
    messages.removeAll()
    turn = 0
    byteCount = 0
  }

  /// False: there is no room.
  mutating func add(_ message: Message) -> Bool {
    guard byteCount + message.bytes.count <= Self.byteCountMax else { return false }
    byteCount += message.bytes.count
    messages.append(message)
    return true
  }

  /// When the next message is ready that is not ready at `now`.
  func nextReady(after now: UInt64) -> UInt64? {
    messages.lazy.map(\.readyAt).filter { $0 > now }.min()
  }

  struct Packet {
    var bytes: [UInt8]
    var address: UInt8?
    /// It ends an answer to a control request.
    var endsControlAnswer = false
    var isInside = false
  }

  mutating func next(now: UInt64) -> Packet? {
    let count = messages.count
    for step in 0..<count {
      let index = (turn + step) % count
      guard messages[index].readyAt <= now, !hasEarlierOfSameTag(index) else { continue }
      return take(index)
    }
    return nil
  }

  private func hasEarlierOfSameTag(_ index: Int) -> Bool {
    let header = messages[index].header
    for earlier in 0..<index where !messages[earlier].isRaw {
      let other = messages[earlier].header
      if other.destination == header.destination && other.tagBits == header.tagBits
        && !messages[index].isRaw
      {
        return true
      }
    }
    return false
  }

  private mutating func take(_ index: Int) -> Packet {
    let message = messages[index]
    guard !message.isRaw else {
      remove(index)
      return Packet(bytes: message.bytes, address: message.address)
    }
    let end = min(message.offset + unit, message.bytes.count)
    let isEnd = end == message.bytes.count
    let sequence = UInt8(message.offset / unit & 3)
    let flags =
      (message.offset == 0 ? 0x80 : 0) | (isEnd ? 0x40 : 0) | sequence << 4
      | message.header.tagBits
    var packet: [UInt8] = []
    packet.reserveCapacity(4 + end - message.offset)
    packet.append(1)
    packet.append(message.header.destination)
    packet.append(message.header.source)
    packet.append(flags)
    packet.append(contentsOf: message.bytes[message.offset..<end])
    if isEnd {
      remove(index)
    } else {
      messages[index].offset = end
      turn = (index + 1) % messages.count
    }
    return Packet(
      bytes: packet, address: message.address,
      endsControlAnswer: isEnd && message.isControlAnswer, isInside: message.isInside)
  }

  private mutating func remove(_ index: Int) {
    byteCount -= messages[index].bytes.count
    messages.remove(at: index)
    turn = messages.isEmpty ? 0 : index % messages.count
  }
}
