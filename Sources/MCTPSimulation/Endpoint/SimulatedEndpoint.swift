// A device behind any medium, seen at its packets: it answers MCTP control, echoes vendor defined
// messages and asks others on command.
//
// Owns: its EID, what its `MessageEndpoint` holds, the outcomes of its requests. Life: `receive`
// each packet, `advance(to:)` at `nextDeadline`, `ping`, `request` and `send` at any time; after
// each of them `nextPacket` until nil as far as the medium takes packets, and `nextOutcome`.
// Implements the endpoint's part of DSP0236 1.3.3 §12; it is a class because a device has an
// identity and a bus holds many.

public import MCTPEndpoint
public import MCTPWire

public final class SimulatedEndpoint {
  /// One packet to put on the medium.
  public struct AddressedPacket: Hashable, Sendable {
    public let bytes: [UInt8]
    public let address: PhysicalAddress
  }

  /// How a request of this device ended; exactly one for each.
  public enum Outcome: Hashable, Sendable {
    case answered(RequestTicket, by: EID, body: [UInt8], at: Instant)
    case timedOut(RequestTicket)
    /// The answer came and was lost, or was no answer to this request.
    case failed(RequestTicket, DropReason)
  }

  public let configuration: SimulatedEndpointConfiguration
  /// Null until one is assigned.
  public internal(set) var eid: EID
  /// For bindings with discovery: a bus owner has seen this device.
  public internal(set) var isDiscovered = false
  /// What ended here without being taken, by reason; frames that its medium refuses included.
  public private(set) var dropCounts: [DropReason: Int] = [:]
  public private(set) var packetsIn = 0
  public private(set) var packetsOut = 0

  var messages: MessageEndpoint
  private var outcomes: [Outcome] = []
  /// Control requests under way: what their answer must repeat.
  private var expected: [RequestTicket: ControlHeader] = [:]
  private var instanceID = InstanceID(rawValue: 0)
  private let packetBuffer: UnsafeMutableBufferPointer<UInt8>

  public init(_ configuration: SimulatedEndpointConfiguration) {
    self.configuration = configuration
    eid = configuration.eid
    messages = MessageEndpoint(limits: configuration.limits)
    packetBuffer = .allocate(
      capacity: PacketHeader.byteCount + configuration.transmissionUnitBytes)
    packetBuffer.initialize(repeating: 0)
  }

  deinit { packetBuffer.deallocate() }

  /// This device has one bus only; its own numbers for it mean nothing to anybody else.
  static let port = PortID(rawValue: 0)

  /// When `advance` has something to do; nil while nothing is under way.
  public var nextDeadline: Instant? { messages.nextDeadline }
}

extension SimulatedEndpoint {
  /// Takes one packet from its medium. Whatever the bytes are, it returns.
  ///
  /// - Parameter source: the sender's address on the bus; answers go back there.
  public func receive(_ packet: Span<UInt8>, from source: PhysicalAddress, now: Instant) {
    packetsIn += 1
    let origin = PacketOrigin(port: SimulatedEndpoint.port, address: source)
    let delivery = messages.receive(packet, from: origin, localEID: eid, now: now)
    if let ended = delivery.ended { count(ended.reason, packets: ended.packetCount) }
    switch delivery.outcome {
    case .incomplete: break
    case .message(let message): handle(message, body: Self.body(in: messages), now: now)
    case .response(let message, let ticket):
      finish(ticket, with: message, body: Self.body(in: messages), now: now)
    case .dropped(let reason):
      count(reason)
      if let ticket = delivery.failedRequest { fail(ticket, reason) }
    }
  }

  /// Lets time-outs happen.
  public func advance(to now: Instant) {
    while let event = messages.nextEvent(now: now) {
      switch event {
      case .assemblyEnded(let ended): count(ended.reason, packets: ended.packetCount)
      case .requestTimedOut(let ticket, _):
        expected[ticket] = nil
        outcomes.append(.timedOut(ticket))
      case .sendAbandoned: count(.egressQueueFull)
      }
    }
  }

  /// The next packet for the medium; nil when there is none.
  public func nextPacket(now: Instant) -> AddressedPacket? {
    var span = packetBuffer.mutableSpan
    guard let packet = messages.nextPacket(into: &span, now: now) else { return nil }
    packetsOut += 1
    let address: PhysicalAddress
    switch packet.peer.nextHop {
    case .physical(_, let physical): address = physical
    case .routed: address = configuration.bridgeAddress
    }
    return AddressedPacket(
      bytes: Array(copying: span.span.extracting(first: packet.byteCount)), address: address)
  }

  /// The oldest outcome that was not collected.
  public func nextOutcome() -> Outcome? { outcomes.isEmpty ? nil : outcomes.removeFirst() }

  /// Counts what ended at this device.
  public func count(_ reason: DropReason, packets: Int = 1) {
    dropCounts[reason, default: 0] += packets
  }

  private static func body(in messages: borrowing MessageEndpoint) -> [UInt8] {
    Array(copying: messages.message)
  }
}

extension SimulatedEndpoint {
  /// Asks another device for its EID (Get Endpoint ID): one round trip.
  public func ping(
    _ remote: EID, timeoutMs: UInt32 = 1000, now: Instant
  ) throws(SendError) -> RequestTicket {
    let type = MessageTypeByte(.control).rawValue
    instanceID = instanceID.next
    let body = [type, 0x80 | instanceID.rawValue, ControlCommand.getEndpointID.rawValue]
    return try request(body.span, to: remote, timeoutMs: timeoutMs, now: now)
  }

  /// Sends any message and waits for its response. The bytes are copied; they go to the bridge's
  /// address, which is where everything beyond the own bus is.
  ///
  /// - Parameters:
  ///   - body: type byte included.
  ///   - timeoutMs: from the last packet's leaving to the response's first packet.
  /// - Throws: `SendError` when the device's memory or tags are used up.
  public func request(
    _ body: Span<UInt8>, to remote: EID, timeoutMs: UInt32 = 1000, now: Instant
  ) throws(SendError) -> RequestTicket {
    let ticket = try messages.request(
      body, to: bridged(remote), transmissionUnitBytes: configuration.transmissionUnitBytes,
      timeoutMs: timeoutMs, now: now)
    if !body.isEmpty, MessageTypeByte(rawValue: body[0]).type == .control {
      expected[ticket] = ControlHeader(body)
    }
    return ticket
  }

  /// Sends any message that nobody answers.
  public func send(_ body: Span<UInt8>, to remote: EID, now: Instant) throws(SendError) {
    try messages.send(
      body, to: bridged(remote), transmissionUnitBytes: configuration.transmissionUnitBytes,
      now: now)
  }

  private func bridged(_ remote: EID) -> Peer {
    Peer(
      local: eid, remote: remote,
      nextHop: .physical(port: SimulatedEndpoint.port, address: configuration.bridgeAddress))
  }

  private func finish(_ ticket: RequestTicket, with message: Message, body: [UInt8], now: Instant) {
    if let request = expected.removeValue(forKey: ticket) {
      let answer = ControlHeader(body.span)
      guard message.type == .control, let answer, !answer.isRequest, !answer.isDatagram,
        answer.command == request.command, answer.instanceID == request.instanceID
      else {
        count(.responseUnexpected, packets: message.packetCount)
        outcomes.append(.failed(ticket, .responseUnexpected))
        return
      }
    }
    outcomes.append(.answered(ticket, by: message.terminus.source, body: body, at: now))
  }

  private func fail(_ ticket: RequestTicket, _ reason: DropReason) {
    expected[ticket] = nil
    outcomes.append(.failed(ticket, reason))
  }
}
