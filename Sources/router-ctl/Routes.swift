import AdminProtocol
import ArgumentParser

struct Routes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "routes", abstract: "Show the routing table.")

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func run() throws {
    try Invocation(common, parent.common).report(RoutesRequest())
  }
}
