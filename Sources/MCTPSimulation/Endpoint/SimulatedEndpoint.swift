// A device behind any medium, seen at its packets: it answers MCTP control, echoes vendor defined
// messages, asks others on command, and does all of it as its temperament is.
//
// Owns: its EID, what its `MessageEndpoint` holds, the answers that it keeps back, the outcomes of
// its requests. Life: `receive` each packet, `advance(to:)` at `nextDeadline`, `ping`, `request`,
// `send` and `restart` at any time; after each of them `nextPacket` and `nextGarbageFrame` until
// nil as far as the medium takes packets, and `nextOutcome`.
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

  /// How a request of this device ended; exactly one for each. Choice: a broadcast one ends with
  /// its first answer, and the others are dropped as late ones are.
  public enum Outcome: Hashable, Sendable {
    case answered(RequestTicket, by: EID, body: [UInt8], at: Instant)
    case timedOut(RequestTicket)
    /// The answer came and was lost, or was no answer to this request; `.portDown`: the device
    /// was restarted.
    case failed(RequestTicket, DropReason)
  }

  public let configuration: SimulatedEndpointConfiguration
  /// May change at any time; what goes by time begins anew, from the last time that this device
  /// was told. Answers that are kept back already leave as they would have.
  public var temperament = Temperament.good {
    didSet { adoptTemperament() }
  }
  /// Told of everything that happens; nil for nobody. The device keeps it, so it must not keep the
  /// device. Choice: not a weak reference: each use of one takes a slow path through the counts of
  /// what it points to.
  public var witness: (any EndpointWitness)?
  /// Null until one is assigned.
  public internal(set) var eid: EID
  /// For bindings with discovery: a bus owner has seen this device.
  public internal(set) var isDiscovered = false
  /// What ended here without being taken, by reason, in packets; frames that its medium refuses
  /// included. A message of its own that does not leave counts as one: it was no packets yet.
  public private(set) var dropCounts: [DropReason: Int] = [:]
  public private(set) var packetsIn = 0
  /// Unasked and random packets included.
  public internal(set) var packetsOut = 0

  var messages: MessageEndpoint
  var outcomes: [Outcome] = []
  /// Requests under way.
  var open: [RequestTicket] = []
  /// Control requests under way: what their answer must repeat.
  var expected: [RequestTicket: ControlHeader] = [:]
  var instanceID = InstanceID(rawValue: 0)
  private let packetBuffer: UnsafeMutableBufferPointer<UInt8>

  var generator: SeededGenerator
  /// The latest that this device was told.
  var time = Instant.zero
  /// Answers that are kept back, in order of time.
  var pending: [PendingAnswer] = []
  /// Requests since the last that `.notEach` left unanswered.
  var answerCount: UInt32 = 0
  var forgetting = Recurrence()
  var flood = Recurrence()
  var garbage = Recurrence()
  var garbageFrames = Recurrence()
  /// Whether any of the four ever happens.
  var hasSchedule = false
  var floodCount: UInt32 = 0
  /// Of the tickets given before the last restart: `messages` counts from 1 again.
  var ticketBase: UInt32 = 0
  var lastTicket: UInt32 = 0
  /// What `messages.nextDeadline` said; asking it takes a look through its tables.
  private var messagesDeadline: Instant?
  var isDeadlineKnown = true

  /// - Parameter seed: of what a garbage sender sends.
  public init(_ configuration: SimulatedEndpointConfiguration, seed: UInt64 = 0) {
    self.configuration = configuration
    eid = configuration.eid
    generator = SeededGenerator(seed: seed)
    messages = MessageEndpoint(limits: configuration.limits)
    packetBuffer = .allocate(
      capacity: PacketHeader.byteCount + configuration.transmissionUnitBytes)
    packetBuffer.initialize(repeating: 0)
  }

  deinit { packetBuffer.deallocate() }

  /// This device has one bus only; its own numbers for it mean nothing to anybody else.
  static let port = PortID(rawValue: 0)

  /// Packets in messages that are not whole yet.
  public var heldPacketCount: Int { messages.heldPacketCount }

  /// When `advance` has something to do; nil while nothing is under way.
  public var nextDeadline: Instant? {
    var earliest = ownDeadline
    if let due = pending.first?.due, earliest.map({ due < $0 }) ?? true { earliest = due }
    guard hasSchedule else { return earliest }
    earliest = forgetting.earlier(earliest)
    earliest = flood.earlier(earliest)
    earliest = garbage.earlier(earliest)
    return garbageFrames.earlier(earliest)
  }

  private var ownDeadline: Instant? {
    if !isDeadlineKnown {
      messagesDeadline = messages.nextDeadline
      isDeadlineKnown = true
    }
    return messagesDeadline
  }
}

extension SimulatedEndpoint {
  /// Takes one packet from its medium. Whatever the bytes are, it returns.
  ///
  /// - Parameter source: the sender's address on the bus; answers go back there.
  public func receive(_ packet: Span<UInt8>, from source: PhysicalAddress, now: Instant) {
    packetsIn += 1
    witness?.received(packet, from: source)
    time = max(time, now)
    isDeadlineKnown = false
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

  /// Lets time-outs happen, and what the temperament does by time.
  public func advance(to now: Instant) {
    time = max(time, now)
    if hasSchedule { advanceSchedules(to: now) }
    if !pending.isEmpty { sendPending(until: now) }
    guard let deadline = ownDeadline, deadline <= now else { return }
    isDeadlineKnown = false
    while let event = messages.nextEvent(now: now) {
      switch event {
      case .assemblyEnded(let ended): count(ended.reason, packets: ended.packetCount)
      case .requestTimedOut(let ticket, _):
        close(ticket)
        report(.timedOut(outward(ticket)))
      case .sendAbandoned: count(.egressQueueFull)
      }
    }
  }

  /// The next packet for the medium; nil when there is none. Unasked and random ones take the
  /// room that messages leave.
  public func nextPacket(now: Instant) -> AddressedPacket? {
    time = max(time, now)
    var span = packetBuffer.mutableSpan
    guard let packet = messages.nextPacket(into: &span, now: now) else {
      return hasSchedule ? nextUnasked(now: now) : nil
    }
    isDeadlineKnown = false
    packetsOut += 1
    let address: PhysicalAddress
    switch packet.peer.nextHop {
    case .physical(_, let physical): address = physical
    case .routed: address = configuration.bridgeAddress
    }
    let bytes = span.span.extracting(first: packet.byteCount)
    witness?.sent(bytes, to: address)
    return AddressedPacket(bytes: Array(copying: bytes), address: address)
  }

  /// The oldest outcome that was not collected.
  public func nextOutcome() -> Outcome? { outcomes.isEmpty ? nil : outcomes.removeFirst() }

  func report(_ outcome: Outcome) {
    outcomes.append(outcome)
    witness?.finishedRequest()
  }

  /// Counts what ended at this device.
  public func count(_ reason: DropReason, packets: Int = 1) {
    dropCounts[reason, default: 0] += packets
    witness?.dropped(reason, packets: packets)
  }

  private static func body(in messages: borrowing MessageEndpoint) -> [UInt8] {
    Array(copying: messages.message)
  }
}
