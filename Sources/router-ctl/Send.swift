import AdminProtocol
import ArgumentParser
import RouterControl

struct Send: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Send one message as a request and decode the response.",
    discussion: """
      Example: router-ctl send 9 00 80 02
      sends Get Endpoint ID to EID 9. Exit status 1 when nobody answered.
      """)

  @Argument(help: "The endpoint.", transform: Arguments.assignableEID)
  var eid: UInt8

  @Argument(
    help: ArgumentHelp(
      "The message body as hex, message type first. Blanks and ':' may separate bytes.",
      valueName: "hex"))
  var body: [String]

  @Option(
    help: ArgumentHelp(
      "Send from this EID: the router's own or a simulated device's.", valueName: "eid"),
    transform: Arguments.assignableEID)
  var from: UInt8?

  @OptionGroup var chosen: NetworkOption<NetworkOfEIDs>

  @Option(help: ArgumentHelp("How long to wait for the answer.", valueName: "ms"))
  var timeout = 1000

  @ParentCommand var parent: RouterCtl
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try Arguments.check(timeout, AdminLimits.timeoutMs, "--timeout")
    try Arguments.check(
      try message().bytes.count, AdminLimits.bodyBytes, "The length of the message")
  }

  func run() throws {
    try Invocation(common, parent.common).report(
      SendRequest(
        eid: eid, from: from, network: chosen.network, message: try message(), timeoutMs: timeout),
      timeoutMs: timeout)
  }

  private func message() throws -> HexBytes {
    let text = body.joined(separator: " ")
    guard let message = HexBytes(text: text) else {
      throw ValidationError("'\(text)' is not hex: two digits a byte, like 00 80 02.")
    }
    return message
  }
}
