internal import AdminProtocol
internal import MCTPEngine

// The engine's closed lists as the admin protocol names them.

extension EndpointState {
  var name: EndpointStateName {
    switch self {
    case .unknown: .unknown
    case .probing: .probing
    case .up: .up
    case .suspect: .suspect
    case .down: .down
    case .quarantined: .quarantined
    }
  }
}

extension EndpointReason {
  var name: EndpointReasonName {
    switch self {
    case .notAskedYet: .notAskedYet
    case .answered: .answered
    case .noAnswer: .noAnswer
    case .portDown: .portDown
    case .bridgeLost: .bridgeLost
    case .bridgeReturned: .bridgeReturned
    case .eidChanged: .eidChanged
    case .eidClash: .eidClash
    case .eidRefused: .eidRefused
    case .noFreeEID: .noFreeEID
    case .disappeared: .disappeared
    case .uuidClash: .uuidClash
    case .lease: .lease
    case .waitsForPool: .waitsForPool
    case .bridgeSuspected: .bridgeSuspected
    case .asked: .asked
    }
  }
}

extension EndpointKind {
  var name: EndpointKindName {
    switch self {
    case .unknown: .unknown
    case .simple: .simple
    case .bridge: .bridge
    }
  }
}

extension EndpointOrigin {
  var name: EndpointOriginName {
    switch self {
    case .listed: .listed
    case .scanned: .scanned
    case .pointToPoint: .pointToPoint
    case .reported: .reported
    case .discoveryNotify: .discoveryNotify
    case .lease: .lease
    case .command: .command
    case .routingTable: .routingTable
    case .pool: .pool
    }
  }
}

extension EndpointQuirks {
  private static let all: [(EndpointQuirks, EndpointQuirkName)] = [
    (.answersOtherEID, .answersOtherEID), (.refusesSet, .refusesSet),
    (.typesCountWrong, .typesCountWrong), (.nilUUID, .nilUUID), (.noUUID, .noUUID),
    (.noMessageTypes, .noMessageTypes), (.noVersions, .noVersions),
    (.versionBytesSwapped, .versionBytesSwapped), (.vendorSelectorJumps, .vendorSelectorJumps),
    (.holdsOtherPool, .holdsOtherPool), (.refusesPool, .refusesPool),
    (.refusesRoutingUpdate, .refusesRoutingUpdate), (.refusesRoutingTable, .refusesRoutingTable),
    (.simpleWithPool, .simpleWithPool), (.routingTableEndless, .routingTableEndless),
  ]

  var names: [EndpointQuirkName] { EndpointQuirks.all.filter { contains($0.0) }.map(\.1) }
}

extension EIDState {
  var name: EIDStateName {
    switch self {
    case .foreign: .notOurs
    case .free(.neverUsed): .free
    case .free(.usedBefore): .freeUsedBefore
    case .own: .own
    case .fixed: .fixed
    case .reserved: .reserved
    case .leased: .leased
    case .poolOf: .pool
    case .quarantined: .quarantined
    }
  }
}
