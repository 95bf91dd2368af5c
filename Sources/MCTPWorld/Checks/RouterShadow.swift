// What the checker knows of one router. Lives from the router's start to its end.

internal import MCTPEngine
internal import MCTPWire
internal import Topology

struct RouterShadow {
  /// A place on one of the router's buses.
  typealias Place = RoutingModel.Place

  /// Who had an EID last, for certain: the device answered, and the router's books agreed.
  struct Holder {
    var place: Place
    var at: Instant
    /// Of every device that ever had the EID.
    var uuids: [EndpointUUID]
  }

  /// Set Endpoint ID that leaves for a device, or an answer from one that has an EID.
  struct Claim {
    var eid: EID
    var place: Place
    var at: Instant
  }

  let name: String
  let topology: Topology
  let networks: [UInt8]
  /// Where its packets may go and must go.
  let model: RoutingModel
  /// Its own control requests.
  var requests = OwnRequests()
  /// Who answered it.
  var contacts: [Place: Contact] = [:]
  /// By `RoutingModel.slot`: who spoke with the EID last.
  var held: [(place: Place, at: Instant)?]
  var startedAt = Instant.zero
  /// When somebody last asked something of it.
  var orderedAt: Instant?
  /// When an owner above last gave EIDs.
  var ownOrderedAt: Instant?
  var presenceDue = Instant.zero
  /// What it reports, and tells of.
  var reported = Reported()
  /// Answers that it owes.
  var owed: [OwedAnswer] = []
  /// Ways that nothing on the wires speaks for yet.
  var suspicions: [Suspicion] = []
  /// EIDs that do not rest, by network: the topology keeps them for one device or routes them.
  let restless: [EIDSet]
  /// Of obligations with a memory of their own.
  var duties: Duties
  var ports: [PortShadow]
  var isRunning = true
  var stepCount: UInt64 = 0
  /// Ports that something happened at since the last check: a bit each.
  var touched: UInt32 = 0
  /// The bus owner may have changed something since the last check.
  var hasOwnerNews = true

  /// By device of the board: since when it is reported suspect.
  var suspectSince: [Int: Instant] = [:]
  /// By device of the board: when it became suspect in the last minute.
  var suspectTimes: [Int: [Instant]] = [:]
  /// A program on the router sent messages: packets of any type are the router's own since.
  var hasLocalMessages = false

  var offers: [Claim] = []
  var answers: [Claim] = []
  /// By network and EID.
  var holders: [[Holder?]]

  init(_ router: Board.Router, _ topology: Topology) {
    name = router.name
    let networks = topology.networks.map(\.number)
    self.networks = networks
    ports = topology.ports.map { port in
      PortShadow(port, network: networks.firstIndex(of: port.network) ?? 0)
    }
    self.topology = topology
    model = RoutingModel(topology, networks: networks)
    held = Array(repeating: nil, count: 256 * networks.count)
    duties = Duties(networkCount: networks.count, portCount: topology.ports.count)
    restless = networks.map { RouterShadow.restless(topology, $0) }
    holders = networks.map { _ in [Holder?](repeating: nil, count: 256) }
  }

  private static func restless(_ topology: Topology, _ network: UInt8) -> EIDSet {
    var eids = EIDSet()
    func insert(_ first: EID, _ count: Int) {
      for offset in 0..<count where Int(first.rawValue) + offset < 256 {
        eids.insert(EID(UInt8(Int(first.rawValue) + offset)))
      }
    }
    for fixed in topology.fixedEIDs where fixed.network == network { insert(fixed.eid, 1) }
    for route in topology.routes where route.network == network {
      insert(route.firstEID, route.eidCount)
    }
    for port in topology.ports where port.network == network {
      for device in port.discovery?.expectedDevices ?? [] {
        if let eid = device.eid { insert(eid, 1 + Int(device.poolSize)) }
      }
    }
    return eids
  }
}
