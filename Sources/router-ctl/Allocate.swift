import AdminProtocol
import ArgumentParser

struct Allocate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocate", abstract: "Give a bridge a pool of this size, by force.",
    discussion: "A pool that it has is taken back first, with all that is behind the bridge.")

  @Argument(help: "The bridge's EID.", transform: Arguments.assignableEID)
  var bridge: UInt8

  @Argument(help: "How many EIDs, 1 to 246.")
  var count: Int

  @OptionGroup var chosen: NetworkOption<NetworkOfEID>

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try Arguments.check(count, AllocateRequest.counts, "The count")
  }

  func run() throws {
    try Invocation(common, parent.common).report(
      AllocateRequest(eid: bridge, count: count, network: chosen.network))
  }
}
