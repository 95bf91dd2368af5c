import AdminProtocol
import ArgumentParser

struct Recover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "Ask a suspect or lost endpoint at once, before its time.")

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
    try Invocation(common, parent.common).report(RecoverRequest(eid: eid, network: network))
  }
}
