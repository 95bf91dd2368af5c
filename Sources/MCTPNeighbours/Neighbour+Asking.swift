/// The habit of asking the router: one question after the other, each to the null EID of the port
/// that it sits on.
struct NeighbourAsking {
  enum Kind: Int {
    case resolve
    case queryHop
    case routingTable
    case baseVersion
    case controlVersion
    case typeVersion
    case messageTypes
    case vendorSets
    case endpointID
    case uuid
    case networkID
    case interfaces
    case broadcastEndpointID
    case broadcastDatagram
  }

  static let kindCount = 14

  var kind = Kind.resolve
  /// Handle or selector of the next page; nil: the question is a new one.
  var page: UInt8?
  var isUnderWay = false
  var nextAt: UInt64?
  /// EIDs that it heard from, the newest somewhere.
  private(set) var seen: [UInt8] = []
  private var newest = 0

  mutating func note(_ eid: UInt8) {
    if seen.isEmpty || seen[newest] != eid {
      if seen.count < 16 {
        newest = seen.count
        seen.append(eid)
      } else {
        newest = (newest + 1) % 16
        seen[newest] = eid
      }
    }
  }

  mutating func goOn() {
    page = nil
    kind = Kind(rawValue: (kind.rawValue + 1) % Self.kindCount) ?? .resolve
  }
}

extension Neighbour {
  func stepAsking() {
    guard habits.asksEveryMs > 0, !isChild, !habits.needsSetEndpointID || hasBeenSet else {
      asking.nextAt = nil
      return
    }
    guard !asking.isUnderWay else { return }
    let interval = UInt64(habits.asksEveryMs) * 1_000_000
    guard let at = asking.nextAt, at <= clock + interval else {
      asking.nextAt = clock + interval
      return
    }
    guard at <= clock else { return }
    guard let way = way(to: 0), !isAsked(way.link) else {
      asking.nextAt = clock + interval
      return
    }
    askNext(way.link)
    if !asking.isUnderWay { asking.nextAt = clock + interval }
  }

  private func askNext(_ address: UInt8?) {
    var destination: UInt8 = 0
    let body: [UInt8]
    switch asking.kind {
    case .resolve: body = controlRequest(0x07, [target()])
    case .queryHop: body = controlRequest(0x0F, [target(), 0x00])
    case .routingTable: body = controlRequest(0x0A, [asking.page ?? 0])
    case .baseVersion: body = controlRequest(0x04, [0xFF])
    case .controlVersion: body = controlRequest(0x04, [0x00])
    case .typeVersion: body = controlRequest(0x04, [UInt8(random.below(0x80))])
    case .messageTypes: body = controlRequest(0x05, [])
    case .vendorSets: body = controlRequest(0x06, [asking.page ?? 0])
    case .endpointID: body = controlRequest(0x02, [])
    case .uuid: body = controlRequest(0x03, [])
    case .networkID: body = controlRequest(0x0E, [])
    case .interfaces: body = controlRequest(0x14, [])
    case .broadcastEndpointID:
      destination = 0xFF
      body = controlRequest(0x02, [])
    case .broadcastDatagram: return sendDatagram(address)
    }
    asking.isUnderWay = ask(
      body, for: .asking, to: destination, address: address, source: eid, timeoutMs: 1_000,
      repeats: 0)
    if !asking.isUnderWay { asking.goOn() }
  }

  /// Nobody may answer it, so nobody waits.
  private func sendDatagram(_ address: UInt8?) {
    asking.goOn()
    guard let tag = takeTag(0xFF) else { return }
    freeTag(tag, 0xFF)
    let header = NeighbourHeader(destination: 0xFF, source: eid, flags: 0x08 | tag)
    let body = controlRequest(0x02, [], isDatagram: true)
    _ = outbox.add(NeighbourOutbox.Message(body, header, address: address, readyAt: clock))
  }

  private func target() -> UInt8 {
    let choice = random.below(8)
    if choice == 0, eid != 0 { return eid }
    if choice < 6, !asking.seen.isEmpty { return asking.seen[random.below(asking.seen.count)] }
    return UInt8(8 + random.below(247))
  }

  func concludeAsking(_ question: Question, _ body: [UInt8]?) {
    answers.append(
      Answer(
        question: question.body, answer: body, at: clock, destination: question.destination))
    asking.isUnderWay = false
    let present = asking.page ?? 0
    let hasPages = asking.kind == .routingTable || asking.kind == .vendorSets
    if hasPages, let body, body.count >= 5, body[3] == Code.success, body[4] != 0xFF,
      body[4] > present
    {
      asking.page = body[4]
      asking.nextAt = clock
    } else {
      asking.goOn()
      asking.nextAt = clock + UInt64(habits.asksEveryMs) * 1_000_000
    }
  }
}
