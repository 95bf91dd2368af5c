import AdminProtocol
import Testing

@Suite("Hostile lines")
struct HostileLineTests {
  /// Decodes both ways; a trap would end the test process.
  private func survives(_ line: [UInt8]) {
    _ = try? AdminRequest(decoding: line)
    _ = try? AdminReply<PortsResult>(decoding: line)
    _ = try? AdminReply<TreeResult>(decoding: line)
    _ = try? AdminReply<EIDsResult>(decoding: line)
    _ = try? AdminReply<EventRow>(decoding: line)
  }

  @Test(
    "Deep nesting is refused, not followed", arguments: [17, 511, 512, 513, 100_000, 1_000_000])
  func deepNesting(depth: Int) {
    let shapes = [
      String(repeating: "[", count: depth),
      "{\"a\":" + String(repeating: "[", count: depth),
      "{\"version\":1,\"id\":7,\"request\":" + String(repeating: "[", count: depth)
        + String(repeating: "]", count: depth) + "}",
      String(repeating: "{\"a\":", count: depth),
      String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth),
    ]
    for shape in shapes {
      let error = #expect(throws: AdminRequest.Rejection.self) {
        try AdminRequest(decoding: bytes(shape))
      }
      #expect(error?.error.code == .malformedRequest)
    }
  }

  @Test("Sixteen levels are read, seventeen are not")
  func nestingBound() {
    func line(_ arrays: Int) -> [UInt8] {
      bytes(
        "{\"version\":1,\"id\":1,\"request\":\"status\",\"x\":"
          + String(repeating: "[", count: arrays) + String(repeating: "]", count: arrays) + "}")
    }
    #expect(throws: Never.self) { try AdminRequest(decoding: line(15)) }
    #expect(throws: AdminRequest.Rejection.self) { try AdminRequest(decoding: line(16)) }
  }

  @Test("A megabyte of one thing is answered")
  func megabytes() {
    for byte in [UInt8(0x00), 0x20, 0x22, 0x2D, 0x30, 0x5B, 0x5C, 0x7B, 0x80, 0xFF] {
      survives(Array(repeating: byte, count: 1_048_576))
    }
    let name = "{\"version\":1,\"id\":1,\"request\":\"" + String(repeating: "a", count: 1_048_576)
    let error = #expect(throws: AdminRequest.Rejection.self) {
      try AdminRequest(decoding: bytes(name + "\"}"))
    }
    #expect(error?.error.code == .unknownRequest)
    #expect((error?.error.message.utf8.count ?? .max) < 100)
  }

  @Test("Every truncation of every request and reply is refused")
  func truncations() throws {
    for body in Samples.requests {
      let line = Array(try AdminRequest(id: 9, body: body).line().dropLast())
      for count in 0..<line.count {
        #expect(throws: AdminRequest.Rejection.self) {
          try AdminRequest(decoding: Array(line.prefix(count)))
        }
      }
    }
    let reply = Array(AdminReplyLine.success(id: 1, Samples.ports).dropLast())
    for count in 0..<reply.count {
      #expect(throws: AdminReply<PortsResult>.Unreadable.self) {
        try AdminReply<PortsResult>(decoding: Array(reply.prefix(count)))
      }
    }
  }

  @Test("Mutated and random lines never trap")
  func mutations() throws {
    var generator = SplitMix(state: 20_251_121)
    var seeds = try Samples.requests.map { try AdminRequest(id: 9, body: $0).line() }
    seeds.append(AdminReplyLine.success(id: 1, Samples.ports))
    seeds.append(AdminReplyLine.success(id: 1, Samples.tree))
    seeds.append(AdminReplyLine.success(id: 1, Samples.eids))
    seeds.append(AdminReplyLine.success(id: 1, Samples.event))
    seeds.append(AdminReplyLine.failure(id: 1, AdminError(.busy, "\u{1F6A6} \"quoted\"")))
    let spice = bytes("{}[]\",:\\u0d8-+eE.tfn\u{7F}")
    for _ in 0..<8_000 {
      var line = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<line.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: line[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: line[place] = spice[Int.random(in: 0..<spice.count, using: &generator)]
        case 2: line.insert(spice[Int.random(in: 0..<spice.count, using: &generator)], at: place)
        default: if line.count > 1 { line.remove(at: place) }
        }
      }
      survives(line)
    }
    for _ in 0..<5_000 {
      let count = Int.random(in: 0..<40, using: &generator)
      survives((0..<count).map { _ in spice[Int.random(in: 0..<spice.count, using: &generator)] })
    }
  }
}
