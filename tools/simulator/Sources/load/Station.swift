// An endpoint at a line of its own: bytes in, messages out, and back.
//
// Owns: the terminal, what came of a frame, the endpoint's memory, the bytes that the line has not
// taken. Life: `read` when the line has bytes, `send` while `hasRoom`, `pump` after both and when
// the line takes bytes again, `expire` now and then.

import BusIO
import Glibc
import MCTPEndpoint
import MCTPFraming
import MCTPSimulation
import MCTPWire

/// A message on its way, by which the ledger knows it.
struct MessageIdentity: Hashable {
  let flow: UInt16
  let sequence: UInt32
}

final class Station {
  /// Where a line comes from.
  enum Place {
    /// A terminal device.
    case path(String)
    /// A new pseudo-terminal, and a symbolic link to its far side.
    case link(String)
  }

  struct Configuration {
    var place: Place
    /// Null: a bus owner gives one.
    var eid: EID
    /// Played too, as if they were behind this one.
    var furtherEIDs: [EID]
    var baudRate: UInt32
    var transmissionUnitBytes: Int
    var responseTimeoutMs: UInt32
    var faults: LineFaults
    /// That of all load bodies.
    var seed: UInt64
    /// Of the flow of a message, whether its packets may come twice.
    var canRepeat: (UInt16) -> Bool
  }

  let configuration: Configuration
  var written = WrittenCounts()
  var readCounts = ReadCounts()
  /// Messages that this station spoiled, for the ledger.
  var hurt: [MessageIdentity] = []
  /// When the line brought something last.
  private(set) var lastReadAt: Instant?

  private var pseudoTerminal: PseudoTerminal?
  private var line: SerialLine?
  let descriptor: Int32

  private var deframer: SerialDeframer
  var messages: MessageEndpoint
  /// Answers MCTP control; the load goes past it.
  private let control: SimulatedEndpoint
  private var requests: [MessageIdentity: RequestTicket] = [:]

  var output = LineOutput()
  var faults: LineFaults
  /// Messages of which packets are leaving, by destination, source and tag.
  var leaving: [UInt32: MessageIdentity] = [:]
  private var input = [UInt8](repeating: 0, count: 4096)

  /// - Throws: `SystemError` when there is no such line, or no pseudo-terminal left.
  init(_ configuration: Configuration, identitySeed: UInt64, remoteEIDCount: Int) throws {
    self.configuration = configuration
    switch configuration.place {
    case .path(let path):
      let opened = try SerialLine(path: path, baudRate: configuration.baudRate)
      descriptor = opened.descriptor
      line = consume opened
    case .link(let link):
      let opened = try PseudoTerminal()
      // One that an earlier run left behind; no file of another kind.
      if Station.isLink(link) { unlink(link) }
      guard symlink(opened.farPath, link) == 0 else {
        throw LoadError("\(link): no link to a pseudo-terminal can be made: is the name taken?")
      }
      descriptor = opened.descriptor
      pseudoTerminal = consume opened
    }
    let packetByteCountMax = PacketHeader.byteCount + configuration.transmissionUnitBytes
    deframer = SerialDeframer(
      packetByteCountMax: packetByteCountMax,
      byteNanoseconds: 10_000_000_000 / UInt64(configuration.baudRate))
    let pairs = remoteEIDCount * (configuration.furtherEIDs.count + 1)
    messages = MessageEndpoint(
      limits: EndpointLimits(
        // Eight tags a pair and direction is all that a peer can have under way.
        reassembly: ReassemblyLimits(
          memoryBytesMax: 4 << 20, assembliesMax: min(1024, 16 * pairs + 16),
          timeoutMs: 30_000),
        // Choice: a tag rests for 300 ms. Every hurt request leaves one behind, and with the 6 s
        // that devices keep them the line would soon be idle.
        tags: TagLimits(peersMax: pairs + 8, waitingMax: 256, lifetimeMs: 300),
        outboundBytesMax: 4 << 20, exchangesMax: Station.exchangesMax,
        // Longer than a busy machine keeps a line waiting: what is given up here is lost unseen.
        sendStallMs: 60_000))
    control = SimulatedEndpoint(
      SimulatedEndpointConfiguration(
        eid: configuration.eid, uuid: Station.uuid(identitySeed),
        eidType: configuration.eid == .null ? .dynamic : .staticPresent))
    faults = configuration.faults
  }

  deinit {
    if case .link(let link) = configuration.place { unlink(link) }
  }

  private static let exchangesMax = 256

  private static func uuid(_ seed: UInt64) -> EndpointUUID {
    var generator = SeededGenerator(seed: seed)
    return EndpointUUID(high: generator.next(), low: generator.next())
  }

  private static func isLink(_ path: String) -> Bool {
    var byte: CChar = 0
    return readlink(path, &byte, 1) >= 0
  }

  /// The EID of this station; null until a bus owner gave it one.
  var eid: EID { control.eid }

  /// All EIDs of this station, its own first.
  var eids: [EID] { [eid] + configuration.furtherEIDs }

  var name: String {
    switch configuration.place {
    case .path(let path), .link(let path): path
    }
  }

  /// True while `send` takes another message.
  var hasRoom: Bool { messages.exchangeCount < Station.exchangesMax * 3 / 4 }
}

extension Station {
  /// Reads what the line has and hands every load message to `run`.
  ///
  /// - Throws: `LoadError` when the line is gone.
  func read(into run: LoadRun, now: Instant) throws {
    for _ in 0..<8 {
      let count = input.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else {
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        throw count < 0 ? LoadError.lineGone(name, errno) : LoadError("\(name): the line hung up")
      }
      lastReadAt = now
      var offset = 0
      while let event = deframer.next(
        input.span.extracting(first: count), offset: &offset, now: now)
      {
        take(event, run, now)
      }
      if count < input.count { return }
    }
  }

  /// Lets time-outs happen.
  func expire(_ run: LoadRun, now: Instant) {
    while let event = deframer.expire(now) { take(event, run, now) }
    while let event = messages.nextEvent(now: now) {
      switch event {
      case .assemblyEnded(let ended): readCounts.dropped += UInt64(ended.packetCount)
      case .requestTimedOut(let ticket, _): forget(ticket)
      case .sendAbandoned: break
      }
    }
    control.advance(to: now)
  }

  private func take(_ event: SerialDeframer.Event, _ run: LoadRun, _ now: Instant) {
    switch event {
    case .damaged: readCounts.damaged += 1
    case .packet:
      readCounts.packets += 1
      Station.forward(deframer, to: self, run, now)
    }
  }

  /// The deframer is borrowed by the call because the station reads from its buffer.
  private static func forward(
    _ deframer: borrowing SerialDeframer, to station: Station, _ run: LoadRun, _ now: Instant
  ) {
    station.takePacket(deframer.packet, run, now)
  }

  private func takePacket(_ packet: Span<UInt8>, _ run: LoadRun, _ now: Instant) {
    readCounts.packetBytes += UInt64(packet.count)
    guard let header = PacketHeader(packet) else { return }
    if header.som, header.messageTag.tagOwner, packet.count > PacketHeader.byteCount,
      MessageTypeByte(rawValue: packet[PacketHeader.byteCount]).type == .control
    {
      control.receive(packet, from: .none, now: now)
      return
    }
    guard eids.contains(header.destination) else {
      readCounts.misrouted += 1
      return
    }
    let origin = PacketOrigin(port: PortID(rawValue: 0), address: .none)
    let delivery = messages.receive(packet, from: origin, localEID: nil, now: now)
    if let ended = delivery.ended { readCounts.dropped += UInt64(ended.packetCount) }
    if let ticket = delivery.failedRequest { forget(ticket) }
    switch delivery.outcome {
    case .incomplete: break
    case .dropped: readCounts.dropped += 1
    case .response(let message, let ticket):
      takeMessage(message, answering: ticket, run, now)
    case .message(let message): takeMessage(message, answering: nil, run, now)
    }
  }

  private func takeMessage(
    _ message: Message, answering ticket: RequestTicket?, _ run: LoadRun, _ now: Instant
  ) {
    let body = Station.body(in: messages)
    let arrival = run.received(
      body.span, by: message.terminus.destination, isResponse: ticket != nil, now: now)
    if let ticket {
      guard let identity = run.identity(of: body.span), requests[identity] == ticket else {
        forget(ticket)
        return
      }
      requests[identity] = nil
    }
    guard case .echo = arrival, message.isTagOwner else { return }
    do throws(SendError) {
      try messages.respond(
        body.span, to: message, from: message.terminus.destination,
        transmissionUnitBytes: configuration.transmissionUnitBytes, now: now)
    } catch {
      if let identity = run.identity(of: body.span) { hurt.append(identity) }
    }
  }

  private static func body(in messages: borrowing MessageEndpoint) -> [UInt8] {
    messages.message.withUnsafeBufferPointer { Array($0) }
  }

  private func forget(_ ticket: RequestTicket) {
    if let entry = requests.first(where: { $0.value == ticket }) { requests[entry.key] = nil }
  }
}

extension Station {
  /// Takes a message for sending; one that finds no tag or memory is hurt.
  func send(_ message: LoadMessage, _ body: [UInt8], now: Instant) {
    let identity = MessageIdentity(flow: message.flow, sequence: message.sequence)
    let peer = Peer(
      local: message.source, remote: message.destination,
      nextHop: .physical(port: PortID(rawValue: 0), address: .none))
    do throws(SendError) {
      switch message.kind {
      case .oneWay:
        try messages.send(
          body.span, to: peer, transmissionUnitBytes: configuration.transmissionUnitBytes,
          now: now)
      case .echo:
        requests[identity] = try messages.request(
          body.span, to: peer, transmissionUnitBytes: configuration.transmissionUnitBytes,
          timeoutMs: configuration.responseTimeoutMs, now: now)
      }
    } catch {
      hurt.append(identity)
    }
  }

  /// Stops to wait for a response that cannot come.
  func giveUp(_ identity: MessageIdentity, now: Instant) {
    if let ticket = requests.removeValue(forKey: identity) { messages.cancel(ticket, now: now) }
  }

  /// The next packet for the line, those of MCTP control first; nil when there is none.
  func nextPacket(into packet: inout [UInt8], now: Instant) -> Int? {
    if let answer = control.nextPacket(now: now) {
      packet.replaceSubrange(0..<answer.bytes.count, with: answer.bytes)
      return answer.bytes.count
    }
    var span = packet.mutableSpan
    return messages.nextPacket(into: &span, now: now)?.byteCount
  }
}
