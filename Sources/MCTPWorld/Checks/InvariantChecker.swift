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
// | `deadline` | after a step nothing is left that should have been done |
// | `port-state` | the engine holds a port for up exactly when the world does |
//
// The order of packets of one message terminus follows from `forwarding`: a port's packets leave
// in the order in which they came.

public import MCTPEngine
public import MCTPWire

public final class InvariantChecker: WorldObserver {
  /// The first one; nothing is checked after it.
  public internal(set) var violation: Violation?
  public var hasViolation: Bool { violation != nil }
  let board: Board
  var routers: [RouterShadow]
  var now = Instant.zero

  /// All routers run, all their ports are down, until told otherwise.
  public init(board: Board) {
    self.board = board
    routers = board.routers.map { RouterShadow($0) }
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

  public func timeAdvanced(to now: Instant) { self.now = now }

  /// A router that is killed is not watched until it starts; `start` of one that runs is nothing.
  public func happened(_ event: WorldEvent, _ text: String) {
    switch event {
    case .kill(let router):
      routers[router] = RouterShadow(board.routers[router])
      routers[router].isRunning = false
    case .start(let router, _):
      if !routers[router].isRunning { routers[router] = RouterShadow(board.routers[router]) }
    default: break
    }
  }

  public func portChanged(isUp: Bool, router: Int, port: PortID) {
    guard isWatching(router) else { return }
    touch(router, port)
    routers[router].hasOwnerNews = true
    routers[router].ports[Int(port.rawValue)].change(isUp: isUp)
  }

  public func ownerEvent(_ event: OwnerEvent, router: Int) {
    guard isWatching(router) else { return }
    routers[router].hasOwnerNews = true
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
    switch disposition {
    case .forwarded(let egress):
      guard Int(egress.rawValue) < routers[router].ports.count else {
        fail("crossing", "\(place(router, port)): forwarded to port \(egress.rawValue), not there")
        return
      }
      checkCrossing(packet, router, from: port, to: egress)
      touch(router, egress)
      routers[router].ports[ingress].forwarded &+= 1
      routers[router].ports[Int(egress.rawValue)].append(Digest64(packet).value)
    case .answered:
      routers[router].ports[ingress].delivered &+= 1
      routers[router].hasOwnerNews = true
      noteAnswered(packet, router, port, address)
    case .deliver: routers[router].ports[ingress].delivered &+= 1
    case .dropped(let reason):
      routers[router].ports[ingress].ingressDrops[Int(reason.rawValue)] &+= 1
    }
  }

  public func transmitted(_ result: TransmissionResult, router: Int, port: PortID) {
    guard isWatching(router) else { return }
    touch(router, port)
    if !routers[router].ports[Int(port.rawValue)].finish(result) {
      fail("forwarding", "\(place(router, port)): an attempt ended (\(result)) that never began")
    }
  }

  public func stepped(router: Int, _ engine: borrowing Engine) {
    guard isWatching(router) else { return }
    routers[router].stepCount &+= 1
    checkOwnSources(router, engine)
    checkBooks(router, engine)
    checkOwner(router, engine)
    if let deadline = engine.nextDeadline, deadline <= now {
      fail(
        "deadline",
        "\(routers[router].name): the next deadline is \(deadline.nanoseconds) ns, and it is "
          + "\(now.nanoseconds) ns already: what was due is not done")
    }
  }

  private func touch(_ router: Int, _ port: PortID) {
    routers[router].touched |= 1 << UInt32(port.rawValue)
  }
}
