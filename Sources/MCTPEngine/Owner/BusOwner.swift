// What this device knows and does as a bus owner: the state behind `Engine+Owner*.swift`.
//
// Owns the table of known endpoints (one record a device and EID, at any depth), the EIDs of each
// network (`EIDSpace`), the requests under way (`ControlRequester`), the leases, and what the
// owners above gave us. Records are made from the configuration, when a device answers or is
// reported, and when a bridge's routing table names them; they stay until they are forgotten.
//
// Implements DSP0236 1.3.3 §9 (bus owner, EID pools, reclaiming), §12 (commands 0x01 to 0x0A and
// 0x0D as requester). Nothing here is touched by a packet that is forwarded.

internal import MCTPWire

/// A request under way and whom it is about.
struct OwnerCall {
  let ticket: ControlTicket
  let endpoint: EndpointNumber
  let port: PortID
  let job: OwnerJob
}

/// What the owner above gave this device in one network.
struct UpstreamState {
  /// The longest time between two Discovery Notify.
  static let notifyMsMax: UInt32 = 10_000

  /// The port whose bus allocated the pool first.
  var poolPort: PortID?
  var pool: EIDRange?
  /// The pool size in our last answer to Set Endpoint ID.
  var announced: UInt8 = 0
  /// The last owner that assigned our EID on a port.
  var ownerPort: PortID?
  var ownerEID = EID.null
  var ownerAddress = PhysicalAddress.none
  /// This device has no EID, or needs more than was announced: Discovery Notify is due.
  var notifyDue: Instant?
  /// The last one: one at a time, because those that wait behind a silent owner would fill the
  /// requester.
  var notifyTicket: ControlTicket?
  /// Sent since one was last needed for the first time.
  var notifyCount: UInt8 = 0
}

/// Two devices that claim one EID.
struct EIDConflict: Hashable {
  var network: UInt8
  var eid: EID
  var port: PortID
  var address: PhysicalAddress
}

struct BusOwner: ~Copyable {
  static let endpointCountMax = 4096
  static let conflictCountMax = 16

  let configuration: BusOwnerConfiguration
  /// False without a configuration: nothing of this is used then.
  let isActive: Bool
  var endpoints: [KnownEndpoint] = []
  var calls: [OwnerCall] = []
  var leases: [EIDLease] = []
  var conflicts: [EIDConflict] = []
  /// Of each network, in the engine's order.
  var spaces: [EIDSpace] = []
  /// EIDs of static routes that are somebody else's in the books, of each network.
  var unheld: [EIDSet] = []
  var upstream: [UpstreamState] = []
  var requester: ControlRequester
  var random: OwnerRandom
  var deadline: Instant?
  /// Some records are to leave the table.
  var hasRemoved = false
  /// Ports into whose queues something was put since the shell asked: a bit each.
  var readyPorts: UInt32 = 0
  var endpointCount: UInt32 = 0

  init(_ configuration: BusOwnerConfiguration?, ports: [PortConfiguration]) {
    self.configuration = configuration ?? BusOwnerConfiguration()
    isActive = configuration != nil
    var requests = ControlRequesterConfiguration(ports: [])
    for port in configuration == nil ? [] : ports {
      let parallelism = port.discovery?.parallelismMax ?? 1
      precondition(parallelism >= 1 && parallelism <= 8, "1 to 8 requests at once")
      requests.ports.append(
        ControlPortConfiguration(
          binding: port.binding, responseTimeoutMs: port.discovery?.responseTimeoutMs,
          outstandingMax: parallelism, budget: port.discovery?.budget ?? .port))
    }
    requester = ControlRequester(requests, seed: configuration?.seed ?? 0)
    random = OwnerRandom(seed: configuration?.seed ?? 0)
  }

  // MARK: Look-up

  func index(of number: EndpointNumber) -> Int? {
    for index in endpoints.indices
    where endpoints[index].number == number && !endpoints[index].work.isRemoved { return index }
    return nil
  }

  /// The record on a port's own bus.
  func index(on port: PortID, at address: PhysicalAddress) -> Int? {
    for index in endpoints.indices
    where endpoints[index].via == nil && endpoints[index].port == port
      && endpoints[index].address == address && !endpoints[index].work.isRemoved
    { return index }
    return nil
  }

  /// The record that has an EID; one that answers before one that does not.
  func index(of eid: EID, network: UInt8) -> Int? {
    var found: Int?
    for index in endpoints.indices
    where endpoints[index].eid == eid && endpoints[index].network == network {
      if found == nil || endpoints[index].isAnswering { found = index }
    }
    return found
  }

  /// True when the record is behind `bridge`, at any depth.
  func isBehind(_ index: Int, _ bridge: EID) -> Bool {
    var next = endpoints[index].via
    var hops = 0
    while let via = next, hops < 32 {
      if via == bridge { return true }
      next = self.index(of: via, network: endpoints[index].network).flatMap {
        endpoints[$0].via
      }
      hops += 1
    }
    return false
  }

  /// The first bridge on the way to a record, when it does not answer: nothing behind it does then.
  func lostBridge(before index: Int) -> Int? {
    guard endpoints[index].via != nil,
      let bridge = self.index(on: endpoints[index].port, at: endpoints[index].address),
      !endpoints[bridge].isAnswering
    else { return nil }
    return bridge
  }

  mutating func add(
    network: UInt8, port: PortID, address: PhysicalAddress, via: EID? = nil,
    origin: EndpointOrigin, now: Instant
  ) -> Int? {
    guard endpoints.count < BusOwner.endpointCountMax else { return nil }
    endpointCount += 1
    endpoints.append(
      KnownEndpoint(
        number: EndpointNumber(rawValue: endpointCount), network: network, port: port,
        address: address, via: via, origin: origin, now: now))
    return endpoints.count - 1
  }

  func activeCallCount(on port: PortID) -> Int {
    var count = 0
    for call in calls where call.port == port { count += 1 }
    return count
  }

  /// An interval, up to an eighth longer or shorter, so that devices do not fall into step.
  mutating func jittered(_ intervalMs: UInt32) -> UInt32 {
    let eighth = intervalMs / 8
    guard eighth > 0 else { return intervalMs }
    return intervalMs - eighth + UInt32(random.next() % UInt64(2 * eighth + 1))
  }

  mutating func enter(
    _ state: EndpointState, _ reason: EndpointReason, at index: Int, now: Instant
  ) {
    guard endpoints[index].state != state || endpoints[index].reason != reason else { return }
    if endpoints[index].state != state { endpoints[index].since = now }
    endpoints[index].state = state
    endpoints[index].reason = reason
  }
}

extension KnownEndpoint {
  /// True while it has its EID on the bus as far as is known.
  var isAnswering: Bool { state == .up || state == .suspect || state == .probing }
}

/// Jitter: a 64-bit xorshift with a seed, so that a run can be repeated.
struct OwnerRandom {
  private(set) var state: UInt64

  init(seed: UInt64) { state = seed == 0 ? 0x9E37_79B9_7F4A_7C15 : seed }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
