import AdminProtocol
import ArgumentParser

struct Assign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Give the device at an address this EID, by force.",
    discussion: """
      Examples: router-ctl assign 12 i2c-a 0x1d
                router-ctl assign 12 tty
      """)

  @Argument(help: "The EID, 8 to 254.", transform: Arguments.assignableEID)
  var eid: UInt8

  @Argument(help: "The port, as `router-ctl ports` names it.")
  var port: String

  @Argument(
    help: ArgumentHelp(
      "The device's: an I2C address from 0x08 to 0x77, or the 12 hex digits of an I3C provisioned "
        + "ID. None on media without addresses."))
  var address: String?

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try Arguments.checkName(port)
    guard request.physicalAddress != nil else {
      throw ValidationError("'\(address ?? "")' is no address: \(AssignRequest.addressHint).")
    }
  }

  private var request: AssignRequest { AssignRequest(eid: eid, port: port, address: address) }

  func run() throws { try Invocation(common, parent.common).report(request) }
}
