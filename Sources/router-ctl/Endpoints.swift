import AdminProtocol
import ArgumentParser

struct Endpoints: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "endpoints", abstract: "Show the known endpoints: state, path, identity.")

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func run() throws {
    try Invocation(common, parent.common).report(EndpointsRequest())
  }
}
