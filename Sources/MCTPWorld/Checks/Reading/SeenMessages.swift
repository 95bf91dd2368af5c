// Messages to one router, put together from the packets that it took (DSP0236 1.3.3 §8.9): by port
// and address, EIDs and tag, so that nobody else's packets end one.

internal import MCTPWire

struct SeenMessages {
  /// A message that came whole, in order and from one place.
  struct Whole {
    var place: RoutingModel.Place
    var source: UInt8
    var destination: UInt8
    var packetCount: Int
  }

  private struct Begun {
    var place: RoutingModel.Place
    var source: UInt8
    var destination: UInt8
    /// Tag and tag owner bit.
    var tag: UInt8
    var sequence: UInt8
    var unit: Int
    var byteCount: Int
    var packetCount: Int
    var at: Instant
  }

  /// Choice: well below the 6 s that a message may stand still.
  private static let gapMs: UInt32 = 4000
  /// Choice: what the smallest router has room for, whatever the others of its port begin.
  private static let byteCountMax = 4096
  private static let atOnceMax = 4

  private var begun: [Begun] = []

  /// Takes a packet; returns the message that it makes whole, if it has several packets and the
  /// router has to have had room for it.
  mutating func take(
    _ packet: SeenPacket, at place: RoutingModel.Place, now: Instant
  ) -> Whole? {
    let tag = packet.flags & 0x0F
    let index = begun.firstIndex {
      $0.place == place && $0.source == packet.source && $0.destination == packet.destination
        && $0.tag == tag
    }
    let sequence = packet.flags >> 4 & 0x03
    guard !packet.isStart else {
      if let index { begun.remove(at: index) }
      guard !packet.isEnd else { return nil }
      begun.append(
        Begun(
          place: place, source: packet.source, destination: packet.destination, tag: tag,
          sequence: sequence, unit: packet.payloadByteCount, byteCount: packet.payloadByteCount,
          packetCount: 1, at: now))
      return nil
    }
    guard let index else { return nil }
    var message = begun.remove(at: index)
    let isNext =
      sequence == (message.sequence + 1) & 0x03
      && now < message.at.advanced(byMs: Self.gapMs)
      && (packet.isEnd
        ? (1...message.unit).contains(packet.payloadByteCount)
        : packet.payloadByteCount == message.unit)
    message.byteCount += packet.payloadByteCount
    guard isNext, message.byteCount <= Self.byteCountMax else { return nil }
    message.sequence = sequence
    message.packetCount += 1
    message.at = now
    guard packet.isEnd else {
      begun.append(message)
      return nil
    }
    let others = begun.count {
      $0.place.port == place.port && now < $0.at.advanced(byMs: 2 * Self.gapMs)
    }
    guard others < Self.atOnceMax else { return nil }
    return Whole(
      place: place, source: packet.source, destination: packet.destination,
      packetCount: message.packetCount)
  }

  mutating func forget(before now: Instant) {
    guard begun.count >= 32 else { return }
    begun.removeAll { $0.at.advanced(byMs: 2 * Self.gapMs) < now }
  }
}
