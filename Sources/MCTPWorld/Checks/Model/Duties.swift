// What the checker remembers of one router for single obligations, each of its own kind.

internal import MCTPWire

struct Duties {
  typealias Place = RoutingModel.Place

  /// EIDs that an owner tells to a bridge: of one entry of Routing Information Update.
  struct Told {
    var place: Place
    var network: Int
    var first: UInt8
    var count: UInt8

    func covers(_ eid: UInt8) -> Bool {
      eid >= first && Int(eid) < Int(first) + Int(count)
    }
  }

  /// A bridge believes a single EID that is no more: it has to be told the range over it again.
  struct Stale {
    var place: Place
    var network: Int
    var eid: UInt8
    /// `RoutingModel.epoch(of:)`
    var epoch: UInt32
    var due: Instant
  }

  /// The EIDs that the answer to Resolve UUID named.
  struct Named {
    var network: UInt8
    var eid: EID
    var place: Place
  }

  /// Allocate Endpoint IDs: what the bridge's last answer told.
  var pools: [Place: (count: UInt8, first: UInt8)] = [:]
  /// An owner above told that there is a bridge with that EID; 0 for several.
  var toldBridges: [Place: UInt8] = [:]
  /// By `RoutingModel.slot`: EIDs that an answer came from, out of where they may be.
  var hasSpoken: [Bool]
  /// By the same, of answers from there.
  var uuids: [Int: [EndpointUUID]] = [:]
  /// Leases of before the start may speak for EIDs.
  var hasLeases = false
  var named: [Named] = []
  /// Updates that are not answered yet, by place.
  var untold: [Place: [Told]] = [:]
  /// Those that were acknowledged.
  var told: [Told] = []
  var stale: [Stale] = []
  /// By port: Discovery Notify has left.
  var hasNotified: [Bool]
  /// By network: an owner above gave an EID, or the router spoke with one.
  var hasOwnEID: [Bool]
  var reassembly = SeenMessages()

  init(networkCount: Int, portCount: Int) {
    hasSpoken = Array(repeating: false, count: 256 * networkCount)
    hasNotified = Array(repeating: false, count: portCount)
    hasOwnEID = Array(repeating: false, count: networkCount)
  }
}
