internal import MCTPEngine
internal import MCTPWire

// The engine's closed lists for people: parts of a sentence.

extension EndpointReason {
  /// What follows "is down: ".
  var words: String {
    switch self {
    case .notAskedYet: "it was not asked yet"
    case .answered: "it answers"
    case .noAnswer: "it does not answer"
    case .portDown: "the port is down"
    case .bridgeLost: "the bridge in front of it is lost"
    case .bridgeReturned: "the bridge in front of it is back"
    case .eidChanged: "it has another EID than it was given: it restarted, or is another device"
    case .eidClash: "it has an EID that is another's, and takes no other"
    case .eidRefused: "it refused the EID, and has none that could be used"
    case .noFreeEID: "no EID is free"
    case .disappeared: "the bus says that it left"
    case .uuidClash: "another endpoint on the bus has the same UUID"
    case .lease: "it is known from a lease only"
    case .waitsForPool: "no bus owner has given EIDs to this router yet"
    case .bridgeSuspected: "perhaps the bridge in front of it failed"
    case .asked: "somebody asked for it"
    }
  }
}

extension EIDPoolLimit {
  /// Why a pool is not larger.
  var words: String {
    switch self {
    case .occupied(let eid, let state): "EID \(eid) behind it is \(state.words)"
    case .rangeEnds(let last): "the EIDs that may be given out end at \(last)"
    case .configured(let count): "the topology gives no bridge more than \(count)"
    }
  }
}

extension EIDState {
  /// What follows "EID 9 is ".
  var words: String {
    switch self {
    case .poolOf(let bridge): "in the pool of bridge \(bridge)"
    case .foreign: "not for this router to give"
    case .own: "this router's own"
    case .fixed: "kept for a device of the topology"
    case .reserved: "being given to a device"
    case .leased: "a device's"
    case .quarantined: "at rest after it was given back"
    case .free: "free"
    }
  }
}

extension EndpointQuirks {
  private static let sentences: [(EndpointQuirks, String)] = [
    (.answersOtherEID, "takes another EID than it is given"),
    (.refusesSet, "refuses to be given an EID"),
    (.typesCountWrong, "counts its message types wrong"),
    (.nilUUID, "has the nil UUID"), (.noUUID, "has no UUID"),
    (.noMessageTypes, "does not tell its message types"),
    (.noVersions, "does not tell its versions"),
    (.versionBytesSwapped, "sends versions last byte first"),
    (.vendorSelectorJumps, "leaves out selectors of its vendor-defined types"),
    (.holdsOtherPool, "holds another pool than it was given"),
    (.refusesPool, "refuses the pool that it asked for"),
    (.refusesRoutingUpdate, "does not take Routing Information Update"),
    (.refusesRoutingTable, "does not tell its routing table"),
    (.simpleWithPool, "calls itself a simple endpoint and asks for a pool"),
    (.routingTableEndless, "has a routing table without end"),
  ]

  /// What follows "EID 9 ".
  var words: String {
    EndpointQuirks.sentences.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}

extension EIDSet {
  /// `EIDs 9, 12-14`, or `no EIDs`.
  var words: String {
    var runs: [ClosedRange<UInt8>] = []
    for eid in members {
      if let last = runs.last, last.upperBound + 1 == eid.rawValue {
        runs[runs.count - 1] = last.lowerBound...eid.rawValue
      } else {
        runs.append(eid.rawValue...eid.rawValue)
      }
    }
    guard !runs.isEmpty else { return "no EIDs" }
    let texts = runs.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }
    return (count == 1 ? "EID " : "EIDs ") + texts.joined(separator: ", ")
  }
}
