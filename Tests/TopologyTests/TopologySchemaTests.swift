import Foundation
import Testing
import Topology

/// A JSON object as `JSONSerialization` gives it.
private typealias JSON = [String: Any]

@Suite("topology.schema.json and README.md")
struct TopologySchemaTests {
  private let root: JSON

  init() throws {
    let file = Examples.folder.appendingPathComponent("topology.schema.json")
    root = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? JSON)
  }

  /// Follows one `$ref`; keys beside it win.
  private func resolved(_ schema: JSON) throws -> JSON {
    guard let reference = schema["$ref"] as? String else { return schema }
    #expect(reference.hasPrefix("#/$defs/"))
    let definitions = try #require(root["$defs"] as? JSON)
    let target = try #require(definitions[String(reference.dropFirst(8))] as? JSON)
    return target.merging(schema.filter { $0.key != "$ref" }) { _, own in own }
  }

  /// Every key of every mapping, with the schema that stands for it.
  private func compare(_ shape: MappingShape, _ schema: JSON, _ path: String) throws {
    #expect(schema["type"] as? String == "object", "\(path)")
    #expect(schema["additionalProperties"] as? Bool == false, "\(path)")
    let properties = try #require(schema["properties"] as? JSON, "\(path)")
    #expect(Set(properties.keys) == Set(shape.keys.map(\.name)), "\(path)")
    #expect(
      Set(schema["required"] as? [String] ?? [])
        == Set(shape.keys.filter(\.isRequired).map(\.name)), "\(path)")
    for key in shape.keys {
      let property = try resolved(try #require(properties[key.name] as? JSON))
      let description = property["description"] as? String ?? ""
      #expect(!description.isEmpty, "\(path).\(key.name) has no description")
      try compare(key, property, "\(path).\(key.name)")
    }
  }

  private func compare(_ key: KeyShape, _ property: JSON, _ path: String) throws {
    switch key.defaultValue {
    case .integer(let value): #expect(property["default"] as? Int == Int(value), "\(path)")
    case .word(let word): #expect(property["default"] as? String == word, "\(path)")
    case .boolean(let value): #expect(property["default"] as? Bool == value, "\(path)")
    case nil: #expect(property["default"] == nil, "\(path)")
    }
    try compare(key.value, property, path)
  }

  private func compare(_ value: ValueShape, _ schema: JSON, _ path: String) throws {
    let schema = try resolved(schema)
    switch value {
    case .integer(let range): compare(range, schema, path)
    case .integerChoice(let choices):
      #expect(schema["enum"] as? [Int] == choices.map { Int($0) }, "\(path)")
    case .zeroOr(let range):
      let choices = try #require(schema["anyOf"] as? [JSON])
      try #require(choices.count == 2)
      #expect(choices[0]["const"] as? Int == 0, "\(path)")
      compare(range, choices[1], path)
    case .word(let words): #expect(schema["enum"] as? [String] == words, "\(path)")
    case .boolean: #expect(schema["type"] as? String == "boolean", "\(path)")
    case .name: compare(TopologyKeys.namePattern, schema, path)
    case .path(let byteCountMax):
      compare(TopologyKeys.pathPattern, schema, path)
      #expect(schema["maxLength"] as? Int == byteCountMax, "\(path)")
    case .device(let words, let hasPath):
      compare(TopologyKeys.devicePattern(words: words, hasPath: hasPath), schema, path)
      let lengthMax = hasPath ? TopologyLimits.pathByteCountMax : nil
      #expect(schema["maxLength"] as? Int == lengthMax, "\(path)")
    case .uuid: compare(TopologyKeys.uuidPattern, schema, path)
    case .messageType:
      let choices = try #require(schema["anyOf"] as? [JSON])
      try #require(choices.count == 2)
      #expect(
        choices[0]["enum"] as? [String] == TopologyKeys.messageTypeNames, "\(path)")
      compare(TopologyKeys.messageTypeValues, choices[1], path)
    case .eids:
      let choices = try #require(schema["anyOf"] as? [JSON])
      try #require(choices.count == 2)
      compare(TopologyKeys.eidValues, choices[0], path)
      compare(TopologyKeys.eidRangePattern, choices[1], path)
    case .addressRange(let range):
      let choices = try #require(schema["anyOf"] as? [JSON])
      try #require(choices.count == 2)
      compare(range, choices[0], path)
      compare(TopologyKeys.addressRangePattern, choices[1], path)
    case .addressOr(let range, let shape):
      let choices = try #require(schema["anyOf"] as? [JSON])
      try #require(choices.count == 2)
      compare(range, choices[0], path)
      try compare(shape, try resolved(choices[1]), path)
    case .mapping(let shape): try compare(shape, schema, path)
    case .list(let element, let counts):
      #expect(schema["type"] as? String == "array", "\(path)")
      #expect(schema["minItems"] as? Int == counts.lowerBound, "\(path)")
      #expect(schema["maxItems"] as? Int == counts.upperBound, "\(path)")
      try compare(element, try #require(schema["items"] as? JSON), path + "[]")
    }
  }

  private func compare(_ range: ClosedRange<UInt64>, _ schema: JSON, _ path: String) {
    #expect(schema["type"] as? String == "integer", "\(path)")
    #expect(schema["minimum"] as? Int == Int(range.lowerBound), "\(path)")
    #expect(schema["maximum"] as? Int == Int(range.upperBound), "\(path)")
  }

  private func compare(_ pattern: String, _ schema: JSON, _ path: String) {
    #expect(schema["type"] as? String == "string", "\(path)")
    #expect(schema["pattern"] as? String == pattern, "\(path)")
  }

  @Test("The schema has every key, word, limit and default of the loader and no others")
  func sameKeys() throws {
    try compare(TopologyKeys.document, root, "topology")
  }

  @Test("The schema narrows a port by its bus as the loader does")
  func sameBuses() throws {
    let definitions = try #require(root["$defs"] as? JSON)
    let port = try #require(definitions["port"] as? JSON)
    let rules = try #require(port["allOf"] as? [JSON])
    #expect(TopologyKeys.buses.map(\.bus) == Topology.Bus.allCases)
    try #require(rules.count == TopologyKeys.buses.count)
    for (rule, shape) in zip(rules, TopologyKeys.buses) {
      let condition = try #require((rule["if"] as? JSON)?["properties"] as? JSON)
      #expect((condition["bus"] as? JSON)?["const"] as? String == shape.bus.rawValue)
      let then = try #require(rule["then"] as? JSON)
      let properties = try #require(then["properties"] as? JSON)
      #expect(
        Set(properties.keys) == Set(shape.keys.map(\.name) + shape.refused + ["discovery"]))
      let discovery = try #require((properties["discovery"] as? JSON)?["properties"] as? JSON)
      #expect(
        discovery as? [String: Bool]
          == Dictionary(uniqueKeysWithValues: shape.refusedInDiscovery.map { ($0, false) }))
      #expect(shape.refusedInDiscovery.allSatisfy { TopologyKeys.discovery[$0] != nil })
      #expect(
        Set(then["required"] as? [String] ?? [])
          == Set(shape.keys.filter(\.isRequired).map(\.name)))
      for name in shape.refused { #expect(properties[name] as? Bool == false) }
      for key in shape.keys {
        let property = try resolved(try #require(properties[key.name] as? JSON))
        try compare(key, property, "port(\(shape.bus)).\(key.name)")
      }
    }
  }

  @Test("The narrowed limits of a bus lie inside the general ones")
  func narrowing() {
    for shape in TopologyKeys.buses {
      for key in shape.keys {
        switch (key.value, TopologyKeys.port[key.name]?.value) {
        case (.integer(let narrow), .integer(let wide)):
          #expect(wide.contains(narrow.lowerBound) && wide.contains(narrow.upperBound))
        case (.integerChoice(let choices), .integer(let wide)):
          #expect(choices.allSatisfy(wide.contains))
        case (.device(let narrow, let hasPath), .device(let wide, let isPathAllowed)):
          #expect(narrow.allSatisfy(wide.contains))
          #expect(!hasPath || isPathAllowed)
        case let other: Issue.record("\(shape.bus).\(key.name): \(other)")
        }
      }
    }
  }

  @Test(
    "A pattern of the schema and the loader agree on names",
    arguments: [
      "a", "A.b_c-9", "a" + String(repeating: "b", count: 31),
      "a" + String(repeating: "b", count: 32), "9a", "-a", "a b", "ä", "aä",
    ])
  func namePattern(_ name: String) throws {
    let text = minimal.replacing("name: r,", with: "name: '\(name)',")
    let isNamed = (try? Topology.parse(text, fileName: "t"))?.router.name == name
    #expect(matches(name, TopologyKeys.namePattern) == isNamed)
  }

  @Test(
    "A pattern of the schema and the loader agree on UUIDs",
    arguments: [
      "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7", "21F0F554-7F7C-4211-9CA1-6D0F000EA9E7",
      "21f0f5547f7c42119ca16d0f000ea9e7", "21f0f554-7f7c-4211-9ca1-6d0f000ea9e",
      "21f0f554-7f7c-4211-9ca16-d0f000ea9e7", "g1f0f554-7f7c-4211-9ca1-6d0f000ea9e7",
    ])
  func uuidPattern(_ uuid: String) throws {
    let text = minimal.replacing("eid: 8", with: "eid: 8, uuid: '\(uuid)'")
    let isRead = (try? Topology.parse(text, fileName: "t"))?.router.uuid != nil
    #expect(matches(uuid, TopologyKeys.uuidPattern) == isRead)
  }

  @Test("The schema wants receive and targets where the loader does")
  func deviceConditions() throws {
    let definitions = try #require(root["$defs"] as? JSON)
    let port = try #require(definitions["port"] as? JSON)
    let rules = try #require(port["allOf"] as? [JSON])
    func condition(_ bus: Topology.Bus) throws -> (device: JSON, then: JSON, refused: JSON) {
      let index = try #require(TopologyKeys.buses.firstIndex { $0.bus == bus })
      let rule = try #require(rules[index]["then"] as? JSON)
      let asked = try #require((rule["if"] as? JSON)?["properties"] as? JSON)
      let otherwise = try #require((rule["else"] as? JSON)?["properties"] as? JSON)
      return (
        try #require(asked["device"] as? JSON), try #require(rule["then"] as? JSON), otherwise
      )
    }
    let i2c = try condition(.i2c)
    #expect(i2c.device["pattern"] as? String == TopologyKeys.pathPattern)
    #expect(i2c.then["required"] as? [String] == ["receive"])
    #expect(i2c.refused as? [String: Bool] == ["receive": false, "create-queue": false])
    let i3c = try condition(.i3c)
    #expect(
      i3c.device["enum"] as? [String] == Topology.I3CInterface.allCases.map(\.rawValue))
    #expect(i3c.then["required"] as? [String] == ["targets"])
    #expect(i3c.refused as? [String: Bool] == ["targets": false])
  }

  @Test("The schema refuses discovery on ports that the router does not own")
  func discoveryRole() throws {
    let definitions = try #require(root["$defs"] as? JSON)
    let port = try #require(definitions["port"] as? JSON)
    let asked = try #require((port["if"] as? JSON)?["properties"] as? JSON)
    let others = Topology.Role.allCases.filter { $0 != .owner }.map(\.rawValue)
    #expect((asked["role"] as? JSON)?["enum"] as? [String] == others)
    // An absent role is `owner`.
    #expect((port["if"] as? JSON)?["required"] as? [String] == ["role"])
    let then = try #require((port["then"] as? JSON)?["properties"] as? JSON)
    #expect(then as? [String: Bool] == ["discovery": false])
  }

  @Test(
    "A pattern of the schema and the loader agree on addresses to scan",
    arguments: [
      "0x20", "0x20-0x27", "32-39", "0x20-", "-0x20", "0x20 - 0x27", "0x20-0x27-0x29", "all", "",
      "032-39", "0x20..0x27",
    ])
  func scanPattern(_ scan: String) throws {
    let text = minimal.replacing(
      "address: 0x10", with: "address: 0x10, discovery: { scan: [ '\(scan)' ] }"
    ).replacing("eid: 8", with: "eid: 8, eid-ranges: [ 9-20 ]")
    let isRead = (try? Topology.parse(text, fileName: "t")) != nil
    #expect(matches(scan, TopologyKeys.addressRangePattern) == isRead)
  }

  /// Port keys of `bus` with `device`, complete enough to be right when `device` is.
  private static func devicePort(_ bus: Topology.Bus, _ device: String) -> String {
    var keys = "name: a, bus: \(bus.rawValue), device: '\(device)'"
    if bus == .i2c { keys += ", address: 0x10" }
    if bus == .i2c, device.hasPrefix("/") { keys += ", receive: mctpi2c1" }
    if bus == .i3c, Topology.I3CInterface(rawValue: device) != nil {
      keys += ", targets: [ { node: /dev/x, address: 0x04cc00000001 } ]"
    }
    return keys
  }

  @Test(
    "A pattern of the schema and the loader agree on devices", arguments: Topology.Bus.allCases,
    [
      "simulated", "i3c-mctp", "i3cdev", "slave-mqueue", "/dev/node", "mctp0", "m", "x.a_b-9",
      "abcdefghijklmno", "abcdefghijklmnop", "0mctp", "-a", "a b", "a/b", "ä", "",
    ])
  func devicePattern(_ bus: Topology.Bus, _ device: String) throws {
    let shape = try #require(TopologyKeys.buses.first { $0.bus == bus })
    guard case .device(let words, let hasPath) = shape["device"]?.value else {
      Issue.record("\(bus): device has another shape")
      return
    }
    let text =
      "version: 1\nrouter: { name: r, eid: 8 }\nports: [ { "
      + Self.devicePort(bus, device) + " } ]\n"
    let isRead = (try? Topology.parse(text, fileName: "t")) != nil
    let pattern = TopologyKeys.devicePattern(words: words, hasPath: hasPath)
    #expect(matches(device, pattern) == isRead)
  }

  private func matches(_ text: String, _ pattern: String) -> Bool {
    text.range(of: pattern, options: .regularExpression) != nil
  }

  @Test("Every example names the schema in its first line", arguments: Examples.names)
  func schemaLine(_ name: String) throws {
    let text = String(decoding: try Examples.bytes(name), as: UTF8.self)
    #expect(text.hasPrefix("# yaml-language-server: $schema=topology.schema.json\n"))
  }

  @Test("The README has a section for each mapping with every key, word and limit")
  func readme() throws {
    let file = Examples.folder.appendingPathComponent("README.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    var sections: [String: String] = [:]
    for part in text.components(separatedBy: "\n### ").dropFirst() {
      let title = part.prefix { $0 != "\n" }.filter { $0 != "`" }
      sections[String(title)] = part
    }
    let shapes: [(String, MappingShape)] = [
      ("Top level", TopologyKeys.document), ("router", TopologyKeys.router),
      ("admin", TopologyKeys.admin), ("networks", TopologyKeys.network),
      ("ports", TopologyKeys.port), ("targets", TopologyKeys.target),
      ("routes", TopologyKeys.route),
      ("devices", TopologyKeys.device), ("discovery", TopologyKeys.discovery),
      ("addresses", TopologyKeys.expectedDevice), ("endpoints", TopologyKeys.endpoint),
    ]
    #expect(Set(sections.keys) == Set(shapes.map(\.0)))
    for (title, shape) in shapes {
      let section = try #require(sections[title])
      for key in shape.keys {
        #expect(section.contains("`\(key.name)`"), "\(title): \(key.name)")
        if case .word(let words) = key.value {
          for word in words { #expect(section.contains("`\(word)`"), "\(title): \(word)") }
        }
        if case .device(let words, _) = key.value {
          for word in words { #expect(section.contains("`\(word)`"), "\(title): \(word)") }
        }
        if case .zeroOr(let range) = key.value {
          #expect(section.contains("0, or \(range.lowerBound) to \(range.upperBound)"))
        }
        if title == "discovery", case .integer(let range) = key.value {
          #expect(section.contains("\(range.lowerBound) to \(range.upperBound)"))
        }
        if title == "discovery", case .integer(let value) = key.defaultValue {
          #expect(section.contains("| \(value) |"))
        }
        if title == "discovery", case .list(_, let counts) = key.value {
          #expect(section.contains("up to \(counts.upperBound) "), "\(key.name)")
        }
        if case .list(_, let counts) = key.value, title == "ports" {
          #expect(section.contains("\(counts.lowerBound) to \(counts.upperBound)"))
        }
        if case .integer(let range) = key.value, range.upperBound <= 1024, range.count > 1,
          title != "routes"
        {
          #expect(
            section.contains("\(range.lowerBound) to \(range.upperBound)"),
            "\(title): \(key.name)")
        }
      }
    }
    for key in TopologyKeys.vendorMessage.keys { #expect(text.contains("`\(key.name)`")) }
    for name in TopologyKeys.messageTypeNames { #expect(text.contains("`\(name)`")) }
    for example in Examples.names { #expect(text.contains("`\(example).yaml`")) }
  }
}
