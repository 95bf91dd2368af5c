import Foundation
import Testing
import Topology

@Suite("Loading topologies from files")
struct TopologyLoadTests {
  /// A fresh folder that is removed afterwards.
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("topology-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func diagnostics(_ path: String) -> [String] {
    do throws(TopologyError) {
      return try Topology.load(path: path).warnings.map(\.description)
    } catch {
      return error.diagnostics.map(\.description)
    }
  }

  @Test("A file that is not there, a directory and a pipe are refused by name")
  func notFiles() throws {
    try withFolder { folder in
      let absent = folder.appendingPathComponent("absent.yaml").path
      #expect(
        diagnostics(absent) == [
          "\(absent): error: cannot be read: No such file or directory (2)\n  check the path"
        ])
      #expect(
        diagnostics(folder.path) == [
          "\(folder.path): error: is a directory\n  name the topology file inside it"
        ])
      let pipe = folder.appendingPathComponent("pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      #expect(diagnostics(pipe) == ["\(pipe): error: is not a regular file"])
    }
  }

  @Test("A file of exactly 1 MiB loads, one byte more does not")
  func fileSize() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("large.yaml")
      let fitting = minimal + String(repeating: "#", count: (1 << 20) - minimal.utf8.count)
      try Data(fitting.utf8).write(to: file)
      #expect(diagnostics(file.path).isEmpty)
      try Data((fitting + "#").utf8).write(to: file)
      #expect(diagnostics(file.path).first?.hasPrefix("\(file.path): error: larger than") == true)
    }
  }

  @Test("Diagnostics are rendered as compilers do, all of them")
  func rendering() throws {
    let expected = """
      t.yaml:2:19: error: unknown key `ied` in the router
        did you mean `eid`?
      t.yaml:3:8: error: `ports` needs at least 1 element
      """
    let error = #expect(throws: TopologyError.self) {
      try Topology.parse(
        "version: 1\nrouter: {name: r, ied: 8}\nports: []\n", fileName: "t.yaml")
    }
    #expect(error?.description == expected)
  }

  @Test("A serial device that is not there is a warning, the port waits for it")
  func absentSerialDevice() throws {
    try withFolder { folder in
      let tty = folder.appendingPathComponent("ttyX").path
      let file = folder.appendingPathComponent("t.yaml")
      let text = """
        version: 1
        router: { name: r, eid: 8 }
        ports:
          - name: a
            bus: serial
            device: \(tty)
        """
      try Data(text.utf8).write(to: file)
      let found = try Topology.load(path: file.path).warnings
      #expect(found.map(\.severity) == [.warning])
      #expect(found.map(\.position) == [SourcePosition(line: 6, column: 13)])
      #expect(found.first?.message.hasPrefix("there is no device `") == true)
      #expect(found.first?.hint == "port `a` waits until there is")
      try Data().write(to: URL(fileURLWithPath: tty))
      #expect(try Topology.load(path: file.path).warnings.isEmpty)
    }
  }

  @Test("Two names of one serial device are found out")
  func sameSerialDevice() throws {
    try withFolder { folder in
      let tty = folder.appendingPathComponent("ttyX").path
      let link = folder.appendingPathComponent("link").path
      try Data().write(to: URL(fileURLWithPath: tty))
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: tty)
      let file = folder.appendingPathComponent("t.yaml")
      let text = """
        version: 1
        router: { name: r, eid: 8 }
        ports:
          - { name: a, bus: serial, device: \(tty) }
          - { name: b, bus: serial, device: \(link) }
        """
      try Data(text.utf8).write(to: file)
      let error = #expect(throws: TopologyError.self) { try Topology.load(path: file.path) }
      #expect(error?.diagnostics.map(\.position) == [SourcePosition(line: 5, column: 37)])
      #expect(error?.diagnostics.first?.message.hasSuffix("are the same device") == true)
      #expect(error?.diagnostics.first?.hint == "port `a` uses it at line 4")
    }
  }

  @Test("I2C nodes and I3C targets that are not there are warnings, links are not looked for")
  func absentNodes() throws {
    try withFolder { folder in
      let names = ["i2c-1", "0-4cc00000001", "0-4cc00000002"]
      let paths = names.map { folder.appendingPathComponent($0).path }
      let file = folder.appendingPathComponent("t.yaml")
      let text = """
        version: 1
        router: { name: r, eid: 8 }
        ports:
          - name: a
            bus: i2c
            address: 0x10
            device: \(paths[0])
            receive: mctpi2c1
          - name: b
            bus: i3c
            device: i3cdev
            targets:
              - node: \(paths[1])
              - node: \(paths[2])
          - { name: c, bus: usb, device: mctpusb0 }
        """
      try Data(text.utf8).write(to: file)
      let found = try Topology.load(path: file.path).warnings
      #expect(
        found.map(\.position) == [
          SourcePosition(line: 7, column: 13), SourcePosition(line: 13, column: 15),
          SourcePosition(line: 14, column: 15),
        ])
      #expect(found.allSatisfy { $0.message.hasPrefix("there is no device `") })
      #expect(
        found.map(\.hint) == [
          "port `a` waits until there is", "port `b` waits until there is",
          "port `b` waits until there is",
        ])
      for path in paths { try Data().write(to: URL(fileURLWithPath: path)) }
      #expect(try Topology.load(path: file.path).warnings.isEmpty)
    }
  }

  @Test("Two names of one I2C node or I3C target are found out")
  func sameNode() throws {
    try withFolder { folder in
      let node = folder.appendingPathComponent("node").path
      let link = folder.appendingPathComponent("link").path
      try Data().write(to: URL(fileURLWithPath: node))
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: node)
      let file = folder.appendingPathComponent("t.yaml")
      let text = """
        version: 1
        router: { name: r, eid: 8 }
        ports:
          - { name: a, bus: i2c, address: 0x10, receive: slave-mqueue, device: \(node) }
          - { name: b, bus: i2c, address: 0x10, receive: slave-mqueue, device: \(link) }
          - name: c
            bus: i3c
            device: i3c-mctp
            targets: [ { address: 0x04cc00000001, node: \(link) } ]
        """
      try Data(text.utf8).write(to: file)
      let error = #expect(throws: TopologyError.self) { try Topology.load(path: file.path) }
      #expect(
        error?.diagnostics.map(\.position) == [
          SourcePosition(line: 5, column: 72), SourcePosition(line: 9, column: 49),
        ])
      #expect(error?.diagnostics.first?.message.hasSuffix("are the same device") == true)
      #expect(error?.diagnostics.first?.hint == "port `a` uses it at line 4")
      #expect(
        error?.diagnostics.last?.message.hasPrefix("port `c` and port `b` use the same device")
          == true)
      #expect(error?.diagnostics.last?.hint == "the other one is at line 5")
    }
  }
}
