import Foundation
import MCTPWorld

/// Boards for tests: topologies by name, without files.
enum Fixture {
  static let owner = """
    version: 1
    router: { name: owner, eid: 8, eid-ranges: [8-60] }
    ports:
      - name: i2c
        bus: i2c
        device: simulated
        address: 0x10
        discovery: { addresses: [0x1d, 0x1e] }
      - { name: i3c, bus: i3c, device: simulated, discovery: {} }
      - { name: line, bus: serial, device: /dev/ttyS1, discovery: { probe: true } }
      - { name: leg, bus: i2c, device: simulated, address: 0x10, discovery: { scan: [0x20] } }
    devices:
      - { name: fan, port: i2c, address: 0x1d, message-types: [pldm] }
      - { name: dimm, port: i3c, address: 0x04cc00000001 }
    """
  static let bridge = """
    version: 1
    router: { name: bridge }
    ports:
      - { name: up, bus: serial, device: simulated, role: endpoint }
      - name: i2c
        bus: i2c
        device: simulated
        address: 0x20
        discovery: { addresses: [0x1d] }
    devices:
      - { name: fan, port: i2c, address: 0x1d }
    """
  static let guest = """
    version: 1
    router: { name: guest }
    ports:
      - { name: up, bus: i2c, device: simulated, address: 0x33, role: endpoint }
    """
  static let kernel = """
    version: 1
    router: { name: kernel, eid: 8 }
    ports:
      - { name: usb, bus: usb, device: mctpusb0 }
    """

  struct NoFile: Error, CustomStringConvertible {
    let description: String
  }

  /// Reads `text` as the file `board/test.sim`.
  static func scenario(_ text: String) throws -> Scenario {
    try Scenario.read(text, fileName: "board/test.sim") { path in
      switch path {
      case "board/owner.yaml": return owner
      case "bridge.yaml": return bridge
      case "board/guest.yaml": return guest
      case "board/kernel.yaml": return kernel
      default: throw NoFile(description: "no such file: \(path)")
      }
    }
  }

  /// Two routers, five wires, four devices.
  static let tree = """
    # A tree.
    router top owner.yaml
    router below ../bridge.yaml
    join top.line below.up
    device spare top.i2c 0x30 absent
    traffic 100/s sizes 16,64
    faults from 1s to 9s draw 3-8
    """

  /// The files of `topologies/scenarios`.
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("topologies/scenarios").path

  static func files(_ ending: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(ending) }
      .sorted()
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }
}
