// An I3C bus whose targets are character devices, each target a node of its own.
//
// Owns: the open nodes, what was read ahead from them, one thread for the transfers that block and
// at most one transfer. Nodes come and go one by one; the link is up while one is there. Opening
// and reading attributes happen on the loop, between transfers, because a transfer holds the lock
// that attributes take.
//
// Interface `.i3cMCTP`: the driver makes and checks the PEC, reads on an interrupt (or polls) and
// keeps 16 packets. The link reads them as they come and announces each to its port as an
// interrupt, at most 16 a node ahead: then the node is not watched until the port has collected
// some, so that a node that stays readable neither spins the loop nor loses what the driver keeps.
// The PEC is taken off and made up between the port and the node, over an address of our own.
//
// Interface `.i3cDevice`: transfers as they are (DSP0233: packet, PEC), reads and writes on the
// thread. No interrupt and no GETSTATUS reaches us; the port reads in turn, and a device that has
// nothing does not acknowledge.

internal import CLinuxBus
public import MCTPWire

public final class I3CNodeLink: I3CLink {
  /// The largest packet of an i3c-mctp driver. Not one byte more is asked for: drivers are in use
  /// that copy as much as they are asked for out of a buffer of this size, and answer with that
  /// count. (Of those a shorter packet arrives with bytes behind it: they do not tell its length.)
  static let driverPacketByteCountMax = 68
  /// The addresses that stand in for unknown ones begin here; unreserved on every bus.
  static let firstStandInAddress: UInt8 = 0x08
  static let nodesMax = 100
  /// Choice: no transfer of a controller takes a second, its own time-out included.
  static let transferMsMax: UInt32 = 3_000

  let interface: I3CNodeInterface
  let transmissionUnitBytes: Int
  let sysfsRoot: String
  let loop: EventLoop
  let token: UInt64
  let system: I3CNodeSystem
  /// Nodes above the maximum: a fault.
  let surplusNodeCount: Int

  public internal(set) var condition = PortCondition.stopped
  public internal(set) var deviceGeneration = 0
  /// The generation that the port could see at the last `service`.
  private var seenGeneration = 0

  var states: [State]
  var transfer = Transfer.none
  var needsVerification = false
  var emptyReadCount: UInt64 = 0
  var lateReadCount: UInt64 = 0

  private var worker: BlockingWorker<Job, Outcome>?
  private var workerFailure = ""
  private var workerRetryAt = Instant.zero
  private var workerBackoff = Backoff()

  /// - Parameters:
  ///   - nodes: the targets, each once; at most 100.
  ///   - transmissionUnitBytes: payload bytes of the port's largest packet, at least 64. A device
  ///     whose MRL or MWL is unknown is taken to carry it; i3c-mctp carries 64.
  ///   - token: what the loop reports for the link's descriptors; call `service` for it.
  ///   - sysfsRoot: where the system's folders of I3C devices are.
  public convenience init(
    interface: I3CNodeInterface, nodes: [I3CNode], transmissionUnitBytes: Int, loop: EventLoop,
    token: UInt64, sysfsRoot: String = "/sys"
  ) {
    self.init(
      interface: interface, nodes: nodes, transmissionUnitBytes: transmissionUnitBytes, loop: loop,
      token: token, sysfsRoot: sysfsRoot, system: .linux)
  }

  init(
    interface: I3CNodeInterface, nodes: [I3CNode], transmissionUnitBytes: Int, loop: EventLoop,
    token: UInt64, sysfsRoot: String, system: I3CNodeSystem
  ) {
    self.interface = interface
    self.transmissionUnitBytes = max(transmissionUnitBytes, 64)
    self.sysfsRoot = sysfsRoot
    self.loop = loop
    self.token = token
    self.system = system
    let readAheadByteCount = interface == .i3cMCTP ? I3CNodeLink.driverPacketByteCountMax : 0
    surplusNodeCount = max(nodes.count - I3CNodeLink.nodesMax, 0)
    states = nodes.prefix(I3CNodeLink.nodesMax).map {
      State(node: $0, readAhead: I3CPacketRing(packetByteCountMax: readAheadByteCount))
    }
  }

  deinit { stop() }

  public var hasGetStatus: Bool { false }

  /// What was read ahead takes no time of the bus, and room for it has an end.
  public var readsPerTurn: Int { interface == .i3cMCTP ? I3CPacketRing.packetsMax : 1 }

  public var devices: [I3CDevice] { states.compactMap { $0.isPresent ? $0.device : nil } }

  /// `empty-reads` were not acknowledged or brought nothing; `late-reads` brought their packet
  /// after the bus was given up, and it is lost.
  public var linkCounters: [LinkCounter] {
    [LinkCounter("empty-reads", emptyReadCount), LinkCounter("late-reads", lateReadCount)]
  }

  public var nextDeadline: Instant? {
    if case .stopped = condition { return nil }
    guard worker != nil else { return workerRetryAt }
    if condition.isUp {
      if hasNews { return .zero }
    }
    // Not watched and not full: it may be readable.
    if interface == .i3cMCTP,
      states.contains(where: { $0.open != nil && !$0.isWatched && !$0.readAhead.isFull })
    {
      return .zero
    }
    switch transfer {
    case .underWay(_, _, let deadline): return deadline
    case .stuck(_, _, let retryAt): return retryAt
    case .none, .readAhead, .ended: break
    }
    if needsVerification { return .zero }
    var earliest: Instant?
    for state in states where state.open == nil {
      earliest = min(earliest ?? state.retryAt, state.retryAt)
    }
    return earliest
  }

  private var hasNews: Bool {
    switch transfer {
    case .readAhead, .ended: return true
    case .none, .underWay, .stuck: break
    }
    // Without a node it is up only until the result of the last transfer was collected.
    return seenGeneration != deviceGeneration || states.contains { $0.unannounced > 0 }
      || !states.contains(where: \.isPresent)
  }

  public func start(now: Instant) {
    precondition(condition == .stopped, "started twice")
    condition = .waiting(reason: "not opened yet", retryAt: now)
    service(now: now)
  }

  public func service(now: Instant) {
    if case .stopped = condition { return }
    var isExpected = startWorker(now)
    isExpected = collectOutcome(now) || isExpected
    isExpected = readAhead(now) || isExpected
    isExpected = isBetweenTransfers ? attend(now) || isExpected : giveUp(now) || isExpected
    // Woken for nothing: a node that hung up is reported again and again.
    if !isExpected { closeHungUp(now) }
    updateCondition(now)
    seenGeneration = deviceGeneration
  }

  public func devicesChanged(now: Instant) {
    if case .stopped = condition { return }
    needsVerification = true
    for index in states.indices where states[index].open == nil {
      states[index].retryAt = now
      // It may be there before its owner or its attributes are: tried soon again.
      states[index].backoff.reset()
    }
    service(now: now)
  }

  /// Never waits: a call that is under way keeps its node open and ends on its own.
  public func stop() {
    if case .stopped = condition { return }
    condition = .stopped
    for index in states.indices {
      if let open = states[index].open, states[index].isWatched { loop.unwatch(open.descriptor) }
      states[index].open = nil
      states[index].isWatched = false
    }
    transfer = .none
    guard let worker else { return }
    loop.unwatch(worker.descriptor)
    worker.stop()
    self.worker = nil
  }
}

extension I3CNodeLink {
  /// True while no system call that holds the bus is under way.
  private var isBetweenTransfers: Bool {
    switch transfer {
    case .underWay, .stuck: false
    case .none, .readAhead, .ended: true
    }
  }

  private func startWorker(_ now: Instant) -> Bool {
    guard worker == nil, workerRetryAt <= now else { return false }
    let system = system
    do throws(SystemError) {
      let fresh = try BlockingWorker<Job, Outcome>(name: threadName) { $0.run(system) }
      try loop.watch(fresh.descriptor, interest: .readable, token: token)
      worker = fresh
    } catch {
      workerFailure = "\(error)"
      workerRetryAt = now.advanced(byMs: workerBackoff.next())
    }
    return true
  }

  private var threadName: String {
    guard let node = states.first?.node else { return "i3c" }
    return node.name.hasPrefix("i3c") ? String(node.name) : "i3c-" + node.name
  }

  func startJob(_ job: Job) { worker?.start(job) }

  func finishedJob() -> Outcome? { worker?.finished() }

  /// Only leaves `.up` when the port has collected what ended: a packet may be in it.
  private func updateCondition(_ now: Instant) {
    if let failure = failure(now) {
      if condition.isUp {
        if case .ended = transfer { return }
        leaveUp()
      }
      condition = failure
    } else {
      condition = .up
    }
  }

  private func leaveUp() {
    if case .readAhead = transfer { transfer = .none }
    // The port forgets what was announced.
    for index in states.indices { states[index].unannounced = states[index].readAhead.count }
  }

  private func failure(_ now: Instant) -> PortCondition? {
    guard worker != nil else { return .waiting(reason: workerFailure, retryAt: workerRetryAt) }
    if case .stuck(let index, let isRead, let retryAt) = transfer {
      let verb = isRead ? "read" : "write"
      return .waiting(
        reason: "bus stuck: \(verb) \(states[index].node.path) has not ended for"
          + " \(I3CNodeLink.transferMsMax / 1000) s; reset the bus or its device",
        retryAt: retryAt)
    }
    if states.contains(where: \.isPresent) { return nil }
    guard let first = states.first else {
      return .waiting(reason: "no nodes", retryAt: Instant(nanoseconds: .max))
    }
    let more = states.count > 1 ? " (and \(states.count - 1) more)" : ""
    let retryAt = states.map(\.retryAt).min() ?? now
    return .waiting(reason: first.reason + more, retryAt: retryAt)
  }
}
