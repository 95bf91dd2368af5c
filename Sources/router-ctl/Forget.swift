import AdminProtocol
import ArgumentParser

struct Forget: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Take an endpoint's EID back, with a bridge's whole pool.",
    discussion: "What was taken back rests. A device that is still there is found anew.")

  @Argument(help: "The endpoint.", transform: Arguments.assignableEID)
  var eid: UInt8

  @Option(help: ArgumentHelp("The network of the EID, 1 to 255.", valueName: "number"))
  var network: UInt8?

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let network { try Arguments.check(Int(network), 1...255, "--network") }
  }

  func run() throws {
    try Invocation(common, parent.common).report(ForgetRequest(eid: eid, network: network))
  }
}
