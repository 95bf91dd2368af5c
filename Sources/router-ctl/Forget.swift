import AdminProtocol
import ArgumentParser

struct Forget: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Take an endpoint's EID back, with a bridge's whole pool.",
    discussion: "What was taken back rests. A device that is still there is found anew.")

  @Argument(help: "The endpoint.", transform: Arguments.assignableEID)
  var eid: UInt8

  @OptionGroup var chosen: NetworkOption<NetworkOfEID>

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func run() throws {
    try Invocation(common, parent.common).report(ForgetRequest(eid: eid, network: chosen.network))
  }
}
