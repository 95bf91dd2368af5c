// What an endpoint is and how it does, in words.

/// Where an endpoint stands with the bus owner.
public enum EndpointStateName: String, NameList {
  /// Expected; it has not answered yet.
  case unknown
  /// It answered and is being set up or verified.
  case probing
  case up
  /// It missed an answer and is asked again.
  case suspect
  case down
  /// It answers but must not be used: what it claims belongs to another.
  case quarantined
}

/// Why an endpoint is in its state.
public enum EndpointReasonName: String, NameList {
  case notAskedYet = "not-asked-yet"
  case answered
  case noAnswer = "no-answer"
  case portDown = "port-down"
  case bridgeLost = "bridge-lost"
  case bridgeReturned = "bridge-returned"
  case eidChanged = "eid-changed"
  case eidClash = "eid-clash"
  case eidRefused = "eid-refused"
  case noFreeEID = "no-free-eid"
  case disappeared
  case uuidClash = "uuid-clash"
  case lease
  case waitsForPool = "waits-for-pool"
  case bridgeSuspected = "bridge-suspected"
  /// Somebody asked for it.
  case asked
}

public enum EndpointKindName: String, NameList {
  case unknown
  case simple
  /// A bridge or bus owner.
  case bridge
}

/// How the bus owner came to know of an endpoint.
public enum EndpointOriginName: String, NameList {
  case listed
  case scanned
  case pointToPoint = "point-to-point"
  case reported
  case discoveryNotify = "discovery-notify"
  case lease
  case command
  /// The routing table of the bridge in front of it.
  case routingTable = "routing-table"
  /// Its EID is in the pool of a bridge that does not tell its routing table.
  case pool
}

/// Who says that an endpoint exists.
public enum EndpointSourceName: String, NameList {
  /// It is this device.
  case own = "self"
  case simulated
  /// The topology.
  case `static`
  /// The bus owner found it.
  case discovered
}

/// How an endpoint departs from the standard or from what was asked of it.
public enum EndpointQuirkName: String, NameList {
  case answersOtherEID = "answers-other-eid"
  case refusesSet = "refuses-set"
  case typesCountWrong = "types-count-wrong"
  case nilUUID = "nil-uuid"
  case noUUID = "no-uuid"
  case noMessageTypes = "no-message-types"
  case noVersions = "no-versions"
  case versionBytesSwapped = "version-bytes-swapped"
  case vendorSelectorJumps = "vendor-selector-jumps"
  case holdsOtherPool = "holds-other-pool"
  case refusesPool = "refuses-pool"
  case refusesRoutingUpdate = "refuses-routing-update"
  case refusesRoutingTable = "refuses-routing-table"
  case simpleWithPool = "simple-with-pool"
  case routingTableEndless = "routing-table-endless"
}

/// How far a bridge knows the routes.
public enum RoutingUpdateName: String, NameList {
  /// It acknowledged all of them.
  case current
  /// It is told later, or is being told.
  case pending
  /// It does not take Routing Information Update.
  case unsupported
}
