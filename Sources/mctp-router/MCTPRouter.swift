import ArgumentParser
import Glibc
import Logging
import RouterDaemon
import Topology

@main
struct MCTPRouter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mctp-router",
    abstract: "Forwards MCTP packets between the buses of one topology file.",
    discussion: """
      Runs in the foreground until SIGTERM or SIGINT. Look into it with router-ctl.

      Exit status:
        0   ended in order, or the topology is valid (--check)
        64  the command line is wrong
        65  the topology is wrong; every problem is listed with file, line and column
        66  the topology file cannot be read
        69  the admin socket cannot be opened: in use, no directory or no permission
        71  the system refused something the router needs to start
        73  the state directory is in use by another router, or cannot be used
        78  a device is there and cannot serve as the topology says
      """,
    version: programVersion)

  @Argument(help: "The topology file (YAML); see topologies/ for examples.", completion: .file())
  var topology: String

  @Option(
    help: ArgumentHelp(
      "Where router-ctl finds the router. Default: the topology's, else \(defaultSocket).",
      valueName: "path"))
  var adminSocket: String?

  @Option(
    help: ArgumentHelp(
      "Where a bus owner keeps which EIDs it gave to whom. Default: \(defaultStateDirectory).",
      valueName: "path"))
  var stateDir: String?

  @Option(help: ArgumentHelp("How much to log on standard error.", valueName: "level"))
  var logLevel: LogLevel = .notice

  @Flag(help: "Check the topology, print what is wrong or doubtful, and start nothing.")
  var check = false

  func run() throws {
    let loaded = try load()
    for warning in loaded.warnings { printError(warning.description) }
    guard !check else {
      print("\(topology): valid: \(summary(of: loaded))")
      return
    }
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: "mctp-router")
    logger.logLevel = logLevel.level
    let options = RouterOptions(
      adminSocketPath: adminSocket ?? loaded.adminSocketPath ?? defaultSocket,
      stateDirectoryPath: stateDir ?? defaultStateDirectory, needsStateDirectory: stateDir != nil,
      programVersion: programVersion)
    do throws(RouterError) {
      let router = try Router.make(topology: loaded, options: options, logger: logger)
      try router.run()
    } catch {
      printError("error: \(error)")
      throw ExitCode(error.kind)
    }
  }

  private func load() throws -> Topology {
    do throws(TopologyError) {
      return try Topology.load(path: topology)
    } catch {
      printError(error.description)
      throw error.isUnreadable ? ExitCode.noInput : ExitCode.badTopology
    }
  }

  private func summary(of topology: Topology) -> String {
    "\(topology.ports.count) ports, \(topology.routes.count) static routing table entries, "
      + "\(topology.devices.count) simulated devices, \(topology.warnings.count) warnings"
  }
}

private let programVersion = "0.1.0"
private let defaultSocket = "/run/mctp-router.sock"
private let defaultStateDirectory = "/var/lib/mctp-router"

extension ExitCode {
  fileprivate static let badTopology = ExitCode(65)
  fileprivate static let noInput = ExitCode(66)

  /// As sysexits.h has them.
  fileprivate init(_ kind: RouterError.Kind) {
    switch kind {
    case .adminSocket: self.init(69)
    case .system: self.init(71)
    case .state: self.init(73)
    case .configuration: self.init(78)
    }
  }
}

/// The levels of the log library, under a name of our own for the command line.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
  case trace, debug, info, notice, warning, error, critical

  var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .notice }
}

private func printError(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(STDERR_FILENO, line, line.count)
}

extension TopologyError {
  /// True when the file itself could not be read: no position in it is named.
  fileprivate var isUnreadable: Bool { errors.contains { $0.position == nil } }
}
