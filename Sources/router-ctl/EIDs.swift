import AdminProtocol
import ArgumentParser

struct EIDs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eids", abstract: "Show what every EID is: free, given, kept, resting.")

  @OptionGroup var chosen: NetworkOption<OneNetworkOnly>

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func run() throws {
    try Invocation(common, parent.common).report(EIDsRequest(network: chosen.network))
  }
}
