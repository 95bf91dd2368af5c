import AdminProtocol
import ArgumentParser

struct Ports: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ports", abstract: "Show the ports: state, traffic, queues, retries.")

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func run() throws {
    try Invocation(common, parent.common).report(PortsRequest())
  }
}
