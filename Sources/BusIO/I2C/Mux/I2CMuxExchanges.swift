// The requests that a leg wrote and whose answers it holds the mux tree for.
//
// Owns one table for the whole tree: only the leg that has the turn has entries in it.

internal import MCTPFraming
internal import MCTPWire

/// What the scheduler reads of a packet on its way out.
struct I2CMuxPacket: Hashable {
  /// Who the frame goes to, seven bits.
  let address: UInt8
  let header: PacketHeader
  private let byteCount: Int
  private let pec: UInt8
  /// True for Set Endpoint ID, whose answer may come from the new EID already.
  private let isSetEndpointID: Bool

  /// - Parameter frame: a legal frame, address byte first, PEC last.
  init?(_ frame: Span<UInt8>) {
    guard frame.count >= SMBusFrame.byteCountMin,
      let header = PacketHeader(frame.extracting(4..<frame.count))
    else { return nil }
    address = frame[0] >> 1
    self.header = header
    byteCount = frame.count
    pec = frame[frame.count - 1]
    // Message type 0 with Rq set, then the command.
    isSetEndpointID =
      header.som && frame.count > 11 && frame[8] & 0x7F == 0 && frame[9] & 0x80 != 0
      && frame[10] == 0x01
  }

  /// True when an answer to it is to be waited for: a broadcast has no one answer.
  var isRequest: Bool { header.messageTag.tagOwner && header.destination != .broadcast }

  /// True when the answer to it may carry any source EID: it went to whoever is at the address, or
  /// it changes the EID.
  var acceptsAnySource: Bool { header.destination == .null || isSetEndpointID }
}

struct I2CMuxExchanges {
  /// Choice: eight requests of one leg at a time, as many as one pair of endpoints has tags. They
  /// are more than one only while no other leg waits; a ninth takes the place of the oldest.
  static let countMax = 8

  private struct Exchange {
    let address: UInt8
    let request: PacketHeader
    let acceptsAnySource: Bool
    /// The end of time until the request is on the bus.
    var deadline: Instant

    func isSameMessage(as packet: I2CMuxPacket) -> Bool {
      address == packet.address && request.messageTag == packet.header.messageTag
        && request.source == packet.header.source
        && request.destination == packet.header.destination
    }

    /// TO = 0, the same tag, the EIDs swapped (DSP0236 1.3.3 §8).
    func isAnswered(by answer: PacketHeader, from sender: UInt8) -> Bool {
      address == sender && answer.messageTag == request.messageTag.reply
        && answer.destination == request.source
        && (acceptsAnySource || answer.source == request.destination)
    }
  }

  private var exchanges: [Exchange] = []

  init() { exchanges.reserveCapacity(I2CMuxExchanges.countMax) }

  var isEmpty: Bool { exchanges.isEmpty }
  var count: Int { exchanges.count }

  /// When the last of them need not be waited for any more; nil when there is none.
  var lastDeadline: Instant? {
    var last: Instant?
    for exchange in exchanges { last = max(last ?? .zero, exchange.deadline) }
    return last
  }

  func contains(_ packet: I2CMuxPacket) -> Bool {
    exchanges.contains { $0.isSameMessage(as: packet) }
  }

  func awaits(_ address: UInt8) -> Bool { exchanges.contains { $0.address == address } }

  /// A packet of a request begins to be written.
  ///
  /// - Returns: whether an older exchange gave way without its answer, and whether this packet
  ///   opened one.
  mutating func begin(_ packet: I2CMuxPacket) -> (hasExpired: Bool, isNew: Bool) {
    var hasExpired = false
    if let index = exchanges.firstIndex(where: { $0.isSameMessage(as: packet) }) {
      guard packet.header.som else { return (false, false) }
      // The same tag begins again: its owner has given the first request up.
      exchanges.remove(at: index)
      hasExpired = true
    } else if exchanges.count == I2CMuxExchanges.countMax {
      exchanges.removeFirst()
      hasExpired = true
    }
    exchanges.append(
      Exchange(
        address: packet.address, request: packet.header, acceptsAnySource: packet.acceptsAnySource,
        deadline: Instant(nanoseconds: .max)))
    return (hasExpired, true)
  }

  /// The packet is on the bus, or at least belongs to a message that goes on.
  mutating func extend(_ packet: I2CMuxPacket, to deadline: Instant) {
    for index in exchanges.indices where exchanges[index].isSameMessage(as: packet) {
      exchanges[index].deadline = deadline
    }
  }

  /// A request that never left awaits nothing.
  mutating func forget(_ packet: I2CMuxPacket) {
    exchanges.removeAll { $0.isSameMessage(as: packet) }
  }

  /// A packet came in.
  ///
  /// - Parameter deadline: how long the rest of an answer that goes on is waited for.
  /// - Returns: true when it ended an exchange.
  mutating func receive(_ answer: PacketHeader, from sender: UInt8, deadline: Instant) -> Bool {
    guard
      let index = exchanges.firstIndex(where: { $0.isAnswered(by: answer, from: sender) })
    else { return false }
    guard answer.eom else {
      exchanges[index].deadline = deadline
      return false
    }
    exchanges.remove(at: index)
    return true
  }

  /// Removes what has waited long enough; returns how many.
  mutating func expire(_ now: Instant) -> Int {
    let before = exchanges.count
    exchanges.removeAll { $0.deadline <= now }
    return before - exchanges.count
  }

  /// Removes all; returns how many.
  mutating func removeAll() -> Int {
    defer { exchanges.removeAll(keepingCapacity: true) }
    return exchanges.count
  }
}
