import AdminProtocol
import Testing

@testable import RouterControl

@Suite("NetworkTree")
struct NetworkTreeTests {
  private func port(_ name: String, network: UInt8 = 1) -> TreeResult.Port {
    TreeResult.Port(
      name: name, number: 0, bus: "i2c", role: "owner", network: network, state: "up",
      address: "0x10", eid: 8)
  }

  private func row(
    _ eid: UInt8?, via: UInt8? = nil, on port: String? = "a", network: UInt8 = 1
  ) -> EndpointRow {
    EndpointRow(
      eid: eid, network: network, port: port, address: "0x20", via: via, state: .up,
      source: .discovered)
  }

  private func drawing(_ ports: [TreeResult.Port], _ rows: [EndpointRow]) -> String {
    TreeResult(name: "demo", ports: ports, endpoints: rows).text(TextStyle(isBold: false))
  }

  @Test("A tree shows ports, endpoints and what is behind bridges")
  func text() {
    let result = TreeResult(
      name: "demo", uuid: "21f0f554-7f7c-4211-9ca1-6d0f000ea9e8",
      ports: [
        port("i2c-a"),
        TreeResult.Port(
          name: "tty", number: 1, bus: "serial", role: "endpoint", network: 2, state: "waiting",
          stateReason: "no such device"),
      ],
      endpoints: [
        EndpointRow(eid: 8, network: 1, port: nil, address: nil, source: .own, name: "demo"),
        EndpointRow(
          eid: 9, network: 1, port: "i2c-a", address: "0x1d", source: .simulated, name: "fan"),
        EndpointRow(
          eid: 10, network: 1, port: "i2c-a", address: "0x20", kind: .bridge, state: .up,
          reason: .answered, sinceMs: 9, pool: PoolRow(first: 11, count: 15, asked: 40),
          quirks: [.nilUUID], source: .discovered),
        EndpointRow(
          eid: 11, network: 1, port: "i2c-a", address: "0x20", via: 10, kind: .bridge, state: .up,
          reason: .answered, pool: PoolRow(first: nil, count: 0, asked: 2), source: .discovered),
        EndpointRow(
          eid: 12, network: 1, port: "i2c-a", address: "0x20", via: 11, kind: .simple,
          state: .down, reason: .noAnswer, sinceMs: 61_000, source: .discovered),
        EndpointRow(
          eid: 13, network: 1, port: "i2c-a", address: "0x20", via: 10, state: .up,
          source: .discovered),
        EndpointRow(
          eid: nil, network: 1, port: "i2c-a", address: "0x21", state: .unknown,
          reason: .noFreeEID, source: .discovered),
      ])
    #expect(
      result.text(TextStyle(isBold: false)) == """
        demo, 21f0f554-7f7c-4211-9ca1-6d0f000ea9e8
        +- i2c-a: i2c owner, network 1, own EID 8, 0x10, up
        |  +- EID 9: fan, 0x1d, simulated
        |  +- EID 10: 0x20, bridge, up, pool 11-25, 1 quirk
        |  |  +- EID 11: bridge, up, no pool
        |  |  |  `- EID 12: simple, down (no-answer, 1 min 1 s)
        |  |  `- EID 13: up
        |  `- no EID: 0x21, unknown (no-free-eid)
        `- tty: serial endpoint, network 2, waiting, no such device

        """)
  }

  @Test("JSON nests what is behind a bridge in its endpoints")
  func json() throws {
    let result = TreeResult(
      name: "demo", ports: [port("a")],
      endpoints: [row(10), row(11, via: 10), row(12, via: 11), row(13, on: "b")])
    func endpoint(
      _ eid: Int, on port: String = "a", via: Int? = nil, behind: String? = nil
    ) -> String {
      "{\"address\":\"0x20\",\"eid\":\(eid),"
        + (behind.map { "\"endpoints\":[\($0)]," } ?? "")
        + "\"kind\":\"unknown\",\"messageTypes\":[],\"network\":1,\"port\":\"\(port)\","
        + "\"quirks\":[],\"source\":\"discovered\",\"state\":\"up\""
        + (via.map { ",\"via\":\($0)" } ?? "") + "}"
    }
    let top = endpoint(
      10, behind: endpoint(11, via: 10, behind: endpoint(12, via: 11)))
    #expect(
      try result.json()
        == "{\"name\":\"demo\",\"ports\":[{\"address\":\"0x10\",\"bus\":\"i2c\",\"eid\":8,"
        + "\"endpoints\":[\(top)],\"name\":\"a\",\"network\":1,\"number\":0,\"role\":\"owner\","
        + "\"state\":\"up\"}],\"strays\":[\(endpoint(13, on: "b"))]}\n")
  }

  @Test("A bridge is looked for in its own network")
  func networks() {
    #expect(
      drawing(
        [port("a"), port("b", network: 2)],
        [row(9), row(9, on: "b", network: 2), row(10, via: 9, on: "b", network: 2)]) == """
          demo
          +- a: i2c owner, network 1, own EID 8, 0x10, up
          |  `- EID 9: 0x20, up
          `- b: i2c owner, network 2, own EID 8, 0x10, up
             `- EID 9: 0x20, up
                `- EID 10: up

          """)
  }

  @Test("Nothing is left out: unknown bridges, loops, unknown ports, one EID twice")
  func oddRows() {
    #expect(
      drawing(
        [port("a")],
        [
          row(9, via: 99), row(10, via: 11), row(11, via: 10), row(12, via: 12), row(13, on: nil),
          row(14, on: "b"), row(15), row(15), row(16, via: 15),
        ]) == """
          demo
          +- a: i2c owner, own EID 8, 0x10, up
          |  +- EID 9: up
          |  +- EID 15: 0x20, up
          |  |  `- EID 16: up
          |  +- EID 15: 0x20, up
          |  +- EID 10: up
          |  |  `- EID 11: up
          |  `- EID 12: up
          `- on no known port
             +- EID 13: 0x20, up
             `- EID 14: 0x20, up

          """)
    #expect(drawing([], []) == "demo\n")
  }

  @Test("A chain of all EIDs is drawn and written to its end")
  func deepest() throws {
    let rows = (8...254).map { row(UInt8($0), via: $0 == 8 ? nil : UInt8($0 - 1)) }
    let result = TreeResult(name: "demo", ports: [port("a")], endpoints: rows.reversed())
    let lines = result.text(TextStyle(isBold: false)).split(separator: "\n")
    #expect(lines.count == 2 + 247)
    let last = String(try #require(lines.last))
    #expect(last == String(repeating: " ", count: 3 * 247) + "`- EID 254: up")
    #expect(try result.json().contains("\"eid\":254,"))
  }
}
