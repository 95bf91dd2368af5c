import AdminProtocol
import BusIO
import Glibc
import Logging
import MCTPWire
import Testing
import Topology

@testable import RouterDaemon

/// A router that the test itself turns, with its admin socket in a directory of its own.
final class DaemonBench {
  /// Far beyond what any step needs on a loaded machine: only a failing test waits this long.
  private static let generousMs: UInt32 = 30_000

  let router: Router
  let directory: TestDirectory
  var socketPath: String { directory.path + "/s" }

  /// - Parameters:
  ///   - stateDirectory: where a bus owner keeps its leases; nil keeps none.
  ///   - needsState: refuses to start without that directory.
  init(_ topology: Topology, stateDirectory: String? = nil, needsState: Bool = true) throws {
    directory = try TestDirectory()
    router = try Router.make(
      topology: topology,
      options: RouterOptions(
        adminSocketPath: directory.path + "/s", stateDirectoryPath: stateDirectory,
        needsStateDirectory: needsState, programVersion: "0.0.0"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try router.openLeases()
    try router.startAdmin()
    router.start()
  }

  convenience init(
    _ text: String, stateDirectory: String? = nil, needsState: Bool = true
  ) throws {
    try self.init(
      try Topology.parse(text, fileName: "bench.yaml"), stateDirectory: stateDirectory,
      needsState: needsState)
  }

  deinit { router.stop() }

  /// Turns the router until `isDone`; false when that does not happen.
  func run(until isDone: () -> Bool) -> Bool {
    let end = router.loop.now().advanced(byMs: DaemonBench.generousMs)
    while !isDone() {
      guard router.loop.now() < end else { return false }
      router.turn(until: end)
    }
    return true
  }

  /// Turns the router as often as there is something to do at once.
  func settle() {
    for _ in 0..<20 { router.turn(until: .zero) }
  }

  func client() throws -> AdminTestClient { try AdminTestClient(bench: self) }

  /// Asks as a client of its own.
  func ask<Request: AdminParameters>(_ request: Request) throws -> Request.Answer {
    try client().ask(request).get()
  }

  func port(_ name: String) throws -> PortRow {
    try #require(router.portsResult().ports.first { $0.name == name })
  }

  func drops(_ port: String) -> [String: UInt64] {
    var counts: [String: UInt64] = [:]
    for row in router.dropsResult().counters where row.port == port {
      counts["\(row.direction.rawValue) \(row.reason)"] = row.count
    }
    return counts
  }

  /// What came in and what was to go out is all accounted for, on every port.
  func expectBalancedBooks(sourceLocation: SourceLocation = #_sourceLocation) {
    for port in router.portsResult().ports {
      let counters = port.counters
      #expect(
        counters.packetsIn + counters.damagedFrames
          == counters.forwarded + counters.delivered + counters.droppedIn,
        "\(port.name): \(counters)", sourceLocation: sourceLocation)
      #expect(
        counters.enqueued == counters.packetsOut + counters.droppedOut + UInt64(port.queue.depth),
        "\(port.name): \(counters)", sourceLocation: sourceLocation)
    }
  }
}

/// A directory that is gone when nobody holds it any more.
final class TestDirectory {
  struct Failure: Error {}

  let path: String

  init() throws {
    let template = "/tmp/mctp-router-test-" + String(repeating: "X", count: 6)
    var name = Array(template.utf8CString)
    guard mkdtemp(&name) != nil else { throw Failure() }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for file in ["s", "topology.yaml", "other"] { unlink(path + "/" + file) }
    rmdir(path)
  }
}
