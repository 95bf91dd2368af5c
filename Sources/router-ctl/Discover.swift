import AdminProtocol
import ArgumentParser

struct Discover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discover", abstract: "Search a port for devices now.",
    discussion: "Endpoints that are known are asked whether they are still there.")

  @Argument(help: "The port, as `router-ctl ports` names it.")
  var port: String

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws { try Arguments.checkName(port) }

  func run() throws {
    try Invocation(common, parent.common).report(DiscoverRequest(port: port))
  }
}
