// What a router reports, and what the checker keeps to judge it. Lives as long as the router.

internal import MCTPEngine
internal import MCTPWire

struct Reported {
  typealias Place = RoutingModel.Place

  /// EIDs that a bridge took for what is behind it.
  struct Pool {
    let place: Place
    let first: UInt8
    let count: UInt8
    let acceptedAt: Instant
    /// When it was last given, again or for the first time.
    var givenAt: Instant
    /// EIDs of it that spoke on the bridge's wire since.
    var heard = EIDSet()
    /// How often it was given again though nothing had happened.
    var repeats = 0

    func contains(_ eid: UInt8) -> Bool { eid >= first && Int(eid) < Int(first) + Int(count) }
  }

  /// What kinds of answers a place gave to one command.
  struct Codes {
    /// ERROR_NOT_READY (DSP0236 1.3.3 Table 13: 0x04).
    var notReady = 0
    /// Everything else that is no success, and successes of another form.
    var refusals = 0
  }

  struct Command: Hashable {
    let place: Place
    let command: UInt8
  }

  /// An event of the owner's about one place or endpoint.
  enum Told: Hashable {
    case up(EndpointNumber)
    case exhausted(PortID, PhysicalAddress)
  }

  struct Member: Hashable {
    let place: Place
    let eid: UInt8
  }

  var dueAt = Instant.zero
  var pools: [Pool] = []
  var codes: [Command: Codes] = [:]
  /// What is behind bridges: when it last answered, and last missed an answer.
  var behind: [Member: Contact] = [:]
  /// EIDs that the router gave, accepted by who is at the place.
  var given: [Place: UInt8] = [:]
  /// Bridges that said that they want a pool.
  var wishes: Set<Place> = []
  /// Since when a report has been wrong.
  var wrongSince: [Place: Instant] = [:]
  var unroutedSince: [Place: Instant] = [:]
  /// Times of equal events, oldest first.
  var told: [Told: [Instant]] = [:]
  /// The router's own pool, from an owner above.
  var ownPool: (first: UInt8, count: UInt8) = (0, 0)
  /// By port: since when Discovery Notify goes unanswered, and when it last began to leave.
  var notices: [UInt8: (since: Instant, last: Instant)] = [:]

  mutating func losePort(_ port: UInt8) {
    pools.removeAll { $0.place.port == port }
    behind = behind.filter { $0.key.place.port != port }
    given = given.filter { $0.key.port != port }
    notices[port] = nil
    told = [:]
  }

  /// Something happened that explains what is told again.
  mutating func forgetTold() { told.removeAll(keepingCapacity: true) }
}
