import AdminProtocol
import ArgumentParser
import RouterControl

struct Ping: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ping", abstract: "Send Get Endpoint ID requests and time the answers.",
    discussion: "Exit status 1 when no request was answered.")

  @Argument(help: "The endpoint.", transform: Arguments.assignableEID)
  var eid: UInt8

  @Option(help: ArgumentHelp("How many requests.", valueName: "n"))
  var count = 4

  @Option(help: ArgumentHelp("From one answer to the next request.", valueName: "ms"))
  var interval = 1000

  @Option(
    help: ArgumentHelp(
      "Send from this EID: the router's own or a simulated device's.", valueName: "eid"),
    transform: Arguments.assignableEID)
  var from: UInt8?

  @OptionGroup var chosen: NetworkOption<NetworkOfEIDs>

  @Option(help: ArgumentHelp("How long to wait for each answer.", valueName: "ms"))
  var timeout = 1000

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try Arguments.check(count, 1...1_000_000, "--count")
    try Arguments.check(interval, 0...3_600_000, "--interval")
    try Arguments.check(timeout, AdminLimits.timeoutMs, "--timeout")
  }

  func run() throws {
    let invocation = Invocation(common, parent.common)
    let session = PingSession(
      request: PingRequest(eid: eid, from: from, network: chosen.network, timeoutMs: timeout),
      count: count, intervalMs: interval)
    var received = 0
    try invocation.withClient { (client) throws(CommandFailure) in
      let report = try session.run(
        &client, pause: Terminal.pause,
        progress: { if !invocation.isJSON { Terminal.print($0) } })
      Terminal.print(
        invocation.isJSON ? try jsonText(report) : report.statistics.text(eid: eid))
      received = report.statistics.received
    }
    if received == 0 { throw ExitCode(ExitStatus.requestFailed.rawValue) }
  }
}
