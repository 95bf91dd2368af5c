internal import AdminProtocol
internal import MCTPEndpoint
internal import MCTPWire

/// Messages that start on this device because somebody asked over the admin socket, and their
/// responses.
struct OwnExchanges: ~Copyable {
  /// Who waits for a response, and in which form.
  struct Waiting {
    enum Form {
      case ping
      case message
    }

    let connection: AdminConnectionID
    let requestID: UInt32
    let form: Form
    let startTime: Instant
  }

  /// A BMC's memory: one request of 32 kB and its answer, several at once.
  private static let limits = EndpointLimits(
    reassembly: ReassemblyLimits(memoryBytesMax: 128 << 10), outboundBytesMax: 64 << 10)

  private var endpoint = MessageEndpoint(limits: OwnExchanges.limits)
  private var waiting: [RequestTicket: Waiting] = [:]

  init() {}

  /// When `nextEvent` has something to say. Kept after every change: the endpoint looks at all its
  /// tables for it, and the loop asks every turn.
  private(set) var nextDeadline: Instant?
  /// True while packets may wait to be sent.
  var hasWork: Bool { endpoint.exchangeCount > 0 }

  /// The body of the message that the last `receive` completed.
  var message: [UInt8] {
    let span = endpoint.message
    return [UInt8](unsafeUninitializedCapacity: span.count) { buffer, count in
      for index in span.indices { buffer[index] = span[index] }
      count = span.count
    }
  }

  mutating func request(
    _ body: Span<UInt8>, to peer: Peer, transmissionUnitBytes: Int, timeoutMs: UInt32,
    for waiter: Waiting, now: Instant
  ) throws(SendError) {
    defer { nextDeadline = endpoint.nextDeadline }
    let ticket = try endpoint.request(
      body, to: peer, transmissionUnitBytes: transmissionUnitBytes, timeoutMs: timeoutMs,
      now: now)
    waiting[ticket] = waiter
  }

  mutating func receive(
    _ packet: Span<UInt8>, from origin: PacketOrigin, now: Instant
  ) -> Delivery {
    defer { nextDeadline = endpoint.nextDeadline }
    return endpoint.receive(packet, from: origin, localEID: nil, now: now)
  }

  mutating func nextPacket(
    into packet: inout MutableSpan<UInt8>, now: Instant, where canSend: (Peer) -> Bool
  ) -> OutboundPacket? {
    defer { nextDeadline = endpoint.nextDeadline }
    return endpoint.nextPacket(into: &packet, now: now, where: canSend)
  }

  mutating func nextEvent(now: Instant) -> EndpointEvent? {
    defer { nextDeadline = endpoint.nextDeadline }
    return endpoint.nextEvent(now: now)
  }

  /// Who waits for a request that is finished now; nil when nobody does.
  mutating func take(_ ticket: RequestTicket) -> Waiting? { waiting.removeValue(forKey: ticket) }
}
