import Testing
import Topology

@Suite("Topologies out of any bytes")
struct TopologyRobustnessTests {
  /// Returns or throws with at least one error; anything else ends the test process.
  private func load(_ bytes: [UInt8]) -> Bool {
    do throws(TopologyError) {
      let topology = try Topology.parse(bytes, fileName: "t")
      #expect(topology.warnings.allSatisfy { $0.severity == .warning })
      return true
    } catch {
      #expect(!error.errors.isEmpty)
      #expect(error.diagnostics.count <= TopologyLimits.diagnosticCountMax)
      return false
    }
  }

  @Test(
    "An example cut at any byte loads or is refused",
    arguments: ["demo", "real-buses", "bus-owner"])
  func truncations(_ name: String) throws {
    let bytes = try Examples.bytes(name)
    var loadedCount = 0
    for count in 0..<bytes.count where load(Array(bytes[..<count])) { loadedCount += 1 }
    // Whole lines can be missing at the end, most cuts leave something half.
    #expect(loadedCount > 0)
    #expect(loadedCount < bytes.count)
  }

  @Test(
    "5,000 mutations of an example load or are refused",
    arguments: ["demo", "real-buses", "bus-owner"],
    [UInt64(1), 2, 3, 4, 5])
  func mutations(_ name: String, _ seed: UInt64) throws {
    let original = try Examples.bytes(name)
    let pieces: [[UInt8]] =
      [
        "[", "{", "]", "}", "- ", ": ", "&a ", "*a", "!!int ", "\n", "\t", "---\n", "? ", "|\n",
        ">-\n",
        "\"", "'", "\\x", "\u{2028}", "0x", "-", "99999999999999999999999", "8-254", "255", "#",
        "\r",
        "<<: ", "~", "%YAML 1.1\n",
      ].map { Array($0.utf8) } + [[0x00], [0xFF], [0xC3], [0xEF, 0xBB, 0xBF]]
    var random = SplitMix64(state: seed)
    var refusedCount = 0
    for _ in 0..<1_000 {
      var bytes = original
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(6) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: pieces[random.below(pieces.count)], at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(40)))
        case 4:
          let end = min(bytes.count, place + 1 + random.below(80))
          bytes.insert(contentsOf: Array(bytes[place..<end]), at: random.below(bytes.count))
        default:
          bytes[place] = original[random.below(original.count)]
        }
      }
      if !load(bytes) { refusedCount += 1 }
    }
    #expect(refusedCount > 500)
  }

  @Test("Deep, long and repeated structures are refused in bounded time and stack")
  func hostileStructures() {
    let count = 50_000
    for text in [
      String(repeating: "[", count: count), String(repeating: "{a: ", count: count),
      String(repeating: "- ", count: count), String(repeating: "? ", count: count),
      String(repeating: "a:\n", count: count), String(repeating: "&a ", count: count),
      "a: " + String(repeating: "\"", count: count), String(repeating: "'", count: count),
      String(repeating: "*a ", count: count), String(repeating: "---\n", count: count),
      String(repeating: "[a, ", count: count), "a: |" + String(repeating: "\n ", count: count),
      (0..<5_000).map { String(repeating: " ", count: $0 % 150) + "a:\n" }.joined(),
      "version: " + String(repeating: "9", count: count),
      "version: " + String(repeating: "+", count: count),
      minimal + "\"" + String(repeating: "x", count: count) + "\": 1\n",
    ] {
      #expect(!load(Array(text.utf8)))
    }
  }

  @Test("A thousand routes over all EIDs are checked at once")
  func overlappingRoutes() {
    let text =
      "version: 1\nrouter: { name: r, eid: 8 }\n"
      + "ports: [ { name: a, bus: serial, device: /dev/ttyS1 } ]\nroutes:\n"
      + String(repeating: "  - { eids: 9-254, port: a }\n", count: 1_024)
    #expect(problems(in: text).count == TopologyLimits.diagnosticCountMax)
  }
}

/// Steele, Lea, Flood: the same seed gives the same mutations everywhere.
private struct SplitMix64 {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ (value >> 31)) % UInt64(bound))
  }
}
