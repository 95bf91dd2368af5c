import Foundation
import Glibc
import Testing

/// The two programs as a user runs them.
@Suite("mctp-router", .serialized)
struct ProgramTests {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  /// A program that runs, with its output in pipes.
  private final class Running {
    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private var errorText = ""

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
      process.executableURL = Files.program(program)
      process.arguments = arguments
      // Those of tools/sanitize: without them a report goes to standard error, which nobody reads
      // while the program writes more than a pipe holds.
      let options = ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
      process.environment = environment.merging(options) { own, _ in own }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = errors
      try process.run()
    }

    deinit { if process.isRunning { process.terminate() } }

    /// Reads standard error up to a line with these words; false when the program ends before.
    func says(_ words: String) -> Bool {
      while !errorText.contains(words) {
        let bytes = errors.fileHandleForReading.availableData
        guard !bytes.isEmpty else { return false }
        errorText += String(decoding: bytes, as: UTF8.self)
      }
      return true
    }

    /// Waits for the end. What is printed here fits a pipe, so one is read after the other.
    func end() -> Outcome {
      let text = String(
        decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      errorText += String(
        decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return Outcome(status: process.terminationStatus, output: text, errors: errorText)
    }
  }

  private let directory: TestDirectory
  private var socket: String { directory.path + "/s" }
  private let demo = Files.topologies + "demo.yaml"

  init() throws { directory = try TestDirectory() }

  private func router(_ arguments: [String]) throws -> Outcome {
    try Running("mctp-router", arguments).end()
  }

  private func control(_ arguments: [String]) throws -> Outcome {
    try Running("router-ctl", arguments, environment: ["MCTP_ROUTER_SOCKET": socket]).end()
  }

  private func startDemo(_ options: [String] = []) throws -> Running {
    let running = try Running("mctp-router", [demo, "--admin-socket", socket] + options)
    // The admin socket is there before the ports come up.
    try #require(running.says("is up"))
    return running
  }

  private func write(_ text: String) throws -> String {
    let path = directory.path + "/topology.yaml"
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  @Test("--check says that a topology is valid, and starts nothing")
  func checkGood() throws {
    for file in ["demo.yaml", "one-i2c-bus.yaml", "bmc-two-i2c-one-i3c.yaml"] {
      let outcome = try router(["--check", Files.topologies + file, "--admin-socket", socket])
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("\(file): valid: "))
      #expect(outcome.errors == "")
    }
    #expect(!FileManager.default.fileExists(atPath: socket))
  }

  @Test("--check names every problem with its place and ends with 65")
  func checkBad() throws {
    let path = try write(
      "version: 1\nrouter: { name: x, eid: 300 }\nports:\n  - { name: a, bus: canbus }\n")
    let outcome = try router(["--check", path])
    #expect(outcome.status == 65)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("\(path):2:25: error: "))
    #expect(outcome.errors.contains("\(path):4:"))
    for text in ["", "\u{0}", "version: 1\n", "- 1\n", "%", "{"] {
      #expect(try router(["--check", try write(text)]).status == 65, "\(text)")
    }
  }

  @Test("A topology that cannot be read ends with 66")
  func unreadable() throws {
    for path in [directory.path + "/missing.yaml", directory.path, "/dev/null"] {
      let outcome = try router([path, "--admin-socket", socket])
      #expect(outcome.status == 66, "\(path)")
      #expect(outcome.output == "")
      #expect(outcome.errors.contains(path))
    }
  }

  @Test(
    "A command line that makes no sense ends with 64",
    arguments: [
      [], ["--frob"], ["a.yaml", "b.yaml"], ["a.yaml", "--log-level", "loud"],
      ["a.yaml", "--admin-socket"],
    ])
  func usage(arguments: [String]) throws {
    let outcome = try router(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("Error: "))
  }

  @Test("An admin socket that cannot be opened ends with 69 and says what to do")
  func socketRefused() throws {
    let missing = try router([demo, "--admin-socket", directory.path + "/no/s"])
    #expect(missing.status == 69)
    #expect(missing.output == "")
    #expect(missing.errors.contains("create the directory"))

    let running = try startDemo()
    let second = try router([demo, "--admin-socket", socket])
    #expect(second.status == 69)
    #expect(second.errors.contains("another program listens"))
    #expect(try control(["status"]).status == 0)
    running.process.terminate()
    #expect(running.end().status == 0)
  }

  @Test("SIGTERM and SIGINT end it in order, SIGHUP does not", arguments: [SIGTERM, SIGINT])
  func signals(last: Int32) throws {
    let running = try startDemo()
    #expect(try control(["status"]).status == 0)
    #expect(kill(running.process.processIdentifier, SIGHUP) == 0)
    #expect(running.says("SIGHUP"))
    #expect(try control(["status"]).status == 0)
    #expect(kill(running.process.processIdentifier, last) == 0)
    let outcome = running.end()
    #expect(outcome.status == 0)
    #expect(outcome.output == "")
    #expect(!FileManager.default.fileExists(atPath: socket))
  }

  @Test("After a kill the next one starts at the same place")
  func killed() throws {
    let first = try startDemo()
    #expect(kill(first.process.processIdentifier, SIGKILL) == 0)
    _ = first.end()
    #expect(FileManager.default.fileExists(atPath: socket))
    let second = try startDemo()
    #expect(try control(["status"]).status == 0)
    second.process.terminate()
    #expect(second.end().status == 0)
  }

  @Test("router-ctl shows and does what the demo promises")
  func demoSession() throws {
    let running = try startDemo()
    let expectations: [(arguments: [String], words: [String])] = [
      (["status"], ["name:", "demo", "8 (network 1)", "demo.yaml"]),
      (["routes"], ["self", "20-27", "i2c-a", "0x1f", "i3c-b", "serial-c", "static"]),
      (["ports"], ["i2c-a", "i3c-b", "serial-c", "simulated", "up"]),
      (["endpoints"], ["fan", "thermometer", "riser", "memory", "sensor", "nic"]),
      (["drops"], ["Nothing was dropped."]),
      (["ping", "9", "--count", "2", "--interval", "0"], ["answer from EID 9", "0% lost"]),
      (["ping", "14", "--from", "12", "--count", "1"], ["answer from EID 14", "0% lost"]),
      (["send", "13", "7e0102030405", "--from", "9"], ["answer from EID 13, 6 bytes"]),
      (["explain", "9", "12"], ["Verdict: forwarded to port i3c-b"]),
      (["explain", "9", "99"], ["Verdict: dropped, destinationUnroutable"]),
      (["explain", "9", "8"], ["Verdict: delivered to this device."]),
    ]
    for (arguments, words) in expectations {
      let outcome = try control(arguments)
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors == "")
      for word in words { #expect(outcome.output.contains(word), "\(arguments): \(word)") }
    }
    let nobody = try control(["ping", "99", "--count", "1"])
    #expect(nobody.status == 1)
    running.process.terminate()
    let outcome = running.end()
    #expect(outcome.status == 0)
    #expect(outcome.output == "")
    #expect(!outcome.errors.contains("error"))
  }
}
