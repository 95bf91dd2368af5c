internal import BusIO
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// A router of the board through all its lives.
final class WorldRouter {
  let index: Int
  let part: Board.Router
  /// Nil while it is killed.
  private(set) var life: RouterLife?
  /// Its process is not scheduled before.
  var lagsUntil = Instant.zero
  /// What outlives its processes.
  let state: RouterState
  /// Of the next life, and of this one.
  private(set) var topology: Topology
  /// Of the last life, when it was killed.
  private var durableAtKill: [DurableLease] = []
  /// A device that is not there, by port; outlives the process.
  private var absent: Set<PortID> = []
  /// Of this life, what takes a port's bus away or brings it back.
  var links: [(port: PortID, setPresent: (Bool) -> Void)] = []
  /// For the next life.
  private var chosen: Topology?
  private var startCount: UInt64 = 0

  private let clock: WorldClock
  private let seed: UInt64

  init(_ part: Board.Router, index: Int, clock: WorldClock, seed: UInt64) {
    self.part = part
    topology = part.topology
    state = RouterState(seed: seed ^ 0x6469_736B)
    self.index = index
    self.clock = clock
    self.seed = seed
  }

  /// Starts a process.
  ///
  /// - Parameters:
  ///   - keepsLeases: false: the disk is empty.
  ///   - topology: nil: the one of the last life. Its ports are on the wires that the board has
  ///     for their numbers, and as many or fewer.
  func start(keepsLeases: Bool, topology other: Topology? = nil, on wires: WorldWires) {
    guard life == nil else { return }
    if let other = other ?? chosen { topology = other }
    chosen = nil
    if !keepsLeases { state.removeAll() }
    startCount += 1
    let life = RouterLife(
      part.name, topology, index: index, state: state, seed: seed &+ startCount, clock: clock)
    links = []
    var trees: [ObjectIdentifier: MuxPlace] = [:]
    for port in topology.ports {
      life.add(
        make(port, life, wires, &trees), isLeg: wires.isMux(wires.wire(of: index, port.id).leg))
    }
    self.life = life
    life.start()
  }

  /// Another topology for the next life; nil for its own.
  func choose(_ other: Int?) {
    chosen = other.map { part.otherTopologies[$0] } ?? part.topology
  }

  func kill() {
    guard let life else { return }
    if let leases = life.leases {
      durableAtKill = state.durable(leases.book)
      state.cut(leases.book, now: clock.now)
    } else {
      durableAtKill = []
    }
    life.stop()
    links = []
    self.life = nil
  }

  /// Leases that the next process reads for certain, if this one is killed now; of a dead router
  /// those that were so when it was killed. What `keepsLeases: false` and a topology that changes
  /// do to them is not in it.
  var durableLeases: [DurableLease] {
    guard let life else { return durableAtKill }
    return life.leases.map { state.durable($0.book) } ?? []
  }

  /// Does what a person asks of the router; nothing while it is dead.
  func command(_ command: RouterCommand) {
    guard let life, !life.isCutShort else { return }
    let refusal = life.carryOut(command)
    for observer in clock.observers {
      observer.commanded(command, refusal: refusal, router: index)
    }
  }

  /// The bus of the port is there.
  func isPresent(_ port: PortID) -> Bool { !absent.contains(port) }

  func setPresent(_ isPresent: Bool, _ port: PortID) {
    if isPresent { absent.remove(port) } else { absent.insert(port) }
    for link in links where link.port == port { link.setPresent(isPresent) }
  }
}
