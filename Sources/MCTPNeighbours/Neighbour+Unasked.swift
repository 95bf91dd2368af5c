/// What it sends by itself, good and bad. All of it waits until nothing else wants to leave.
struct NeighbourUnasked {
  var notify = NeighbourRate()
  var flood = NeighbourRate()
  var spoof = NeighbourRate()
  var garbage = NeighbourRate()
  var garbageFrames = NeighbourRate()
  var broken = NeighbourRate()
  /// The rest of a broken message.
  var brokenPackets: [[UInt8]] = []
  /// Counts what was sent, to vary it.
  var count: UInt32 = 0

  /// Tags of its own, so that no answer is taken for that to a request of the world.
  static let floodTag: UInt8 = 7
  static let brokenTag: UInt8 = 6
  static let spoofTag: UInt8 = 5
  static let notifyTag: UInt8 = 7
  /// No neighbour announces it: it is dropped where it arrives.
  static let strangeType: UInt8 = 0x55

  mutating func advance(_ now: UInt64, _ habits: NeighbourHabits) {
    notify.advance(now, perSecond: habits.notifyPerSecond)
    flood.advance(now, perSecond: habits.floodPerSecond)
    spoof.advance(now, perSecond: habits.spoofPerSecond)
    garbage.advance(now, perSecond: habits.garbagePerSecond)
    garbageFrames.advance(now, perSecond: habits.garbageFramesPerSecond)
    broken.advance(now, perSecond: habits.brokenMessagesPerSecond)
  }

  var nextAt: UInt64? {
    var next = notify.nextAt ?? .max
    next = min(next, flood.nextAt ?? .max)
    next = min(next, spoof.nextAt ?? .max)
    next = min(next, garbage.nextAt ?? .max)
    next = min(next, garbageFrames.nextAt ?? .max)
    next = min(next, broken.nextAt ?? .max)
    return next == .max ? nil : next
  }

  /// A bit for each tag that requests to this peer may not take.
  func reservedTags(_ habits: NeighbourHabits, _ peer: UInt8) -> UInt8 {
    var reserved: UInt8 = 0
    if peer == habits.floodDestination {
      if habits.floodPerSecond > 0 { reserved |= 1 << Self.floodTag }
      if habits.brokenMessagesPerSecond > 0 { reserved |= 1 << Self.brokenTag }
    }
    if peer == 0, habits.notifyPerSecond > 0 { reserved |= 1 << Self.notifyTag }
    return reserved
  }
}

extension Neighbour {
  func nextUnaskedPacket() -> Outgoing? {
    guard unasked.nextAt != nil || !unasked.brokenPackets.isEmpty, let way = way(to: 0) else {
      return nil
    }
    if !unasked.brokenPackets.isEmpty {
      return Outgoing(packet: unasked.brokenPackets.removeFirst(), to: way.link)
    }
    if unasked.notify.take() { return Outgoing(packet: notifyPacket(), to: way.link) }
    if unasked.spoof.take() { return Outgoing(packet: spoofedPacket(), to: way.link) }
    if unasked.garbage.take() { return Outgoing(packet: garbagePacket(), to: way.link) }
    guard eid != 0, let far = self.way(to: habits.floodDestination) else { return nil }
    if unasked.broken.take() {
      unasked.brokenPackets = brokenMessage()
      return Outgoing(packet: unasked.brokenPackets.removeFirst(), to: far.link)
    }
    if unasked.flood.take() { return Outgoing(packet: floodPacket(), to: far.link) }
    return nil
  }

  private func notifyPacket() -> [UInt8] {
    unasked.count &+= 1
    let source = unasked.count & 1 == 0 ? eid : 0
    return [0x01, 0x00, source, 0xC8 | NeighbourUnasked.notifyTag] + controlRequest(0x0D, [])
  }

  private func spoofedPacket() -> [UInt8] {
    var packet: [UInt8] = [
      0x01, habits.spoofDestination, habits.spoofedSource, 0xC8 | NeighbourUnasked.spoofTag,
      NeighbourUnasked.strangeType,
    ]
    for _ in 0..<8 { packet.append(random.byte()) }
    return packet
  }

  private func floodPacket() -> [UInt8] {
    unasked.count &+= 1
    let byteCount = min(max(Int(habits.floodByteCount), 1), configuration.transmissionUnitBytes)
    var packet = [UInt8](repeating: 0x7E, count: 4 + byteCount)
    packet[0] = 0x01
    packet[1] = habits.floodDestination
    packet[2] = eid
    packet[3] = 0xC8 | UInt8(unasked.count & 3) << 4 | NeighbourUnasked.floodTag
    var index = 5
    while index < packet.count {
      packet[index] = UInt8(truncatingIfNeeded: unasked.count >> UInt32((index - 5) & 3 * 8))
      index += 1
    }
    return packet
  }

  private func garbagePacket() -> [UInt8] {
    var packet: [UInt8] = []
    for _ in 0..<(4 + random.below(configuration.transmissionUnitBytes + 1)) {
      packet.append(random.byte())
    }
    if random.below(4) != 0 { packet[0] = 0x01 }
    return packet
  }

  /// Bytes that are no frame of its medium; the link's caller puts them on the wire as they are.
  public func nextGarbageFrame(now: UInt64) -> [UInt8]? {
    advance(to: now)
    guard unasked.garbageFrames.take() else { return nil }
    var bytes: [UInt8] = []
    switch configuration.medium {
    case .i2c:
      guard let address = way(to: 0)?.link else { return nil }
      bytes.append(address << 1)
      for _ in 0...random.below(40) { bytes.append(random.byte()) }
      if NeighbourSMBus.packet(bytes, own: address) != nil { bytes[1] ^= 0xFF }
    case .i3c:
      for _ in 0...random.below(4) { bytes.append(random.byte()) }
    case .serial:
      for _ in 0...random.below(40) { bytes.append(random.byte()) }
    }
    return bytes
  }

  // ---- broken messages ---------------------------------------------------------------------

  /// One message with one fault. Where a fault leaves a whole message by the rules (a start in the
  /// middle), the type of that is one that nobody takes.
  private func brokenMessage() -> [[UInt8]] {
    unasked.count &+= 1
    let start = part(0x80, 0, 64)
    switch unasked.count % 5 {
    case 0: return [start, part(0x00, 1, 64), part(0x40, 3, 16)]
    case 1: return [start, part(0x00, 1, 63), part(0x40, 2, 16)]
    case 2: return [part(0x80, 0, 32), part(0x40, 1, 48)]
    case 3: return [start, part(0x80, 1, 64), part(0x40, 2, 16)]
    default: return [part(0x00, 1, 64)]
    }
  }

  private func part(_ bits: UInt8, _ sequence: UInt8, _ byteCount: Int) -> [UInt8] {
    let type = bits & 0x80 != 0 && unasked.count % 5 != 3 ? 0x7E : NeighbourUnasked.strangeType
    let flags = bits | sequence << 4 | 0x08 | NeighbourUnasked.brokenTag
    return [0x01, habits.floodDestination, eid, flags, type]
      + [UInt8](repeating: NeighbourUnasked.strangeType, count: byteCount - 1)
  }
}
