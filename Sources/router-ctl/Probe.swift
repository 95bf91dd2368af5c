import AdminProtocol
import ArgumentParser
import RouterControl

struct Probe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Ask who acknowledges on an I2C bus.",
    discussion: """
      Without --address every address from 0x08 to 0x77 is asked, one after the other between the
      router's own packets. A target that gives an SMBus unique identifier says there whether it
      claims MCTP; most MCTP targets give none.
      """)

  @Argument(help: "The port, as `router-ctl ports` names it.")
  var port: String

  @Option(
    help: ArgumentHelp("Ask this address only: 7 bits, 0x08 to 0x77.", valueName: "address"),
    transform: { try Arguments.eid($0, in: 0x08...0x77, what: "a 7-bit address") })
  var address: UInt8?

  @Option(help: ArgumentHelp("How long to wait for the bus.", valueName: "ms"))
  var timeout = 10_000

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws { try Arguments.check(timeout, AdminLimits.timeoutMs, "--timeout") }

  func run() throws {
    try Invocation(common, parent.common).report(
      ProbeRequest(port: port, address: address, timeoutMs: timeout), timeoutMs: timeout)
  }
}
