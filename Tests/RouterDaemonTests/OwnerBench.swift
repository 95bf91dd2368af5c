import AdminProtocol
import BusIO
import Foundation
import MCTPWire
import Testing

@testable import RouterDaemon

/// Topologies of a bus owner over simulated buses, and what its tests ask again and again.
enum OwnerTopology {
  static let fanID = "6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c0011"

  /// Two listed devices and a scanned one on I2C, one of two reported ones that is silent, one on a
  /// serial line. EID 20 is kept for a device that is not there.
  static let threeBuses = """
    version: 1
    router: { name: owner, uuid: 4f3b1e52-93d7-4a0e-8c41-2b6f0d9a7001, eid: 8, eid-ranges: [8-31] }
    ports:
      - name: slots
        bus: i2c
        device: simulated
        address: 0x10
        speed: 1000000
        discovery:
          addresses: [0x1d, 0x1e, { address: 0x1f, eid: 20 }]
          scan: [0x22]
          interval: 200
      - { name: memory, bus: i3c, device: simulated, discovery: {} }
      - { name: nic, bus: serial, device: simulated, discovery: {} }
      - { name: old, bus: i2c, device: simulated, address: 0x10, speed: 1000000 }
    routes:
      - { eids: 40, port: old, address: 0x30 }
      - { eids: 41, port: old, address: 0x31 }
    devices:
      - { name: fan, port: slots, address: 0x1d, uuid: \(fanID), message-types: [pldm] }
      - { name: disk, port: slots, address: 0x1e }
      - { name: card, port: slots, address: 0x22 }
      - { name: dimm, port: memory, address: 0x04cc00000001 }
      - { name: host, port: nic }
      - { name: relic, port: old, address: 0x30, eid: 40 }

    """

  static let threeBusesNames = ["fan", "disk", "card", "dimm", "host"]

  /// One I2C bus with these devices, which all are listed in this order.
  static func slots(
    _ devices: KeyValuePairs<String, UInt8>, health: Int = 0, ranges: String = "8-31",
    more: String = ""
  ) -> String {
    let addresses = devices.map { "\($0.value)" }.joined(separator: ", ")
    let lines = devices.map { "  - { name: \($0.key), port: slots, address: \($0.value) }\n" }
    return """
      version: 1
      router: { name: owner, eid: 8, eid-ranges: [\(ranges)] }
      ports:
        - name: slots
          bus: i2c
          device: simulated
          address: 0x10
          speed: 1000000
          discovery: { addresses: [\(addresses)], health: \(health), interval: 200 }
      \(more)devices:
      \(lines.joined())
      """
  }
}

extension DaemonBench {
  /// The row of a device with a name.
  func endpoint(_ name: String) throws -> EndpointRow {
    try #require(router.endpointRows().first { $0.name == name }, "\(name)")
  }

  func eid(_ name: String) throws -> UInt8 { try #require(try endpoint(name).eid, "\(name)") }

  /// Turns the router until these devices are up.
  func waitUntilUp(_ names: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let areUp = run {
      let rows = router.endpointRows()
      return names.allSatisfy { name in
        rows.contains { $0.name == name && $0.state?.known == .up }
      }
    }
    try #require(areUp, "\(router.endpointRows())", sourceLocation: sourceLocation)
  }

  /// The router's ranges of EIDs, as `first-last state`.
  func ranges(network: UInt8 = 1) throws -> [String] {
    let networks = try router.eids(EIDsRequest(network: network)).networks
    return try #require(networks.first).ranges.map { row in
      (row.first == row.last ? "\(row.first)" : "\(row.first)-\(row.last)") + " " + row.state.text
    }
  }

  /// Kinds of all events so far, oldest first.
  func eventKinds() -> [EventKindName] { allEvents().compactMap(\.kind.known) }

  func allEvents() -> [EventRow] {
    var reader = router.events.reader(since: 0)
    var rows: [EventRow] = []
    while let row = router.events.next(for: &reader, nowMs: router.nowMs) { rows.append(row) }
    return rows.filter { $0.kind.known?.isOfStream == false }
  }
}

/// A state directory that is gone when nobody holds it any more.
final class StateFolder {
  private let parent: String
  var path: String { parent + "/state" }

  init() throws {
    parent = NSTemporaryDirectory() + "mctp-router-owner-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: parent) }

  func write(_ bytes: [UInt8], to name: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  /// Waits for the end of the thread that writes there for a router that stopped: stopping does
  /// not wait for it, and it holds the lock.
  func waitUntilFree() throws {
    let loop = try EventLoop()
    let end = loop.now().advanced(byMs: 30_000)
    while loop.now() < end {
      do throws(StateDirectoryError) {
        _ = try DirectoryStorage(path: path)
        return
      } catch {
        guard error.kind == .inUse else { throw error }
      }
      sched_yield()
    }
    Issue.record("\(path) stays in use")
  }

  var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
  }

  func text(_ name: String) throws -> String { try Files.text(path + "/" + name) }
}
