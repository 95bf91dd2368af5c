// Requests between the devices of a world, and what became of them.
//
// Owns: the requests under way. A body says for whom it is and which it is, so that an answer
// that is another's, and a request that reached another device, are seen.

internal import MCTPEndpoint
internal import MCTPSimulation
internal import MCTPWire

struct WorldTraffic {
  enum Purpose {
    case traffic
    /// Of a roll call that may fail.
    case rehearsal
    /// Must be answered.
    case lastCall
  }

  struct Request {
    let ticket: RequestTicket
    let sender: Int
    let target: Int
    let eid: EID
    let body: [UInt8]
    let purpose: Purpose
    let timeoutMs: UInt32
  }

  private(set) var requests: [Request] = []
  private(set) var nextAt: Instant?
  /// The latest of `stop`.
  private(set) var stoppedAt = Instant.zero
  private(set) var traffic: Traffic
  private var generator: SeededGenerator
  private var sequence: UInt32 = 0

  init(_ traffic: Traffic, seed: UInt64) {
    self.traffic = traffic
    generator = SeededGenerator(seed: seed)
  }

  mutating func start(at now: Instant) { plan(after: now) }
  mutating func stop(at now: Instant) {
    nextAt = nil
    stoppedAt = now
  }
  /// From now on so many; what `slowDown` did is over.
  mutating func change(_ requestsPerSecond: UInt32, at now: Instant) {
    traffic.requestsPerSecond = requestsPerSecond
    plan(after: now)
  }
  /// To a part of the plan's traffic, whatever it is by now.
  mutating func slowDown(by factor: UInt32, from plan: Traffic) {
    let full = plan.requestsPerSecond
    traffic.requestsPerSecond = full == 0 ? 0 : max(full / factor, 1)
  }

  /// Plans when the next request is.
  mutating func plan(after now: Instant) {
    guard traffic.requestsPerSecond > 0 else {
      nextAt = nil
      return
    }
    // Between half and one and a half of the mean: neither a beat nor a swarm.
    let mean = 1_000_000_000 / UInt64(traffic.requestsPerSecond)
    nextAt = now.advanced(byNanoseconds: max(mean / 2 + generator.below(mean + 1), 1))
  }

  /// One of them, each as likely as the others; nil when there is none.
  mutating func draw<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[generator.index(elements.count)]
  }

  mutating func drawByteCount() -> Int { draw(traffic.bodyByteCounts) ?? 64 }

  /// A body of at least 16 bytes: the type, a vendor, the target, the sender, a number; then bytes
  /// that depend on it.
  mutating func body(
    for target: Int, from sender: Int, messageType: UInt8, byteCount: Int
  ) -> [UInt8] {
    sequence &+= 1
    var body: [UInt8] = [
      messageType, 0x12, 0x34, 0x00,
      UInt8(truncatingIfNeeded: target >> 8), UInt8(truncatingIfNeeded: target),
      UInt8(truncatingIfNeeded: sender >> 8), UInt8(truncatingIfNeeded: sender),
    ]
    for shift in [24, 16, 8, 0] { body.append(UInt8(truncatingIfNeeded: sequence >> shift)) }
    Self.fill(&body, sequence, to: max(byteCount, 16))
    return body
  }

  /// How many bodies were made; a body's own number is not above it.
  var bodyCount: UInt32 { sequence }

  /// The number of a body that `target(of:)` knows.
  static func number(of body: [UInt8]) -> UInt32 {
    body[8..<12].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }

  /// The device that a body names; nil when it is none of ours.
  static func target(of body: [UInt8]) -> Int? {
    guard body.count >= 16, body[1] == 0x12, body[2] == 0x34, body[3] == 0 else { return nil }
    return Int(body[4]) << 8 | Int(body[5])
  }

  private static func fill(_ body: inout [UInt8], _ sequence: UInt32, to byteCount: Int) {
    var value = UInt8(truncatingIfNeeded: sequence &* 31)
    while body.count < byteCount {
      body.append(value)
      value = value &* 5 &+ 17
    }
  }

  mutating func began(_ request: Request) { requests.append(request) }

  /// Ends a request of a device; nil when it is none of ours.
  mutating func end(_ ticket: RequestTicket, of sender: Int) -> Request? {
    guard
      let index = requests.firstIndex(where: { $0.ticket == ticket && $0.sender == sender })
    else { return nil }
    return requests.remove(at: index)
  }
}
