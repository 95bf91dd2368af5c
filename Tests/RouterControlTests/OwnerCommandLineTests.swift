import AdminProtocol
import Testing

/// The commands of the bus owner, against a socket with canned answers.
@Suite("router-ctl for the bus owner")
struct OwnerCommandLineTests {
  /// Answers with what was asked, so that a wrong parameter is a wrong output.
  private static func daemon() throws -> FakeDaemon {
    try FakeDaemon { (request: AdminRequest) in
      func begun(_ text: String) -> [UInt8] {
        AdminReplyLine.success(id: request.id, CommandResult(text: text, lastSequence: 41))
      }
      func own(_ network: UInt8?) -> EndpointRow {
        EndpointRow(
          eid: 9, network: network ?? 1, port: "a", address: nil, state: .up, source: .discovered)
      }
      return switch request.body {
      case .endpoints:
        AdminReplyLine.success(id: request.id, EndpointsResult(endpoints: [own(nil)]))
      case .eids(let eids):
        AdminReplyLine.success(
          id: request.id,
          EIDsResult(networks: [
            .init(
              network: eids.network ?? 1,
              ranges: [EIDRangeRow(first: 8, last: 254, state: .free)])
          ]))
      case .tree(let tree):
        AdminReplyLine.success(
          id: request.id,
          TreeResult(
            name: "demo",
            ports: [
              .init(
                name: "a", number: 0, bus: "i2c", role: "owner", network: tree.network ?? 1,
                state: "up")
            ], endpoints: [own(tree.network)]))
      case .discovery(let discovery):
        AdminReplyLine.success(
          id: request.id,
          DiscoveryResult(ports: [
            .init(name: discovery.port ?? "all", network: 1, pause: .nothingDue)
          ]))
      case .discover(let discover): begun(discover.begunText)
      case .assign(let assign): begun(assign.begunText)
      case .allocate(let allocate):
        begun(allocate.begunText + " \(allocate.network ?? 0)")
      case .forget(let forget): begun(forget.begunText + " \(forget.network ?? 0)")
      case .recover(let recover): begun(recover.begunText + " \(recover.network ?? 0)")
      case .events(let events):
        [
          EventRow(sequence: 41, ageMs: 0, kind: .listening, text: ""),
          EventRow(
            sequence: (events.since ?? 41) + 1, ageMs: 0, kind: .portUp, text: "port a is up"),
        ].flatMap { AdminReplyLine.success(id: request.id, $0) }
      default: AdminReplyLine.failure(id: request.id, AdminError(.busy, "not for this test"))
      }
    }
  }

  private static let more = "`router-ctl events --since 41` shows what comes of it\n"

  @Test(
    "Commands that work end with 0 and keep standard error empty",
    arguments: [
      (
        ["endpoints"],
        "NET  EID  PORT  ADDRESS  KIND  STATE\n  1    9  a     -        -     up\n\n"
          + "NET  EID  FROM        MESSAGE TYPES\n  1    9  discovered  -\n"
      ),
      (
        ["eids", "--network", "2"],
        "NET   EIDS  COUNT  STATE\n  2  8-254    247  free\n\nnetwork 2: 247 free\n"
      ),
      (
        ["--json", "eids"],
        "{\"networks\":[{\"network\":1,\"ranges\":[{\"first\":8,\"last\":254,\"state\":\"free\"}]}]}\n"
      ),
      (["tree"], "demo\n`- a: i2c owner, up\n   `- EID 9: up\n"),
      (
        ["tree", "--json", "--network", "3"],
        "{\"name\":\"demo\",\"ports\":[{\"bus\":\"i2c\",\"endpoints\":[{\"eid\":9,"
          + "\"kind\":\"unknown\",\"messageTypes\":[],\"network\":3,\"port\":\"a\",\"quirks\":[],"
          + "\"source\":\"discovered\",\"state\":\"up\"}],\"name\":\"a\",\"network\":3,\"number\":0,"
          + "\"role\":\"owner\",\"state\":\"up\"}]}\n"
      ),
      (["discovery"], "Nothing is going to be asked.\n\nall: asks nothing, nothing-due\n"),
      (
        ["discovery", "tty", "--json"],
        "{\"ports\":[{\"counters\":[],\"name\":\"tty\",\"network\":1,\"pause\":\"nothing-due\","
          + "\"questions\":[]}]}\n"
      ),
      (["discover", "i2c-a"], "asking every address of port i2c-a\n" + more),
      (["assign", "0x0c", "tty"], "giving EID 12 to port tty\n" + more),
      (["assign", "12", "i2c-a", "0x1d"], "giving EID 12 to 0x1d on port i2c-a\n" + more),
      (
        ["assign", "12", "i3c-a", "02ae00000000", "--json"],
        "{\"lastSequence\":41,\"text\":\"giving EID 12 to 02ae00000000 on port i3c-a\"}\n"
      ),
      (["allocate", "10", "15"], "allocating 15 EIDs to the bridge with EID 10 0\n" + more),
      (
        ["allocate", "10", "246", "--network", "2"],
        "allocating 246 EIDs to the bridge with EID 10 2\n" + more
      ),
      (
        ["forget", "9", "--network", "2"],
        "EID 9 is taken back; it rests before it is given again 2\n" + more
      ),
      (["recover", "9", "--network", "2"], "asking EID 9 now 2\n" + more),
    ])
  func successes(arguments: [String], output: String) throws {
    let daemon = try OwnerCommandLineTests.daemon()
    defer { daemon.stop() }
    let outcome = try CommandLineTests.run(arguments, socket: daemon.path)
    #expect(outcome.output == output)
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test("Events end with the count; the time in front is the machine's")
  func events() throws {
    let daemon = try OwnerCommandLineTests.daemon()
    defer { daemon.stop() }
    let live = try CommandLineTests.run(["events", "--count", "1"], socket: daemon.path)
    #expect(live.output.dropFirst(24) == "     42  port-up               port a is up\n")
    #expect(live.output.prefix(2) == "20")
    #expect(live.errors == "")
    #expect(live.status == 0)
    let later = try CommandLineTests.run(
      ["events", "--since", "99", "--count", "1", "--json"], socket: daemon.path)
    #expect(
      later.output.hasPrefix(
        "{\"ageMs\":0,\"fields\":{},\"kind\":\"port-up\",\"sequence\":100,"
          + "\"text\":\"port a is up\",\"time\":\"20"))
    #expect(later.output.hasSuffix("Z\"}\n"))
    #expect(later.status == 0)
  }

  @Test("Events whose connection ends end with 2")
  func lostEvents() throws {
    let daemon = try FakeDaemon { line in
      guard let request = try? AdminRequest(decoding: line) else { return .close }
      let row = EventRow(sequence: 41, ageMs: 0, kind: .listening, text: "")
      return .writeAndClose([AdminReplyLine.success(id: request.id, row)])
    }
    defer { daemon.stop() }
    let outcome = try CommandLineTests.run(["events"], socket: daemon.path)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("router-ctl: the daemon closed the connection on "))
  }

  @Test("Without a daemon every command ends with 2")
  func noDaemon() throws {
    for arguments in [
      ["eids"], ["tree"], ["discovery"], ["discover", "a"], ["assign", "9", "a"],
      ["allocate", "9", "1"], ["forget", "9"], ["recover", "9"], ["events"],
    ] {
      let outcome = try CommandLineTests.run(arguments, socket: "/nowhere/s")
      #expect(outcome.status == 2, "\(arguments)")
      #expect(outcome.output == "")
    }
  }

  @Test(
    "Arguments that make no sense end with 64 before anything is asked",
    arguments: [
      ["eids", "9"], ["eids", "--network", "0"], ["eids", "--network", "256"],
      ["tree", "--network", "x"], ["discovery", ""], ["discovery", "a", "b"], ["discover"],
      ["discover", ""], ["assign"], ["assign", "9"], ["assign", "7", "a"], ["assign", "255", "a"],
      ["assign", "9", ""], ["assign", "9", "a", "0x78"], ["assign", "9", "a", "1d"],
      ["assign", "9", "a", ""], ["assign", "9", "a", "0x1d", "x"], ["allocate", "9"],
      ["allocate", "9", "0"], ["allocate", "9", "247"], ["allocate", "9", "-1"],
      ["allocate", "0", "1"], ["allocate", "9", "1", "--network", "0"], ["forget"],
      ["forget", "all"], ["forget", "0"], ["recover", "300"], ["recover", "9", "--network", "0"],
      ["events", "1"], ["events", "--since", "-1"], ["events", "--since", "9223372036854775808"],
      ["events", "--since", "18446744073709551616"], ["events", "--count", "0"],
    ])
  func usage(arguments: [String]) throws {
    let outcome = try CommandLineTests.run(arguments, socket: "/nowhere/s")
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("Error: "))
  }
}
