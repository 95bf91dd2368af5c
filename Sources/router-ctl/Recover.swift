import AdminProtocol
import ArgumentParser

struct Recover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "Ask a suspect or lost endpoint at once, before its time.")

  @Argument(help: "The endpoint.", transform: Arguments.assignableEID)
  var eid: UInt8

  @OptionGroup var chosen: NetworkOption<NetworkOfEID>

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func run() throws {
    try Invocation(common, parent.common).report(RecoverRequest(eid: eid, network: chosen.network))
  }
}
