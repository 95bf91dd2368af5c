import AdminProtocol
import ArgumentParser

struct Tree: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree", abstract: "Show the network as a tree: ports, endpoints, bridges.")

  @OptionGroup var chosen: NetworkOption<OneNetworkOnly>

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func run() throws {
    try Invocation(common, parent.common).report(TreeRequest(network: chosen.network))
  }
}
