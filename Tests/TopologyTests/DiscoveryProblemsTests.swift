import TestSupport
import Testing
import Topology

/// A topology with these ports, the first in line 4, whose router has EIDs to give.
private func owned(_ ports: String...) -> String {
  "version: 1\nrouter: { name: r, eid: 8, eid-ranges: [ 8-40 ] }\nports:\n"
    + ports.map { "  - \($0)\n" }.joined()
}

/// I2C port `a` with this discovery.
private func i2c(_ discovery: String) -> String {
  owned("{ name: a, bus: i2c, device: mctpi2c1, address: 0x10, discovery: \(discovery) }")
}

private func i3c(_ discovery: String) -> String {
  owned("{ name: a, bus: i3c, device: mctpi3c1, discovery: \(discovery) }")
}

private func serial(_ discovery: String) -> String {
  owned("{ name: a, bus: serial, device: /dev/ttyS1, discovery: \(discovery) }")
}

@Suite("Wrong discovery in topologies")
struct DiscoveryProblemsTests {
  static let valueCases = [
    ProblemCase(
      "No mapping", owned("{ name: a, bus: i3c, device: simulated, discovery: »true }"),
      [
        "error: the discovery of a port must be a mapping, not `true` | with the keys `addresses`, "
          + "`scan`, `probe`, `notify`, `reported`, `interval`, `health`, `parallel` and `timeout`"
      ]),
    ProblemCase(
      "Unknown keys", i2c("{ addresses: [ { address: 0x1d, »ied: 9 } ], »scna: [ 0x20 ] }"),
      [
        "error: unknown key `ied` in an expected device | did you mean `eid`?",
        "error: unknown key `scna` in the discovery of a port | did you mean `scan`?",
      ]),
    ProblemCase(
      "Numbers below their ranges",
      i3c(
        "{ interval: »99, health: »1, parallel: »0, timeout: »299,\n"
          + "      addresses: [ { address: 0x80, eid: »7, pool: »247 } ] }"),
      [
        "error: `interval` must be 100 to 600000, not 99 | in milliseconds",
        "error: `health` must be 0 or 1000 to 3600000, not 1 | in milliseconds",
        "error: `parallel` must be 1 to 8, not 0",
        "error: `timeout` must be 300 to 3000, not 299 | an endpoint may take that long to answer",
        "error: `eid` must be 8 to 254, not 7 | EIDs 1 to 7 are reserved",
        "error: `pool` must be 0 to 246, not 247",
      ]),
    ProblemCase(
      "Numbers beyond their ranges",
      i3c("{ interval: »600001, health: »3600001, parallel: »9, timeout: »3001 }"),
      [
        "error: `interval` must be 100 to 600000, not 600001 | in milliseconds",
        "error: `health` must be 0 or 1000 to 3600000, not 3600001 | in milliseconds",
        "error: `parallel` must be 1 to 8, not 9",
        "error: `timeout` must be 300 to 3000, not 3001 | "
          + "two repetitions must fit the 6 s that an instance ID lasts",
      ]),
    ProblemCase(
      "Words that are no booleans", serial("{ probe: »yes, notify: »'true' }"),
      [
        "error: `probe` must be `true` or `false`, not `yes` | "
          + "editions of YAML disagree about other words",
        "error: `notify` must be `true` or `false`, not `true` | remove the quotes",
      ]),
    ProblemCase(
      "Pools of the router",
      "version: 1\nrouter: { name: r, eid: 8, pool-max: »247, pool-reserve: »300 }\n"
        + "ports: [ { name: a, bus: i3c, device: simulated } ]\n",
      [
        "error: `pool-max` must be 0 to 246, not 247",
        "error: `pool-reserve` must be 0 to 246, not 300",
      ]),
    ProblemCase(
      "Lists that are none", i2c("{ addresses: »0x1d, scan: »0x20-0x27 }"),
      [
        "error: `addresses` must be a list, not `0x1d` | begin each element with `- `",
        "error: `scan` must be a list, not `0x20-0x27` | begin each element with `- `",
      ]),
    ProblemCase(
      "113 devices",
      i3c(
        "{ addresses: [ "
          + (0..<113).map { ($0 == 112 ? "»" : "") + "\(0x04CC_0000_0000 + $0)" }
          .joined(separator: ", ") + " ] }"),
      ["error: `addresses` has 113 elements; at most 112 are allowed"]),
    ProblemCase(
      "33 scans",
      i2c(
        "{ scan: [ "
          + (0..<33).map { ($0 == 32 ? "»" : "") + "\(0x11 + $0)" }.joined(separator: ", ")
          + " ] }"),
      ["error: `scan` has 33 elements; at most 32 are allowed"]),
  ]

  static let addressCases = [
    ProblemCase(
      "Elements of the wrong kind, standing alone or in mappings",
      i2c(
        "{ addresses: [ »[ 0x1d ], »~, »big, »'0x1d', »0x3a1, »0x07, »0x78, »0x0c, »0x61, »0x08,\n"
          + "    { address: »0x0c }, »{ eid: 20 } ] }"),
      [
        "error: an expected device must be an address or a mapping, not a list | "
          + "with the keys `address`, `eid` and `pool`",
        "error: an address has no value | it must be a number",
        "error: an address: `big` is not a number | a decimal number, or hexadecimal with 0x",
        "error: an address must be a number, not text | remove the quotes",
        "error: an address must be 0x08 to 0x77, not 0x3a1 | "
          + "an i2c bus has 7-bit addresses; provisioned IDs are for i3c",
        "error: an address must be 0x08 to 0x77, not 0x07 | "
          + "this address is reserved by the I2C specification",
        "error: an address must be 0x08 to 0x77, not 0x78 | "
          + "I2C addresses have seven bits here: 0x78 shifted right is 0x3c",
        "error: 0x0c is the SMBus alert response address | "
          + "every device that raised an alert answers there: choose another",
        "error: 0x61 is the SMBus device default address | "
          + "every device that takes part in address resolution answers there: choose another",
        "warning: 0x08 is the SMBus host address | "
          + "host notify messages go there: another address is safer",
        "error: 0x0c is the SMBus alert response address | "
          + "every device that raised an alert answers there: choose another",
        "error: an expected device on an i2c bus needs `address` | "
          + "the 7-bit target address, such as `0x1d`",
      ]),
    ProblemCase(
      "No provisioned IDs", i3c("{ addresses: [ »0x1d, »0x1000000000000, { address: »0x1d } ] }"),
      [
        "error: an address must be 0x80 to 0xffffffffffff, not 0x1d | "
          + "I3C devices are named by their 48-bit provisioned ID; dynamic addresses change",
        "error: an address must be 0x80 to 0xffffffffffff, not 0x1000000000000 | "
          + "a provisioned ID has 48 bits",
        "error: `address` must be 0x80 to 0xffffffffffff, not 0x1d | "
          + "I3C devices are named by their 48-bit provisioned ID; dynamic addresses change",
      ]),
    ProblemCase(
      "Addresses where there are none",
      owned(
        "{ name: a, bus: serial, device: /dev/ttyS1, discovery: { addresses: [ »0x1d ] } }",
        "{ name: b, bus: usb, device: mctpusb0, discovery: { addresses: [ { »address: 9 } ] } }",
        "{ name: c, bus: link, device: mctp0, discovery: { addresses: [ { eid: 9 }, »{ } ] } }"),
      [
        "error: a serial line has no addresses | "
          + "there is one device at the other end: `{ eid: 9 }` says which EID it gets",
        "error: a usb port has no addresses | "
          + "remove `address`: there is one device at the other end",
        "error: a link port has one device at its end | `addresses` has 2 elements",
      ]),
    ProblemCase(
      "The same device twice, and the router itself",
      owned(
        "{ name: a, bus: i2c, device: mctpi2c1, address: 0x10, discovery: { addresses: [ 0x1d,\n"
          + "    { address: »0x1d }, »0x10 ] } }",
        "{ name: b, bus: i3c, device: mctpi3c1, discovery: { addresses: [ 0x04cc00000001,\n"
          + "    »0x04cc00000001 ] } }"),
      [
        "error: 0x1d is listed twice on port `a` | the other one is at line 4",
        "error: 0x10 is the router's own address on port `a` | an expected device is another one",
        "error: 0x4cc00000001 is listed twice on port `b` | the other one is at line 6",
      ]),
    ProblemCase(
      "Nobody is simulated there",
      owned(
        "{ name: a, bus: i2c, device: simulated, address: 0x10, discovery: { addresses: [ 0x1d,\n"
          + "    { address: »0x1e } ] } }")
        + "devices: [ { name: x, port: a, address: 0x1d, eid: 9 } ]\n",
      [
        "warning: no device is simulated at 0x1e on port `a` | "
          + "it will be asked and never answer: add one to `devices`"
      ]),
  ]

  static let scanCases = [
    ProblemCase(
      "No addresses and no ranges",
      i2c(
        "{ scan: [ »all, »0x27-0x20, »0x07-0x10, »0x70-0x78, »020, »0x20-, »[ 0x20 ], »0x3a1, "
          + "»-0x20, »~ ] }"),
      [
        "error: `all` is no address and no range | "
          + "one address, or `first-last` without blanks: `0x10-0x1f`",
        "error: the range 0x27-0x20 runs backwards | write `0x20-0x27`",
        "error: an address to scan must be 0x08 to 0x77, not 0x07 | "
          + "this address is reserved by the I2C specification",
        "error: an address to scan must be 0x08 to 0x77, not 0x78 | "
          + "I2C addresses have seven bits here: 0x78 shifted right is 0x3c",
        "error: `020` is ambiguous: decimal for some readers, octal for others | "
          + "write 20, or 16 if it is octal",
        "error: `0x20-` is no address and no range | "
          + "one address, or `first-last` without blanks: `0x10-0x1f`",
        "error: an address to scan must be an address or a range `first-last`, not a list",
        "error: an address to scan must be 0x08 to 0x77, not 0x3a1 | "
          + "an i2c bus has 7-bit addresses; provisioned IDs are for i3c",
        "error: `-0x20` is no address and no range | "
          + "one address, or `first-last` without blanks: `0x10-0x1f`",
        "error: an address to scan has no value | it must be an address or a range `first-last`",
      ]),
    ProblemCase(
      "Addresses twice, and those that are somebody else's",
      i2c("{ scan: [ 0x20-0x27,\n    »0x26-0x30, »0x27, »0x10, »0x0c, »0x61 ] }"),
      [
        "error: the scan of 0x26-0x30 overlaps 0x20-0x27 | that one is at line 4",
        "error: the scan of 0x27 overlaps 0x20-0x27 | that one is at line 4",
        "error: 0x10 is the router's own address on port `a` | no other device is there: remove it",
        "error: 0x0c is an address that SMBus has for itself | many devices answer there: remove it",
        "error: 0x61 is an address that SMBus has for itself | many devices answer there: remove it",
      ]),
    ProblemCase(
      "Addresses of EEPROMs are warned of",
      i2c("{ scan: [ »0x40-0x50, »0x57, 0x58-0x60 ] }"),
      [
        "warning: the scan of 0x40-0x50 may write to EEPROMs | they are at 0x50-0x57, and asking "
          + "is a write: scan there only where there is none",
        "warning: the scan of 0x57 may write to EEPROMs | they are at 0x50-0x57, and asking "
          + "is a write: scan there only where there is none",
      ]),
  ]

  static let portCases = [
    ProblemCase(
      "Ports that the router does not own",
      owned(
        "{ name: a, bus: i3c, device: mctpi3c1, role: endpoint, »discovery: {} }",
        "{ name: b, bus: i3c, device: mctpi3c2, role: peer, »discovery: {} }",
        "{ name: c, bus: i3c, device: mctpi3c3, role: owner, network: 2, discovery: {} }",
        "{ name: d, bus: i3c, device: mctpi3c4, role: »onwer, discovery: {} }"),
      [
        "error: `discovery` is for ports with role `owner`, port `a` has role `endpoint` | "
          + "the owner there gives the EIDs: remove it",
        "error: `discovery` is for ports with role `owner`, port `b` has role `peer` | "
          + "nobody gives EIDs on a bus with role `peer`: remove it",
        "error: `role` must be `owner`, `endpoint` or `peer`, not `onwer` | "
          + "did you mean `owner`?",
      ]),
    ProblemCase(
      "Keys of another bus",
      owned(
        "{ name: a, bus: i2c, device: mctpi2c1, address: 0x10,\n"
          + "    discovery: { addresses: [ 0x1d ], »probe: true, »reported: true } }",
        "{ name: b, bus: i3c, device: mctpi3c1, discovery: { »scan: [ 9 ], »probe: false } }",
        "{ name: c, bus: serial, device: /dev/ttyS1, discovery: { »scan: [], »reported: true } }",
        "{ name: d, bus: usb, device: mctpusb0, discovery: { »scan: [], »reported: true } }"),
      [
        "error: `probe` is for ports without addresses, not for i2c | "
          + "list the devices at `addresses`, or `scan`",
        "error: `reported` is for i3c ports, not for i2c | remove it",
        "error: `scan` is for i2c ports, not for i3c | remove it",
        "error: `probe` is for ports without addresses, not for i3c | "
          + "list the devices at `addresses`",
        "error: `scan` is for i2c ports, not for serial | remove it",
        "error: `reported` is for i3c ports, not for serial | remove it",
        "error: `scan` is for i2c ports, not for usb | remove it",
        "error: `reported` is for i3c ports, not for usb | remove it",
      ]),
    ProblemCase(
      "An unknown bus is the only thing reported",
      owned(
        "{ name: a, bus: »i2d, device: x, discovery: { probe: true, scan: [ 9 ], "
          + "addresses: [ 0x1d, { address: 0x1e } ] } }"),
      [
        "error: `bus` must be `i2c`, `i3c`, `serial`, `usb` or `link`, not `i2d` | "
          + "did you mean `i2c`?"
      ]),
    ProblemCase(
      "Who looks nowhere is warned",
      owned(
        "{ name: a, bus: i2c, device: mctpi2c1, address: 0x10, »discovery: {} }",
        "{ name: b, bus: i3c, device: mctpi3c1, »discovery: { reported: false } }",
        "{ name: c, bus: serial, device: /dev/ttyS1, »discovery: { probe: false } }",
        "{ name: d, bus: i2c, device: mctpi2c2, address: 0x10, discovery: { scan: [ 0x20 ] } }"),
      [
        "warning: port `a` looks for nobody | `addresses` and `scan` say where to look; "
          + "without it devices must announce themselves",
        "warning: port `b` looks for nobody | `reported` takes what the bus reports, `addresses` "
          + "are asked; without it devices must announce themselves",
        "warning: port `c` looks for nobody | `probe` asks who is at the other end; "
          + "without it devices must announce themselves",
      ]),
    ProblemCase(
      "Expected and not asked", serial("{ »probe: false, addresses: [ { eid: 20 } ] }"),
      [
        "error: `probe` is false, and a device is expected on port `a` | "
          + "remove `probe` or `addresses`"
      ]),
  ]

  @Test("Values of discovery", arguments: valueCases)
  func values(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Expected devices", arguments: addressCases)
  func addresses(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Scans", arguments: scanCases)
  func scans(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Ports that look for devices", arguments: portCases)
  func ports(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }
}
