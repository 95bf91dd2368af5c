import AdminProtocol
import ArgumentParser

struct EIDs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eids", abstract: "Show what every EID is: free, given, kept, resting.")

  @Option(help: ArgumentHelp("One network only, 1 to 255.", valueName: "number"))
  var network: UInt8?

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let network { try Arguments.check(Int(network), 1...255, "--network") }
  }

  func run() throws {
    try Invocation(common, parent.common).report(EIDsRequest(network: network))
  }
}
