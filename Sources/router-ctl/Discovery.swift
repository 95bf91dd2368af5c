import AdminProtocol
import ArgumentParser

struct Discovery: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discovery",
    abstract: "Show what the search for devices asks next, when and why. Sends nothing.")

  @Argument(help: "One port only, as `router-ctl ports` names it.")
  var port: String?

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws { if let port { try Arguments.checkName(port) } }

  func run() throws {
    try Invocation(common, parent.common).report(DiscoveryRequest(port: port))
  }
}
