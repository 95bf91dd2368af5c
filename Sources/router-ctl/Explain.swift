import AdminProtocol
import ArgumentParser

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what would become of a packet, check by check. Sends nothing.")

  @Argument(help: "The source EID.", transform: Arguments.anyEID)
  var source: UInt8

  @Argument(help: "The destination EID.", transform: Arguments.anyEID)
  var destination: UInt8

  @Option(
    help: ArgumentHelp(
      "The port on which it comes in. Default: where the source is.", valueName: "name"))
  var port: String?

  @Option(help: ArgumentHelp("Payload bytes after the packet header. Default: 64.", valueName: "n"))
  var size: Int?

  @OptionGroup var chosen: NetworkOption<NetworkOfEIDs>

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let size { try Arguments.check(size, 0...65_535, "--size") }
  }

  func run() throws {
    try Invocation(common, parent.common).report(
      ExplainRequest(
        source: source, destination: destination, port: port, payloadBytes: size,
        network: chosen.network))
  }
}
