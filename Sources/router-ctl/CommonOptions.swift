import AdminProtocol
import ArgumentParser
import RouterControl

/// What every subcommand takes; may stand before the subcommand too.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The daemon's socket. Default: $MCTP_ROUTER_SOCKET, or /run/mctp-router.sock.",
      valueName: "path"))
  var socket: String?

  @Flag(help: "Print one JSON document instead of text.")
  var json = false
}

/// A subcommand's options together with those before it.
struct Invocation {
  let isJSON: Bool
  private let socketPath: String

  init(_ own: CommonOptions, _ parent: CommonOptions) {
    isJSON = own.json || parent.json
    socketPath = own.socket ?? parent.socket ?? Terminal.socketPath
  }

  /// Runs `body` with a connection; a failure goes to standard error and ends the program.
  func withClient(_ body: (inout AdminClient) throws(CommandFailure) -> Void) throws {
    do {
      var client = try AdminClient(path: socketPath)
      try body(&client)
    } catch let failure {
      Terminal.printError(failure.text)
      throw ExitCode(failure.status.rawValue)
    }
  }

  /// Asks one thing and prints the answer.
  func report<Parameters: AdminParameters>(_ parameters: Parameters, timeoutMs: Int = 0) throws
  where Parameters.Answer: Rendered {
    try withClient { (client) throws(CommandFailure) in
      Terminal.print(
        try RouterControl.report(
          parameters, from: &client, isJSON: isJSON, style: Terminal.style,
          timeoutMs: timeoutMs))
    }
  }
}

/// Readers of arguments. What they throw becomes a usage error.
enum Arguments {
  /// - Parameter range: the EIDs that make sense here.
  static func eid(
    _ text: String, in range: ClosedRange<UInt8>, what: String = "an EID"
  ) throws -> UInt8 {
    guard let value = RouterControl.eid(fromText: text), range.contains(value) else {
      throw ValidationError(
        "'\(text)' is not \(what): a number from \(range.lowerBound) to \(range.upperBound), "
          + "decimal or hex after 0x.")
    }
    return value
  }

  static func assignableEID(_ text: String) throws -> UInt8 { try eid(text, in: 8...254) }

  static func anyEID(_ text: String) throws -> UInt8 { try eid(text, in: 0...255) }

  static func checkName(_ text: String) throws {
    guard !text.isEmpty else { throw ValidationError("A port's name is not empty.") }
  }

  static func check(_ value: Int, _ range: ClosedRange<Int>, _ option: String) throws {
    guard range.contains(value) else {
      throw ValidationError(
        "\(option) is a number from \(range.lowerBound) to \(range.upperBound).")
    }
  }
}
