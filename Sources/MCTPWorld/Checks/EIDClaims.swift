// Who claims which EIDs of one network, at one moment.

internal import MCTPEngine
internal import MCTPWire

struct EIDClaims {
  private var taken = EIDSet()
  /// The first EID that two have; nil while there is none.
  private(set) var clash: String?

  /// An EID of the router's own: it may serve several of its ports.
  mutating func hold(_ own: EID) {
    if own.isAssignable { taken.insert(own) }
  }

  /// A device's EID and the pool behind it; null and an empty pool claim nothing.
  mutating func claim(_ eid: EID, pool: EndpointPool, who: () -> String) {
    if eid.isAssignable { take(eid) { "EID \(eid) of \(who())" } }
    for offset in 0..<pool.count {
      let member = EID(pool.first.rawValue &+ offset)
      take(member) { "EID \(member) in the pool of \(who())" }
    }
  }

  private mutating func take(_ eid: EID, _ what: () -> String) {
    if taken.contains(eid), clash == nil {
      clash = what() + " is another's, the router's own or in another pool"
    }
    taken.insert(eid)
  }
}
