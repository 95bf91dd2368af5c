import AdminProtocol
import ArgumentParser

struct Drops: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drops", abstract: "Show what was dropped, by port and reason, and the last drops."
  )

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func run() throws {
    try Invocation(common, parent.common).report(DropsRequest())
  }
}
