import TestSupport
import Testing
import Topology

/// Serial port `a` with discovery in line 4, I2C port `b` without in line 5; `rest` begins in
/// line 6.
private func topology(
  _ router: String, a: String = "discovery: {}", b: String = "", _ rest: String = ""
) -> String {
  "version: 1\nrouter: { name: r, eid: 8, \(router) }\nports:\n"
    + "  - { name: a, bus: serial, device: /dev/ttyS1, \(a) }\n"
    + "  - { name: b, bus: i2c, device: mctpi2c1, address: 0x10, \(b) }\n" + rest
}

private let uuid = "9a3e4a5c-2f0e-4c3b-8a77-0d5b1e6f200"

@Suite("Wrong EIDs to give in topologies")
struct GivenEIDProblemsTests {
  static let rangeCases = [
    ProblemCase(
      "Ranges that are none",
      topology("eid-ranges: [ »27-20, »5-9, »all, »250-255, »[ 9 ], »020, »~ ]"),
      [
        "error: the range 27-20 runs backwards | write `20-27`",
        "error: EIDs must be 8 to 254, not 5 | EIDs 1 to 7 are reserved",
        "error: `eid-ranges`: `all` is no EID and no range | "
          + "one EID, or `first-last` without blanks: `20-27`",
        "error: EIDs must be 8 to 254, not 255 | 255 is the broadcast EID",
        "error: `eid-ranges` must be an EID or a range `first-last`, not a list",
        "error: `eid-ranges`: `020` is ambiguous: decimal for some readers, octal for others | "
          + "write 20, or 16 if it is octal",
        "error: `eid-ranges` has no value | it must be an EID or a range `first-last`",
      ]),
    ProblemCase(
      "No list is the only thing reported", topology("eid-ranges: »9-20"),
      ["error: `eid-ranges` must be a list, not `9-20` | begin each element with `- `"]),
    ProblemCase(
      "33 ranges",
      topology(
        "eid-ranges: [ "
          + (0..<33).map { ($0 == 32 ? "»" : "") + "\(9 + $0)" }.joined(separator: ", ") + " ]"),
      ["error: `eid-ranges` has 33 elements; at most 32 are allowed"]),
    ProblemCase(
      "Ranges that overlap, of the router and of a network",
      topology(
        "eid-ranges: [ 20-27,\n    »27-30, 9, »9 ]", b: "network: 2, discovery: { scan: [ 9 ] }",
        "networks: [ { number: 2, eid-ranges: [ 40-50, 20, »45 ] } ]\n"),
      [
        "error: EIDs 27-30 overlap 20-27 | the other one is at line 2: each EID is in one range",
        "error: EID 9 is listed twice | the other one is at line 3: each EID is in one range",
        "error: EID 45 is listed twice | the other one is at line 7: each EID is in one range",
      ]),
    ProblemCase(
      "Ranges with nothing free",
      topology(
        "eid-ranges: [ »8, »20-22, »30-31, »50, 60-61 ]",
        a: "discovery: { addresses: [ { eid: 30, pool: 1 } ] }",
        "routes: [ { eids: 20, port: a }, { eids: 21-23, port: a }, { eids: 60, port: a } ]\n"
          + "endpoints: [ { uuid: \(uuid)1, eid: 50 } ]\n"),
      [
        "warning: EID 8 is not free in network 1 | the router's own EIDs, those of static routes "
          + "and fixed ones are given to nobody else",
        "warning: EIDs 20-22 hold nothing free in network 1 | the router's own EIDs, those of "
          + "static routes and fixed ones are given to nobody else",
        "warning: EIDs 30-31 hold nothing free in network 1 | the router's own EIDs, those of "
          + "static routes and fixed ones are given to nobody else",
        "warning: EID 50 is not free in network 1 | the router's own EIDs, those of static routes "
          + "and fixed ones are given to nobody else",
      ]),
    ProblemCase(
      "Ranges that nobody uses",
      topology(
        "»eid-ranges: [ 9-20 ]", a: "speed: 9600", b: "network: 2",
        "networks: [ { number: 2, »eid-ranges: [ 9 ] } ]\n"),
      [
        "warning: no port gives out EIDs | `eid-ranges` are for ports with role `owner` and "
          + "`discovery`",
        "warning: no port of network 2 gives out EIDs | `eid-ranges` are for ports with role "
          + "`owner` and `discovery`",
      ]),
    ProblemCase(
      "Ranges of the router beside those of each network",
      topology(
        "»eid-ranges: [ 9-20 ]", "networks: [ { number: 1, eid-ranges: [ 30-40 ] } ]\n"),
      [
        "warning: `eid-ranges` of the router are used in no network | "
          + "every network has its own: remove these"
      ]),
    ProblemCase(
      "Ranges beside the pool of an owner above",
      topology("»eid-ranges: [ 9-20 ]", b: "role: endpoint"),
      [
        "warning: network 1 has an owner above, at port `b` | its pool is not used beside "
          + "`eid-ranges`: remove them, with `eid-ranges: []` at `networks` for one network, unless "
          + "the owner above keeps off these EIDs"
      ]),
    ProblemCase(
      "Ranges that the network with an owner above does not have",
      topology(
        "eid-ranges: [ 9-20 ]", b: "network: 2, role: endpoint",
        "networks: [ { number: 2, eid-ranges: [] } ]\n"), []),
  ]

  private static let nothingHint =
    "give the router `eid-ranges`, a port of the network role `endpoint` so that an owner above "
    + "gives a pool, or every device at `addresses` an `eid`"

  static let nothingCases = [
    ProblemCase(
      "Nothing to give", topology("pool-max: 8", a: "»discovery: {}"),
      ["error: port `a` has no EIDs to give in network 1 | \(nothingHint)"]),
    ProblemCase(
      "Nothing to give in one network, or to one device",
      topology(
        "eid-ranges: [ 9-20 ]", a: "network: 2, »discovery: {}",
        b: "network: 3, »discovery: { addresses: [ { address: 0x1d, eid: 9 }, 0x1e ] }",
        "networks: [ { number: 2, eid-ranges: [] }, { number: 3, eid-ranges: [] } ]\n"
      ).replacing("eid: 8, eid-ranges", with: "eid: 8, »eid-ranges"),
      [
        "warning: `eid-ranges` of the router are used in no network | "
          + "every network has its own: remove these",
        "error: port `a` has no EIDs to give in network 2 | \(nothingHint)",
        "error: port `b` has no EIDs to give in network 3 | \(nothingHint)",
      ]),
    ProblemCase(
      "A pool from above is enough", topology("pool-max: 8", b: "role: endpoint"), []),
    ProblemCase(
      "Fixed EIDs for all that is expected are enough",
      topology(
        "pool-max: 8", a: "discovery: { addresses: [ { eid: 20 } ] }",
        b: "discovery: { addresses: [ { address: 0x1d, eid: 9 } ] }"), []),
    ProblemCase(
      "Fixed EIDs by UUID are enough",
      topology("pool-max: 8", "endpoints: [ { uuid: \(uuid)1, eid: 9 } ]\n"), []),
    ProblemCase(
      "Fixed EIDs by UUID of another network are not",
      topology(
        "pool-max: 8", a: "»discovery: {}", b: "network: 2",
        "endpoints: [ { uuid: \(uuid)1, eid: 9, network: 2 } ]\n"),
      ["error: port `a` has no EIDs to give in network 1 | \(nothingHint)"]),
    ProblemCase(
      "An unreadable range, role or EID is the only thing reported",
      "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
        + "  - { name: a, bus: serial, device: /dev/ttyS1, discovery: {} }\n"
        + "  - { name: b, bus: serial, device: /dev/ttyS2, role: »onwer }\n"
        + "  - { name: c, bus: serial, device: /dev/ttyS3, network: 2, discovery: {} }\n"
        + "  - { name: d, bus: serial, device: /dev/ttyS4, network: 3,\n"
        + "      discovery: { addresses: [ { eid: »255 } ] } }\n"
        + "networks: [ { number: 2, eid-ranges: [ »1-9 ] } ]\n",
      [
        "error: `role` must be `owner`, `endpoint` or `peer`, not `onwer` | "
          + "did you mean `owner`?",
        "error: `eid` must be 8 to 254, not 255 | 255 is the broadcast EID",
        "error: EIDs must be 8 to 254, not 1 | EIDs 1 to 7 are reserved",
      ]),
  ]

  static let fixedCases = [
    ProblemCase(
      "Missing keys and wrong values",
      topology(
        "eid-ranges: [ 9-20 ]",
        "endpoints: [ »»{}, { uuid: »1234, eid: »7, network: »256 },\n"
          + "  { uuid: »00000000-0000-0000-0000-000000000000, eid: 9, »port: a }, »9 ]\n"),
      [
        "error: an endpoint needs `uuid`",
        "error: an endpoint needs `eid`",
        "error: `1234` is not a UUID | "
          + "32 hexadecimal digits in groups of 8-4-4-4-12; `uuidgen` makes one",
        "error: `eid` must be 8 to 254, not 7 | EIDs 1 to 7 are reserved",
        "error: `network` must be 1 to 255, not 256",
        "error: the nil UUID means that the device has none | "
          + "leave `uuid` out, or make one with `uuidgen`",
        "error: unknown key `port` in an endpoint | known here: `uuid`, `eid` and `network`",
        "error: an endpoint must be a mapping, not `9` | with the keys `uuid`, `eid` and `network`",
      ]),
    ProblemCase(
      "One EID for two devices, by address and by UUID",
      topology(
        "eid-ranges: [ 9-40 ]", a: "discovery: { addresses: [ { eid: 20, pool: 3 } ] }",
        b: "discovery: { addresses: [ { address: 0x1d, eid: »23 }, { address: 0x1e, eid: 30 },\n"
          + "    { address: 0x1f, eid: »29, pool: 4 } ] }",
        "endpoints:\n  - { uuid: \(uuid)1, eid: »30 }\n  - { uuid: \(uuid)2, eid: 31 }\n"
          + "  - { uuid: \(uuid)3, eid: »31 }\n"),
      [
        "error: EID 23 is fixed for two devices | the other one is at line 4",
        "error: EIDs 29-33 overlap what is fixed for another device | the other one is at line 5",
        "error: EID 30 is fixed for two devices | the other one is at line 5",
        "error: EID 31 is fixed for two devices | the other one is at line 9",
      ]),
    ProblemCase(
      "EIDs of the router and of static routes",
      topology(
        "eid-ranges: [ 9-40 ]",
        a: "eid: 10, discovery: { addresses: [ { eid: »9, pool: 3 } ] }",
        b: "eid: 10, discovery: { addresses: [ { address: 0x1d, eid: »17, pool: 3 },\n"
          + "    { address: 0x1e, eid: »20 }, { address: 0x1f, eid: »10 } ] }",
        "routes:\n  - { eids: 20, port: b, address: 0x1d }\n  - { eids: 21-23, port: a }\n"
          + "endpoints: [ { uuid: \(uuid)1, eid: »10 }, { uuid: \(uuid)2, eid: »22 } ]\n"
      ).replacing("eid: 8, ", with: ""),
      [
        "error: EIDs 9-12 contain the router's own EID 10 | port `a` has it at line 4",
        "error: EID 20 of EIDs 17-20 has a static route | it is at line 8: remove it, the router "
          + "makes the routes to what it gives EIDs",
        "error: EID 20 has a static route | it is at line 8: remove it, the router makes the "
          + "routes to what it gives EIDs",
        "error: EID 10 is the router's own | port `a` has it at line 4",
        "error: EID 10 is the router's own | port `a` has it at line 4",
        "error: EID 22 has a static route | it is at line 9: remove it, the router makes the "
          + "routes to what it gives EIDs",
      ]),
    ProblemCase(
      "Pools that end beyond the EIDs, or beyond what a bridge gets",
      topology(
        "eid-ranges: [ 9-40 ], pool-max: 8",
        a: "discovery: { addresses: [ { eid: 250, pool: »5 } ] }",
        b: "discovery: { addresses: [ { address: 0x1d, pool: »9 },\n"
          + "    { address: 0x1e, eid: 246, pool: 8 } ] }"),
      [
        "error: EID 250 and a pool of 5 end beyond 254 | "
          + "a pool is right after the bridge's own EID: 4 fit there",
        "warning: a pool of 9 is expected, `pool-max` is 8 | the bridge gets 8 at most",
      ]),
    ProblemCase(
      "UUIDs of others, and a network without ports",
      topology(
        "eid-ranges: [ 9-40 ], uuid: \(uuid)1", b: "network: 2",
        "routes: [ { eids: 30, port: a, uuid: \(uuid)2 } ]\n"
          + "endpoints:\n  - { uuid: »\(uuid)1, eid: 20 }\n  - { uuid: »\(uuid)2, eid: 21 }\n"
          + "  - { uuid: \(uuid)2, eid: 21, network: 2 }\n  - { uuid: \(uuid)3, eid: 22 }\n"
          + "  - { uuid: »\(uuid)3, eid: 23 }\n  - { uuid: \(uuid)4, eid: 24, network: »3 }\n"),
      [
        "error: this is the router's own UUID | the router has it at line 2; its EIDs are given "
          + "at `router` and `ports`",
        "error: a static route has EID 30 for this UUID | it is at line 6: remove one of them",
        "error: two endpoints of network 1 have this UUID | the other one is at line 11",
        "error: no port is in network 3 | the ports are in network `1` and `2`",
      ]),
    ProblemCase(
      "A simulated device with an EID needs no route where devices are looked for",
      "version: 1\nrouter: { name: r, eid: 8, eid-ranges: [ 9-20 ] }\nports:\n"
        + "  - { name: a, bus: i3c, device: simulated, discovery: {} }\n"
        + "  - { name: b, bus: i3c, device: simulated }\n"
        + "devices:\n  - { name: x, port: a, address: 0x04cc00000001, eid: 30 }\n"
        + "  - { name: y, port: b, address: 0x04cc00000002, eid: »31 }\n",
      ["warning: no route leads to EID 31 of device `y` | add one to `routes` with `eids: 31`"]),
  ]

  @Test("Ranges of EIDs", arguments: rangeCases)
  func eidRanges(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Ports with nothing to give", arguments: nothingCases)
  func givers(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("EIDs that are kept for one device", arguments: fixedCases)
  func fixedEIDs(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }
}
