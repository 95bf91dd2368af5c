// Watches a world and says what first went wrong.
//
// Owns a second set of books for every router, made from what was seen on its ports, and compares
// it with the engine's after every step. Holds nothing of the world; lives as long as a run.
//
// | `Violation.invariant` | What holds |
// |---|---|
// | `books` | both equations of `PortCounters`; counters agree with what was seen |
// | `forwarding` | what leaves is the oldest packet that came for the port, byte for byte, or the router's own control message; retries repeat the same bytes to the same address |
// | `crossing` | what crosses has assignable EIDs, stays in its network, fits and leaves by a port that is up |
// | `null-eid` | packets to the null and the broadcast EID never cross |
// | `ownership` | in each router's books no EID has two owners, pools are disjoint, who is up is routed and who is lost is not |
// | `rest` | an EID that a device had is not given to another one before T_RECLAIM |
// | `queue-bound` | no queue is longer than the topology says |
// | `port-state` | the engine holds a port for up exactly when the world does |
// | `routing` | what crosses goes where the checker's own model of the ways says, port and next hop |
// | `source` | the port's source check lets through only whom the model has there |
// | `drop` | each drop has the cause that it names; what is for the router is taken, and nothing else |
// | `answer` | each request to the router is answered once, with what is true |
// | `manners` | the router's own requests: how often, to whom, with which instance IDs; no neighbour complains |
// | `presence` | who answers is not reported down, who does not is not reported up nor routed |
// | `reports` | who is known, as whom, and what it is said to refuse, is as the wires say |
// | `leases` | who has an EID that the router may give keeps it |
// | `share` | between wires that nothing was done to, requests are answered |
// | `claim` | nobody is given, or told of, what is another's |
// | `messages` | a message to the router that came whole and in order from one place is taken |
//
// The order of packets of one message terminus follows from `forwarding`: a port's packets leave
// in the order in which they came.

public import MCTPEngine
public import MCTPWire
internal import Topology

public final class InvariantChecker: WorldObserver {
  /// The first one; nothing is checked after it.
  public internal(set) var violation: Violation?
  public var hasViolation: Bool { violation != nil }
  let board: Board
  var routers: [RouterShadow]
  /// Of routers that were killed, until they are killed again.
  private var formerModels: [RoutingModel?]
  /// Of this life or the next.
  private var chosen: [Topology]
  /// What was on each router's disk for certain when it was killed.
  private var durable: [[DurableLease]]
  var untouched: Untouched
  var truth: BoardTruth
  /// Devices that have to be up, by router.
  let expected: [[(Int, Board.Device)]]
  /// By wires: from, times their number, and to.
  var shares: [Share]
  var offer: WireOffer
  var now = Instant.zero
  /// Where nothing was done to frames.
  var calm: WireCalm
  /// When routers without EIDs are looked at next.
  var noticesDue = Instant.zero
  /// What the packet that a router is taking just now made whole.
  var whole: SeenMessages.Whole?

  /// All routers run, all their ports are down, until told otherwise.
  /// - Parameter traffic: of the run, when it begins.
  public init(board: Board, traffic: Traffic = Traffic()) {
    self.board = board
    offer = WireOffer(board, traffic)
    routers = board.routers.map { RouterShadow($0, $0.topology) }
    formerModels = board.routers.map { _ in nil }
    chosen = board.routers.map(\.topology)
    durable = board.routers.map { _ in [] }
    untouched = Untouched(board)
    truth = BoardTruth(board)
    calm = WireCalm(board)
    expected = InvariantChecker.expected(board)
    shares = Array(repeating: Share(), count: board.wires.count * board.wires.count)
  }

  func isWatching(_ router: Int) -> Bool { violation == nil && routers[router].isRunning }

  func fail(_ invariant: String, _ text: String) {
    if violation == nil { violation = Violation(invariant, at: now, text) }
  }

  /// Names a port for people.
  func place(_ router: Int, _ port: PortID) -> String {
    "\(routers[router].name) port \(routers[router].ports[Int(port.rawValue)].name)"
  }

  // MARK: What happens

  public func timeAdvanced(to now: Instant) {
    self.now = now
    checkNotices()
  }

  public func ownRequestBegan(router: Int) { routers[router].hasLocalMessages = true }

  /// A router that is killed is not watched until it starts; `start` of one that runs is nothing.
  public func happened(_ event: WorldEvent, _ text: String) {
    noteTouched(event)
    noteTruth(event)
    calm.note(event, at: now)
    offer.note(event, at: now)
    switch event {
    case .kill(let router):
      guard routers[router].isRunning else { return }
      formerModels[router] = routers[router].model
      replaceShadow(router)
      routers[router].isRunning = false
    case .start(let router, let keepsLeases): start(router, keepsLeases: keepsLeases)
    case .topology(let router, let other):
      chosen[router] =
        other.map { board.routers[router].otherTopologies[$0] } ?? board.routers[router].topology
    case .insert(let device), .remove(let device), .restart(let device),
      .temperament(let device, _):
      doubt(wire: board.devices[device].wire, address: board.devices[device].address)
    case .habits(let device, _), .grants(let device, _), .exchange(let device, _),
      .sends(let device, _, _):
      doubt(wire: board.devices[device].wire, address: nil)
    case .faults(let wire, _), .cut(let wire), .mend(let wire): doubt(wire: wire, address: nil)
    case .command(let router, _):
      routers[router].orderedAt = now
      doubtOwn(router)
    // What should have happened meanwhile happens after it.
    case .lag(let router, let ms):
      routers[router].startedAt = max(routers[router].startedAt, now.advanced(byMs: ms))
    default: break
    }
  }

  public func killed(router: Int, durable: [DurableLease]) { self.durable[router] = durable }

  private func start(_ router: Int, keepsLeases: Bool) {
    guard !routers[router].isRunning else { return }
    let isSame = chosen[router] == routers[router].topology
    replaceShadow(router)
    routers[router].startedAt = now
    guard keepsLeases, let former = formerModels[router] else { return }
    let topology = routers[router].topology
    routers[router].duties.hasLeases = true
    var isKept = Set<Int>()
    for lease in durable[router] where isSame {
      guard let network = routers[router].networks.firstIndex(of: lease.network),
        let port = topology.port(named: lease.port)
      else { continue }
      let slot = former.slot(network, lease.eid.rawValue)
      if former.isCertain(slot, at: .init(port: port.id.rawValue, address: lease.address)) {
        isKept.insert(slot)
      }
    }
    routers[router].model.takeOver(former, certain: isKept)
  }

  private func replaceShadow(_ router: Int) {
    routers[router] = RouterShadow(board.routers[router], chosen[router])
  }

  private func noteTouched(_ event: WorldEvent) {
    if case .start(let router, _) = event, routers[router].isRunning { return }
    untouched.note(event)
  }

  /// Something was done to a wire, or to one device of it.
  ///
  /// Choice: the bus itself may tell a router who comes and goes (I3C), so that nothing is certain
  /// there until a device has answered anew.
  private func doubt(wire: Int, address: PhysicalAddress?) {
    for joint in board.joints where joint.wire == wire {
      let model = routers[joint.router].model
      if let address {
        model.doubt(.init(port: joint.port.rawValue, address: address))
      } else {
        model.doubt(port: joint.port.rawValue)
      }
    }
  }

  public func portChanged(isUp: Bool, router: Int, port: PortID) {
    guard isWatching(router) else { return }
    touch(router, port)
    routers[router].hasOwnerNews = true
    routers[router].ports[Int(port.rawValue)].change(isUp: isUp)
    if isUp {
      if routers[router].ports[Int(port.rawValue)].upSince == nil {
        routers[router].ports[Int(port.rawValue)].upSince = now
      }
    } else {
      routers[router].ports[Int(port.rawValue)].upSince = nil
      losePort(router, port.rawValue)
    }
  }

  public func ownerEvent(_ event: OwnerEvent, router: Int) {
    guard isWatching(router) else { return }
    routers[router].hasOwnerNews = true
    judgeTold(event, router)
  }

  public func damaged(_ reason: DropReason, router: Int, port: PortID) {
    guard isWatching(router) else { return }
    touch(router, port)
    routers[router].ports[Int(port.rawValue)].ingressDrops[Int(reason.rawValue)] &+= 1
  }

  public func received(
    _ packet: Span<UInt8>, router: Int, port: PortID, from address: PhysicalAddress,
    _ disposition: Disposition
  ) {
    guard isWatching(router) else { return }
    let ingress = Int(port.rawValue)
    touch(router, port)
    routers[router].ports[ingress].packetsIn &+= 1
    routers[router].ports[ingress].notePacket(byteCount: packet.count, at: now)
    switch disposition {
    case .forwarded(let egress):
      guard Int(egress.rawValue) < routers[router].ports.count else {
        fail("crossing", "\(place(router, port)): forwarded to port \(egress.rawValue), not there")
        return
      }
      checkCrossing(packet, router, from: port, to: egress)
      judge(packet, router, port, address, disposition)
      touch(router, egress)
      routers[router].ports[ingress].forwarded &+= 1
      noteForward(packet, router, from: .init(port: port.rawValue, address: address), to: egress)
      return
    case .answered:
      routers[router].ports[ingress].delivered &+= 1
      routers[router].hasOwnerNews = true
      noteAnswered(packet, router, port, address)
    case .deliver: routers[router].ports[ingress].delivered &+= 1
    case .dropped(let reason):
      routers[router].ports[ingress].ingressDrops[Int(reason.rawValue)] &+= 1
    }
    judge(packet, router, port, address, disposition)
    if disposition == .answered { noteTaken(packet, router, port, address) }
  }

  private func noteForward(
    _ packet: Span<UInt8>, _ router: Int, from origin: RoutingModel.Place, to egress: PortID
  ) {
    let index = Int(egress.rawValue)
    let model = routers[router].model
    let slot =
      packet.count > 1 ? model.slot(routers[router].ports[index].network, packet[1]) : 0
    routers[router].ports[index].append(
      .init(
        digest: Digest64(packet).value, slot: slot, origin: origin,
        mustTake: model.mustLead(slot)?.address))
    let (depth, bound) = (
      routers[router].ports[index].knownDepth, routers[router].ports[index].queueDepthMax
    )
    if depth >= min(8, bound / 4) { routers[router].ports[index].loadedAt = now }
  }

  public func transmitted(_ result: TransmissionResult, router: Int, port: PortID) {
    guard isWatching(router) else { return }
    touch(router, port)
    if result != .sent { noteUnsent(router, port.rawValue) }
    if !routers[router].ports[Int(port.rawValue)].finish(result) {
      fail("forwarding", "\(place(router, port)): an attempt ended (\(result)) that never began")
    }
  }

  public func stepped(router: Int, _ engine: borrowing Engine) {
    guard isWatching(router) else { return }
    routers[router].stepCount &+= 1
    checkBooks(router, engine)
    checkOwner(router, engine)
    settleSuspicions(router)
    checkOwed(router)
    checkNamed(router, engine)
    checkStale(router)
    checkPresence(router, engine)
    checkReports(router, engine)
  }

  private func touch(_ router: Int, _ port: PortID) {
    routers[router].touched |= 1 << UInt32(port.rawValue)
  }
}
