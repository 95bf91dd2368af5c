import ArgumentParser
import BusIO
import MCTPSimulation
import MCTPWire

@main
struct Load: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tools/load",
    abstract: "Sends MCTP traffic over serial lines and says what became of it.",
    discussion: """
      Plays an endpoint at the end of each line (DSP0253). What one sends through the router, \
      another one receives, so that every message's fate and time on the way are known. Bodies \
      are vendor defined (0x7E) and checked to the last byte; an endpoint that is not played \
      here, and echoes them, is reached with --flow.

      Faults are done to what is written here and counted; each has one certain consequence:
        drop, flip   a byte is missing, a bit is wrong: packet lost, one frameIntegrity
        cut          the frame ends early: packet lost, one frameTruncated
        noise        bytes between frames: nothing lost, one noise
        pause        up to 3 ms of silence inside a frame: nothing lost
        duplicate    the frame comes twice, of one-way messages only
        stray        a packet for EID 254 on top: one destinationUnroutable

      Columns of the report, all messages; bodies tell which message each is:
        sent, done   given to the endpoint; came whole, in time, for the first time
        lost         not done after --lost-after
        hurt         of lost: spoiled here by a fault, or never sent because no tag
                     or memory was free
        late         came after they had been given up; they stay lost
        dup, reord   came again; came after one that was sent later
        damaged      came with other bytes than were sent
        misdel       came to another endpoint, or a request as a response
        p50 to max   time from sending to arrival; of an echo, back at its source
      Of the ports: frames written whole; of faults (hurt: drop, flip, cut); packets that came.

      Exit status: 0 the traffic ended in order, 1 a line is gone, nothing came up or the report \
      cannot be written, 64 the command line is wrong.
      """)

  @Option(
    help: ArgumentHelp(
      """
      A serial line and the EID that is played at its end; without one, a bus owner gives it. \
      FIRST-LAST are played too, as if behind a bridge. Repeat it.
      """, valueName: "path[=eid[,first-last]]"))
  var port: [PortArgument] = []

  @Option(
    help: ArgumentHelp(
      "As --port, on a new pseudo-terminal to whose far side a symbolic link is made.",
      valueName: "link[=eid[,first-last]]"))
  var pty: [PortArgument] = []

  @Option(
    help: ArgumentHelp(
      "From which EID to which, instead of every port to every other. Repeat it.",
      valueName: "source:destination"))
  var flow: [PairArgument] = []

  @Option(help: "one-way, echo (requests that come back), or both: two flows a pair.")
  var kind: FlowOptions.Kind = .both

  @Option(help: "Messages under way at once in each flow.")
  var window: Int = 8

  @Option(help: "Messages a second in each flow, instead of a window.")
  var rate: UInt32?

  @Option(
    help: ArgumentHelp(
      "Body sizes and how often each is drawn.", valueName: "bytes[:weight],..."))
  var sizes: SizesArgument = SizesArgument([
    .init(bytes: 32, weight: 4), .init(bytes: 64, weight: 4), .init(bytes: 200, weight: 2),
    .init(bytes: 1024, weight: 1),
  ])

  @Option(help: "How long to send.")
  var seconds: Int = 10

  @Option(help: "The same seed draws the same sizes and faults.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("When a message counts as lost.", valueName: "ms"))
  var lostAfter: UInt32 = 5000

  @Option(help: ArgumentHelp("One fault in so many frames, on average.", valueName: "frames"))
  var faults: Int?

  @Option(
    help: ArgumentHelp("Which faults, of those above; all by default.", valueName: "kind,..."))
  var faultKinds: FaultsArgument = FaultsArgument(LineFault.allCases)

  @Option(help: "Bits a second on real lines.")
  var speed: UInt32 = 115_200

  @Option(help: "Payload bytes of the largest packet, 64 to 120.")
  var transmissionUnit: Int = 64

  @Flag(help: "Begin when every line has brought something, as a router's start does.")
  var wait = false

  @Flag(help: "Print the report as JSON.")
  var json = false

  func validate() throws {
    guard !(port + pty).isEmpty else { throw ValidationError("give at least one --port or --pty") }
    guard window > 0, window <= 100_000 else { throw ValidationError("--window is 1 to 100000") }
    guard rate.map({ (1...1_000_000).contains($0) }) ?? true else {
      throw ValidationError("--rate is 1 to 1000000")
    }
    guard (1...31_536_000).contains(seconds) else {
      throw ValidationError("--seconds is 1 to 31536000, a year")
    }
    guard lostAfter >= 100 else { throw ValidationError("--lost-after is 100 or more") }
    guard faults.map({ $0 >= 2 }) ?? true else { throw ValidationError("--faults is 2 or more") }
    guard (300...12_500_000).contains(speed) else {
      throw ValidationError("--speed is 300 to 12500000")
    }
    guard (64...120).contains(transmissionUnit) else {
      throw ValidationError("--transmission-unit is 64 to 120")
    }
    let eids = (port + pty).flatMap(\.eids)
    guard Set(eids).count == eids.count else { throw ValidationError("an EID is given twice") }
  }

  func run() throws {
    do {
      let report = try traffic()
      try Output.report(json ? try report.json() : report.text)
    } catch {
      Output.error("\(error)")
      throw ExitCode((error as? LoadError)?.isArgument == true ? 64 : 1)
    }
  }

  private func traffic() throws -> RunReport {
    // Faults ask which flows may be repeated: the flows are known once all have EIDs.
    let holder = RunHolder()
    let places =
      port.map { ($0, Station.Place.path($0.path)) } + pty.map { ($0, .link($0.path)) }
    let eidCount = places.reduce(0) { $0 + max(1, $1.0.eids.count) } + flow.count
    let stations = try places.enumerated().map { index, place in
      let seed = self.seed &+ UInt64(index) &* 1_000_003
      return try Station(
        Station.Configuration(
          place: place.1, eid: place.0.eids.first ?? .null,
          furtherEIDs: Array(place.0.eids.dropFirst()), baudRate: speed,
          transmissionUnitBytes: transmissionUnit, responseTimeoutMs: lostAfter,
          faults: LineFaults(
            kinds: faults == nil ? [] : faultKinds.kinds, meanGap: faults ?? 2, seed: seed),
          seed: self.seed, canRepeat: { holder.run?.canRepeat($0) ?? false }),
        identitySeed: seed, remoteEIDCount: eidCount)
    }
    let run = try LoadRun(
      LoadRun.Configuration(
        flows: FlowOptions(
          kind: kind, pacing: rate.map { .rate(perSecond: $0) } ?? .window(window),
          sizes: sizes.sizes, pairs: flow.map { ($0.source, $0.destination) }),
        seconds: seconds, seed: seed, lostAfterMs: lostAfter, waitsForPeers: wait,
        showsProgress: Output.isTerminal), stations: stations)
    holder.run = run
    defer { holder.run = nil }
    try run.prepare()
    try run.run()
    try run.drain()
    guard let report = RunReport(run) else { throw LoadError("nothing was sent") }
    return report
  }
}

/// The stations are made before the run that they belong to.
private final class RunHolder {
  weak var run: LoadRun?
}
