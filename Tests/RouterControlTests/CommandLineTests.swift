import AdminProtocol
import Foundation
import Testing

/// The program itself, against a socket with canned answers.
@Suite("router-ctl")
struct CommandLineTests {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The program stands beside the program that runs the tests.
  private static let program = URL(fileURLWithPath: "/proc/self/exe")
    .resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("router-ctl")

  static func run(
    _ arguments: [String], socket: String? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = CommandLineTests.program
    process.arguments = arguments
    // Those of tools/sanitize: the program's reports go where they are looked for.
    var environment = ProcessInfo.processInfo.environment.filter {
      $0.key.hasSuffix("SAN_OPTIONS")
    }
    environment["MCTP_ROUTER_SOCKET"] = socket
    process.environment = environment
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Both fit a pipe's buffer, so that one can be read after the other.
    let outputText = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let errorText = String(
      decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: outputText, errors: errorText)
  }

  private static func daemon() throws -> FakeDaemon {
    try FakeDaemon { (request: AdminRequest) in
      switch request.body {
      case .status, .ports, .endpoints:
        AdminReplyLine.failure(
          id: request.id, AdminError(.internalError, "broken", hint: "mend it"))
      case .routes: AdminReplyLine.success(id: request.id, RoutesResult(routes: []))
      case .drops:
        AdminReplyLine.success(id: request.id, DropsResult(counters: [], recent: []))
      case .ping(let ping):
        ping.eid == 9
          ? AdminReplyLine.success(
            id: request.id, PingResult(responder: 9, roundTripUs: 1500, completionCode: 0))
          : AdminReplyLine.failure(id: request.id, AdminError(.timedOut, "nothing came"))
      case .send(let send):
        send.message.bytes == [0x00, 0x80, 0x02] && send.from == 11 && send.network == 2
          ? AdminReplyLine.success(
            id: request.id,
            SendResult(source: send.eid, message: HexBytes([0, 0, 2, 1]), roundTripUs: 900))
          : AdminReplyLine.failure(id: request.id, AdminError(.timedOut, "nobody answered"))
      case .probe(let probe):
        probe.timeoutMs == 10_000
          ? AdminReplyLine.success(
            id: request.id,
            ProbeResult(
              port: probe.port,
              rows: [.init(address: "0x1d", outcome: probe.address == 29 ? "acknowledged" : "x")]))
          : AdminReplyLine.failure(id: request.id, AdminError(.timedOut, "too slow"))
      case .explain(let explain):
        AdminReplyLine.success(
          id: request.id,
          ExplainResult(
            verdict: .delivered,
            steps: [
              .init(
                check: "asked", outcome: .noted,
                detail: "\(explain.source) \(explain.destination) \(explain.port ?? "-") "
                  + "\(explain.payloadBytes ?? -1) \(explain.network ?? 0)")
            ]))
      case .eids, .tree, .discovery, .discover, .assign, .allocate, .forget, .recover, .events:
        AdminReplyLine.failure(id: request.id, AdminError(.notBusOwner, "not the owner"))
      }
    }
  }

  @Test(
    "Commands that work end with 0 and keep standard error empty",
    arguments: [
      (["routes"], "The routing table is empty.\n"),
      (["--json", "routes"], "{\"routes\":[]}\n"),
      (["routes", "--json"], "{\"routes\":[]}\n"),
      (["drops"], "Nothing was dropped.\n"),
      (
        ["ping", "0x09", "--count", "2", "--interval", "0"],
        "answer from EID 9: seq=1 time=1.500 ms\nanswer from EID 9: seq=2 time=1.500 ms\n"
          + "--- EID 9 ping statistics ---\n2 sent, 2 received, 0% lost\n"
          + "round trip min/avg/max = 1.500/1.500/1.500 ms\n"
      ),
      (
        ["ping", "9", "--count", "1", "--json"],
        "{\"attempts\":[{\"result\":{\"completionCode\":0,\"responder\":9,\"roundTripUs\":1500},"
          + "\"sequence\":1}],\"statistics\":{\"averageUs\":1500,\"lostPercent\":0,\"maxUs\":1500,"
          + "\"minUs\":1500,\"received\":1,\"sent\":1}}\n"
      ),
      (
        ["send", "9", "00:80", "02", "--from", "11", "--network", "2"],
        "answer from EID 9, 4 bytes, 0.900 ms\n"
          + "control Get Endpoint ID response, instance 0, ERROR\n00 00 02 01\n"
      ),
      (
        ["explain", "0", "255", "--port", "tty", "--size", "0", "--network", "7"],
        "CHECK  OUTCOME  DETAIL\nasked  noted    0 255 tty 0 7\n\n"
          + "Verdict: delivered to this device.\n"
      ),
      (
        ["probe", "i2c-a", "--address", "0x1d"],
        "ADDRESS  OUTCOME\n0x1d     acknowledged\n"
      ),
      (
        ["probe", "i2c-a", "--json"],
        "{\"port\":\"i2c-a\",\"rows\":[{\"address\":\"0x1d\",\"outcome\":\"x\"}]}\n"
      ),
    ])
  func successes(arguments: [String], output: String) throws {
    let daemon = try CommandLineTests.daemon()
    defer { daemon.stop() }
    let outcome = try CommandLineTests.run(arguments, socket: daemon.path)
    #expect(outcome.output == output)
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test("The socket may be named before or after the subcommand, and beats the environment")
  func socketOption() throws {
    let daemon = try CommandLineTests.daemon()
    defer { daemon.stop() }
    for arguments in [
      ["--socket", daemon.path, "routes"], ["routes", "--socket", daemon.path],
      ["--socket", "/nowhere", "routes", "--socket", daemon.path],
    ] {
      let outcome = try CommandLineTests.run(arguments, socket: "/nowhere/either")
      #expect(outcome.status == 0, "\(arguments)")
    }
  }

  @Test(
    "Requests that fail end with 1 and say why on standard error",
    arguments: [
      (["status"], "", "router-ctl: broken\n  mend it\n"),
      (["ports", "--json"], "", "router-ctl: broken\n  mend it\n"),
      (["send", "9", "00"], "", "router-ctl: nobody answered\n"),
      (["probe", "i2c-a", "--timeout", "1"], "", "router-ctl: too slow\n"),
      (["eids"], "", "router-ctl: not the owner\n"),
      (["events", "--json"], "", "router-ctl: not the owner\n"),
      (
        ["ping", "10", "--count", "1"],
        "no answer from EID 10: seq=1 nothing came\n--- EID 10 ping statistics ---\n"
          + "1 sent, 0 received, 100% lost\n", ""
      ),
    ])
  func failures(arguments: [String], output: String, errors: String) throws {
    let daemon = try CommandLineTests.daemon()
    defer { daemon.stop() }
    let outcome = try CommandLineTests.run(arguments, socket: daemon.path)
    #expect(outcome.output == output)
    #expect(outcome.errors == errors)
    #expect(outcome.status == 1)
  }

  @Test("Without a daemon every command ends with 2 and names the socket")
  func noDaemon() throws {
    for arguments in [["routes"], ["--json", "drops"], ["ping", "9"], ["send", "9", "00"]] {
      let outcome = try CommandLineTests.run(arguments, socket: "/nowhere/s")
      #expect(outcome.status == 2)
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("there is no socket /nowhere/s\n"))
    }
  }

  @Test(
    "Arguments that make no sense end with 64 before anything is asked",
    arguments: [
      ["frob"], ["routes", "9"], ["--socket"], ["ping"], ["ping", "7"], ["ping", "255"],
      ["ping", "9x"], ["ping", "9", "--count", "0"], ["ping", "9", "--timeout", "60001"],
      ["ping", "9", "--interval", "-1"], ["ping", "9", "--network", "0"],
      ["ping", "9", "--from", "0"], ["send", "9"], ["send", "9", ""], ["send", "9", "0"],
      ["send", "9", "zz"], ["explain", "9"], ["explain", "9", "256"],
      ["explain", "9", "9", "--size", "65536"], ["probe"], ["probe", "a", "--address", "7"],
      ["probe", "a", "--address", "0x78"], ["probe", "a", "--timeout", "0"],
    ])
  func usage(arguments: [String]) throws {
    let outcome = try CommandLineTests.run(arguments, socket: "/nowhere/s")
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("Error: "))
  }

  @Test("Help tells the exit codes")
  func help() throws {
    let outcome = try CommandLineTests.run(["--help"])
    #expect(outcome.status == 0)
    for line in ["  0   done\n", "  1   the daemon refused", "  2   no connection", "  64  the"] {
      #expect(outcome.output.contains(line))
    }
  }
}
