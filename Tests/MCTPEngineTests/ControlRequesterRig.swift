import MCTPEngine
import MCTPWire
import TestSupport

/// A requester with a clock in milliseconds and packets as arrays. A class, so that expectations
/// can contain calls that change it.
final class ControlRequesterRig {
  var requester: ControlRequester
  var ms: UInt64 = 10_000

  var now: Instant { Instant(nanoseconds: ms * 1_000_000) }

  init(
    ports: [ControlPortConfiguration] = [.init(binding: .smbus), .init(binding: .smbus)],
    requestMax: Int = 256, outstandingMax: Int = 32, peerMax: Int = 256,
    peerBudget: ControlBudget = ControlBudget(burst: 100, perSecond: 1000), jitterMs: UInt32 = 0,
    notReadyMax: UInt8 = 8, seed: UInt64 = 1
  ) {
    requester = ControlRequester(
      ControlRequesterConfiguration(
        ports: ports, requestCountMax: requestMax, outstandingMax: outstandingMax,
        peerCountMax: peerMax, peerBudget: peerBudget, notReadyCountMax: notReadyMax,
        jitterMs: jitterMs),
      seed: seed)
  }

  static func device(_ port: UInt8, _ address: UInt8, eid: UInt8 = 0) -> ControlDestination {
    ControlDestination(port: PortID(rawValue: port), address: .i2c(address), eid: EID(eid))
  }

  func start(
    _ request: some ControlRequest = GetEndpointID.Request(), to destination: ControlDestination,
    source: UInt8 = 8, options: ControlRequestOptions = ControlRequestOptions()
  ) throws(ControlStartError) -> ControlTicket {
    try requester.start(request, to: destination, source: EID(source), options: options, now: now)
  }

  /// The next packet that leaves, with what was said about it.
  func next() -> (packet: [UInt8], about: ControlTransmission)? {
    var bytes = [UInt8](repeating: 0xEE, count: ControlRequester.packetByteCountMax)
    var span = bytes.mutableSpan
    guard let about = requester.nextTransmission(into: &span, now: now) else { return nil }
    return (Array(bytes.prefix(about.byteCount)), about)
  }

  /// Everything that leaves now.
  func drain() -> [[UInt8]] {
    var packets: [[UInt8]] = []
    while let (packet, _) = next() { packets.append(packet) }
    return packets
  }

  func receive(_ packet: [UInt8], on port: UInt8 = 0, from address: UInt8)
    -> ControlReception
  {
    requester.receive(
      packet.span, on: PortID(rawValue: port), from: .i2c(address), now: now)
  }

  /// The answer to a request's packet: same instance ID, command and tag.
  static func answer(
    _ request: [UInt8], source: UInt8, code: UInt8 = 0, _ fields: [UInt8] = []
  ) -> [UInt8] {
    [
      1, request[2], source, 0xC0 | (request[3] & 7), 0, request[5] & 0x1F, request[6], code,
    ] + fields
  }

  func undelivered(on port: UInt8 = 0, at address: UInt8) {
    requester.undelivered(on: PortID(rawValue: port), address: .i2c(address), now: now)
  }

  func cancel(_ ticket: ControlTicket) -> Bool { requester.cancel(ticket, now: now) }

  /// The same in a world of its own.
  func copy() -> ControlRequesterRig {
    let other = ControlRequesterRig()
    (other.requester, other.ms) = (requester, ms)
    return other
  }

  func outcome() -> ControlOutcome? { requester.nextOutcome() }

  func pass(_ time: UInt64) {
    ms += time
    requester.advance(to: now)
  }
}

extension ControlResult {
  /// The kind alone, for expectations.
  var word: String {
    switch self {
    case .answered: "answered"
    case .refused(let code): "refused \(code.rawValue)"
    case .timedOut: "timedOut"
    case .undelivered: "undelivered"
    case .portDown: "portDown"
    case .sent: "sent"
    case .broadcastEnded: "broadcastEnded"
    }
  }

  var answer: ControlAnswer? {
    if case .answered(let answer) = self { answer } else { nil }
  }
}
