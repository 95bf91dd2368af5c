import AdminProtocol
import ArgumentParser
import RouterControl

struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Show events as they happen, one a line.",
    discussion: """
      Without --since the stream begins with the next event. Events that the daemon no longer keeps,
      or that came faster than they were read, are shown as events-lost. With --json each line is
      one object. Ends with the connection, with --count, or by Ctrl-C.
      """)

  @Option(
    help: ArgumentHelp("Begin after this event; 0 shows all that are kept.", valueName: "number"))
  var since: UInt64?

  @Option(help: ArgumentHelp("End after so many events.", valueName: "n"))
  var count: Int?

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let since, since > UInt64(Int.max) {
      throw ValidationError("--since is a number from 0 to \(Int.max).")
    }
    if let count { try Arguments.check(count, 1...1_000_000_000, "--count") }
  }

  func run() throws {
    let invocation = Invocation(common, parent.common)
    let session = EventSession(
      request: EventsRequest(since: since), count: count, isJSON: invocation.isJSON)
    try invocation.withClient { (client) throws(CommandFailure) in
      try session.run(&client, clockMs: Terminal.clockMs, output: Terminal.print)
    }
  }
}
