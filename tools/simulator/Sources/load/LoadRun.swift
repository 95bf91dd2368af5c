// One run: the stations, the ledger and the loop that they share.
//
// Life: `make`, `prepare` until every line is there and every station has an EID, `run` for the
// time of the traffic, `drain` until what is under way has come or is lost, `report`.

import BusIO
import LatencyReport
import MCTPSimulation
import MCTPWire

final class LoadRun {
  struct Configuration {
    var flows: FlowOptions
    var seconds: Int
    var seed: UInt64
    var lostAfterMs: UInt32
    /// Begin when every line has brought something and is silent again.
    var waitsForPeers: Bool
    var showsProgress: Bool
  }

  /// Where stray packets go: no endpoint may have it.
  static let strayEID = EID(0xFE)
  /// How often time-outs are looked for.
  private static let tickMs: UInt32 = 5
  /// How long a line is silent before it counts as ready.
  private static let readyMs: UInt32 = 300
  /// How long a line is silent before it counts as drained; longer than a receiver waits for the
  /// rest of a frame.
  private static let silenceMs: UInt32 = 1500
  private static let prepareMs: UInt32 = 60_000

  let configuration: Configuration
  let stations: [Station]
  let loop: EventLoop
  private(set) var ledger: LoadLedger?
  var latencies: [LatencyReport] = []
  private var stationOf = [Int?](repeating: nil, count: 256)
  private var body: [UInt8] = []
  private var ready: [(Int, Readiness)] = []
  private var watchesWritable: [Bool]
  private var wantsEnd = false
  private var nextTick = Instant.zero
  private(set) var startedAt = Instant.zero
  private(set) var stoppedAt = Instant.zero

  private static let signalToken = UInt64.max

  init(_ configuration: Configuration, stations: [Station]) throws {
    self.configuration = configuration
    self.stations = stations
    watchesWritable = Array(repeating: false, count: stations.count)
    loop = try EventLoop()
    try loop.watchSignals(token: LoadRun.signalToken)
    for (index, station) in stations.enumerated() {
      try loop.watch(station.descriptor, interest: .readable, token: UInt64(index))
    }
  }

  /// Waits until every station has an EID and, where that was asked for, every line its peer.
  func prepare() throws {
    let end = loop.now().advanced(byMs: LoadRun.prepareMs)
    while !isReady(loop.now()) {
      let now = loop.now()
      guard now < end else { throw LoadError(whoIsMissing(now)) }
      guard !wantsEnd else { throw LoadError("interrupted before it began") }
      try turn(until: now.advanced(byMs: 50))
    }
    let flows = try configuration.flows.flows(among: stations.map(\.eids))
    for (index, station) in stations.enumerated() {
      for eid in station.eids { stationOf[Int(eid.rawValue)] = index }
      station.readCounts = ReadCounts()
      station.written = WrittenCounts()
    }
    for flow in flows where stationOf[Int(flow.source.rawValue)] == nil {
      throw LoadError(
        "no port here has EID \(flow.source.rawValue), from which a flow is to come: give it to a "
          + "--port", isArgument: true)
    }
    latencies = flows.map { _ in LatencyReport() }
    ledger = LoadLedger(
      LoadPlan(flows: flows, seed: configuration.seed, lostAfterMs: configuration.lostAfterMs))
  }

  private func isReady(_ now: Instant) -> Bool {
    stations.allSatisfy { station in
      guard station.eid != .null else { return false }
      guard configuration.waitsForPeers else { return true }
      return station.lastReadAt != nil && isSilent(station, now)
    }
  }

  private func isSilent(_ station: Station, _ now: Instant) -> Bool {
    guard let last = station.lastReadAt else { return true }
    return now.nanoseconds(since: last) >= UInt64(LoadRun.readyMs) * 1_000_000
  }

  private func whoIsMissing(_ now: Instant) -> String {
    var reasons: [String] = []
    func add(_ reason: String, _ who: (Station) -> Bool) {
      let names = stations.filter(who).map(\.name)
      if !names.isEmpty { reasons.append("\(reason): \(names.joined(separator: ", "))") }
    }
    add("no bus owner gave an EID") { $0.eid == .null }
    if configuration.waitsForPeers {
      add("nothing came") { $0.eid != .null && $0.lastReadAt == nil }
      add("never silent for \(LoadRun.readyMs) ms, so that its peer is still starting") {
        $0.eid != .null && !isSilent($0, now)
      }
    }
    return "not ready after \(LoadRun.prepareMs / 1000) s; " + reasons.joined(separator: "; ")
  }
}

extension LoadRun {
  /// The traffic, until its time is over or a signal came.
  func run() throws {
    startedAt = loop.now()
    let end = startedAt.advanced(byNanoseconds: UInt64(configuration.seconds) * 1_000_000_000)
    var told = startedAt
    while !wantsEnd {
      let now = loop.now()
      guard now < end else { break }
      try offer(now)
      let due = ledger?.nextDeadline { self.canSend($0) } ?? end
      try turn(until: min(due, end))
      if configuration.showsProgress, now.nanoseconds(since: told) >= 1_000_000_000 {
        told = now
        tellProgress(now)
      }
    }
    stoppedAt = loop.now()
    if configuration.showsProgress { Output.clearLine() }
  }

  /// What is under way comes or is given up, and the lines fall silent.
  func drain() throws {
    wantsEnd = false
    let patience = max(configuration.lostAfterMs, LoadRun.silenceMs)
    let end = stoppedAt.advanced(byMs: patience).advanced(byMs: 10_000)
    var quietSince = loop.now()
    while !wantsEnd {
      let now = loop.now()
      let isUnderWay =
        (ledger?.openCount ?? 0) > 0
        || stations.contains { $0.output.count > 0 }
      let lastRead = stations.compactMap(\.lastReadAt).max() ?? now
      if isUnderWay || lastRead > quietSince { quietSince = now }
      guard now < end,
        now.nanoseconds(since: quietSince) < UInt64(LoadRun.silenceMs) * 1_000_000
      else { break }
      try turn(until: now.advanced(byMs: 20))
    }
    ledger?.close()
  }

  private func canSend(_ flow: LoadFlow) -> Bool {
    guard let index = stationOf[Int(flow.source.rawValue)] else { return false }
    return stations[index].hasRoom
  }

  /// Gives the stations every message that is due.
  private func offer(_ now: Instant) throws {
    while let message = ledger?.next(now: now, body: &body, where: { self.canSend($0) }),
      let index = stationOf[Int(message.source.rawValue)]
    {
      stations[index].send(message, body, now: now)
    }
    try pump(now)
  }

  /// Sleeps until a line is ready, a pause ends or `deadline`, and does what there is.
  private func turn(until deadline: Instant) throws {
    var wake = min(deadline, nextTick)
    for station in stations {
      if let resumesAt = station.output.resumesAt { wake = min(wake, resumesAt) }
    }
    ready.removeAll(keepingCapacity: true)
    loop.wait(until: wake) { token, readiness in
      if token == LoadRun.signalToken {
        while loop.nextSignal() != nil { wantsEnd = true }
      } else {
        ready.append((Int(token), readiness))
      }
    }
    let now = loop.now()
    for (index, readiness) in ready {
      if readiness.contains(.readable) || readiness.contains(.hangUp) {
        try stations[index].read(into: self, now: now)
      }
      if readiness.contains(.writable) { try stations[index].writable(now: now) }
    }
    if now >= nextTick {
      nextTick = now.advanced(byMs: LoadRun.tickMs)
      ledger?.expire(now: now)
      for station in stations { station.expire(self, now: now) }
    }
    try pump(now)
  }

  private func pump(_ now: Instant) throws {
    for (index, station) in stations.enumerated() {
      try station.pump(now: now)
      let isBackedUp = station.output.isBackedUp
      if isBackedUp != watchesWritable[index] {
        watchesWritable[index] = isBackedUp
        loop.change(station.descriptor, interest: isBackedUp ? [.readable, .writable] : .readable)
      }
    }
    for station in stations where !station.hurt.isEmpty {
      for identity in station.hurt { note(identity, now) }
      station.hurt.removeAll(keepingCapacity: true)
    }
  }

  private func note(_ identity: MessageIdentity, _ now: Instant) {
    ledger?.noteHurt(flow: identity.flow, sequence: identity.sequence)
    guard let source = ledger?.plan.flows[Int(identity.flow)].source,
      let index = stationOf[Int(source.rawValue)]
    else { return }
    stations[index].giveUp(identity, now: now)
  }

  private func tellProgress(_ now: Instant) {
    guard let total = ledger?.total else { return }
    let seconds = now.nanoseconds(since: startedAt) / 1_000_000_000
    Output.showLine(
      "\(seconds) of \(configuration.seconds) s: \(total.completed) messages, \(total.lost) lost")
  }
}

extension LoadRun {
  /// A message that came to one of the stations.
  func received(
    _ body: Span<UInt8>, by eid: EID, isResponse: Bool, now: Instant
  ) -> LoadArrival {
    guard
      let arrival = ledger?.received(body, by: eid, isResponse: isResponse, now: now)
    else { return .foreign }
    if case .completed(let flow, let nanoseconds) = arrival {
      latencies[Int(flow)].record(nanoseconds: nanoseconds)
    }
    return arrival
  }

  func identity(of body: Span<UInt8>) -> MessageIdentity? {
    LoadBody(body, seed: configuration.seed).map {
      MessageIdentity(flow: $0.flow, sequence: $0.sequence)
    }
  }

  /// Whether a message of this flow may come twice.
  func canRepeat(_ flow: UInt16) -> Bool {
    guard let ledger, Int(flow) < ledger.plan.flows.count else { return false }
    return ledger.plan.flows[Int(flow)].kind == .oneWay
  }
}
