import Foundation
import MCTPWire
import TestSupport
import Testing
import Topology

/// The files in `topologies/`.
enum Examples {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("topologies")
  static let names = [
    "demo", "two-serial-lines", "one-i2c-bus", "bmc-two-i2c-one-i3c", "real-buses",
    "bus-owner", "bridge-below",
  ]

  static func path(_ name: String) -> String {
    folder.appendingPathComponent(name + ".yaml").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }
}

@Suite("Examples in topologies/")
struct TopologyExamplesTests {
  /// Parsed, not loaded: whether this machine has the devices that are named is left out.
  @Test(
    "Every example is without warnings, devices that are absent aside", arguments: Examples.names)
  func loads(_ name: String) throws {
    let topology = try Topology.parse(try Examples.bytes(name), fileName: name)
    #expect(topology.warnings.isEmpty)
  }

  @Test("Every yaml file is an example that the tests know")
  func complete() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Examples.folder.path)
    #expect(
      Set(files.filter { $0.hasSuffix(".yaml") }) == Set(Examples.names.map { $0 + ".yaml" }))
  }
}
