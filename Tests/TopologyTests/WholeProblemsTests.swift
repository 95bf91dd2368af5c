import TestSupport
import Testing
import Topology

/// Two I2C ports, `a` (line 4) and `b` (line 5), in one network; `rest` begins in line 6.
private func twoPorts(_ rest: String) -> String {
  "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
    + "  - { name: a, bus: i2c, device: simulated, address: 0x10 }\n"
    + "  - { name: b, bus: i2c, device: simulated, address: 0x11 }\n" + rest
}

/// One port of each bus, `a` I2C, `b` I3C, `c` serial and simulated, `d` serial and real; `rest`
/// begins in line 8.
private func allBuses(_ rest: String) -> String {
  "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
    + "  - { name: a, bus: i2c, device: simulated, address: 0x10 }\n"
    + "  - { name: b, bus: i3c, device: simulated }\n"
    + "  - { name: c, bus: serial, device: simulated }\n"
    + "  - { name: d, bus: serial, device: /dev/ttyS1 }\n" + rest
}

@Suite("What is wrong with a topology as a whole")
struct WholeProblemsTests {
  static let portCases = [
    ProblemCase(
      "Names and numbers twice",
      "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
        + "  - { name: a, bus: i3c, device: simulated }\n"
        + "  - { name: »a, bus: i3c, device: simulated, number: 5 }\n"
        + "  - { name: c, bus: i3c, device: simulated, number: »5 }\n"
        + "  - { name: d, bus: i3c, device: simulated, number: »0 }\n",
      [
        "error: two ports are named `a` | the other one is at line 4",
        "error: port `c` and port `a` both have number 5 | the other one is at line 5",
        "error: port `d` and port `a` both have number 0 | port `a` (line 4) has it by its place "
          + "in the list, counted from 0",
      ]),
    ProblemCase(
      "Numbers with a gap",
      "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
        + "  - { name: a, bus: i3c, device: simulated }\n"
        + "  - { name: b, bus: i3c, device: simulated, number: »2 }\n",
      [
        "error: port `b` has number 2, and there are 2 ports | numbers run from 0 to 1 without gaps"
      ]),
    ProblemCase(
      "A number that a later port has by its place",
      "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
        + "  - { name: a, bus: i3c, device: simulated, number: »1 }\n"
        + "  - { name: b, bus: i3c, device: simulated }\n",
      [
        "error: port `a` and port `b` both have number 1 | port `b` (line 5) has it by its place "
          + "in the list, counted from 0"
      ]),
    ProblemCase(
      "The same serial device twice",
      "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
        + "  - { name: a, bus: serial, device: /dev/ttyS1 }\n"
        + "  - { name: b, bus: serial, device: »/dev/ttyS1 }\n",
      [
        "error: port `b` and port `a` use the same device `/dev/ttyS1` | the other one is at line 4"
      ]),
    ProblemCase(
      "More than 64 bytes on a serial line",
      "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
        + "  - { name: a, bus: serial, device: /dev/ttyS1, transmission-unit: »65 }\n",
      [
        "warning: Linux takes no serial packets with more than 64 bytes of payload | "
          + "64 is safe; more works only with another peer"
      ]),
    ProblemCase(
      "33 ports",
      "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
        + (0..<32).map { "  - { name: p\($0), bus: i3c, device: simulated }\n" }.joined()
        + "  - »{ name: p32, bus: i3c, device: simulated }\n",
      ["error: `ports` has 33 elements; at most 32 are allowed"]),
    ProblemCase(
      "Addresses of the router that are reserved or unwise",
      "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
        + [
          "0x07", "0x20", "0x78", "0xf0", "0x0c", "0x61", "0x08", "0x28", "0x37", "0x04cc00000001",
        ]
        .enumerated().map { index, address in
          "  - { name: p\(index), bus: i2c, device: simulated, address: "
            + (address == "0x20" ? "" : "»") + "\(address) }\n"
        }.joined(),
      [
        "error: `address` must be 0x08 to 0x77, not 0x07 | "
          + "this address is reserved by the I2C specification",
        "error: `address` must be 0x08 to 0x77, not 0x78 | "
          + "I2C addresses have seven bits here: 0x78 shifted right is 0x3c",
        "error: `address` must be 0x08 to 0x77, not 0xf0 | "
          + "I2C addresses have seven bits here: 0xf0 shifted right is 0x78",
        "error: 0x0c is the SMBus alert response address | "
          + "every device that raised an alert answers there: choose another",
        "error: 0x61 is the SMBus device default address | "
          + "every device that takes part in address resolution answers there: choose another",
        "warning: 0x08 is the SMBus host address | "
          + "host notify messages go there: another address is safer",
        "warning: 0x28 is set aside by SMBus for ACCESS.bus | another address is safer",
        "warning: 0x37 is set aside by SMBus for ACCESS.bus | another address is safer",
        "error: `address` must be 0x08 to 0x77, not 0x4cc00000001 | "
          + "an i2c bus has 7-bit addresses; provisioned IDs are for i3c",
      ]),
    ProblemCase(
      "Ports with an address too many, or none",
      "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
        + "  - »{ name: a, bus: i2c, device: simulated }\n"
        + "  - { name: b, bus: i3c, device: simulated, »address: 0x10 }\n"
        + "  - { name: c, bus: serial, device: simulated, »address: 0x10 }\n",
      [
        "error: a port on an i2c bus needs `address` | the 7-bit target address, such as `0x1d`",
        "error: an i3c port has no `address` of its own | "
          + "the router is the controller of the bus: remove it",
        "error: a serial port has no `address` of its own | remove it",
      ]),
    ProblemCase(
      "Networks",
      minimal + "networks:\n  - { number: »2 }\n  - { number: 1 }\n  - { number: »1 }\n",
      [
        "error: no port is in network 2 | the ports are in network `1`",
        "error: network 1 is listed twice | the other one is at line 7",
      ]),
  ]

  static let eidCases = [
    ProblemCase(
      "single: no EID and nobody to assign one",
      "version: 1\nrouter: »{ name: r }\nports:\n"
        + "  - { name: a, bus: i3c, device: simulated }\n"
        + "  - { name: b, bus: i3c, device: simulated, network: 2 }\n",
      [
        "error: the router needs `eid` | no bus owner assigns it one in network 1: no port there "
          + "has role `endpoint`"
      ]),
    ProblemCase(
      "single: two EIDs in one network",
      "version: 1\nrouter: { name: r }\nports:\n"
        + "  - { name: a, bus: i3c, device: simulated, eid: 8 }\n"
        + "  - { name: b, bus: i3c, device: simulated, eid: »9 }\n",
      [
        "error: port `b` has EID 9, port `a` of the same network 8 | "
          + "eid-policy `single` means one EID in a network (line 4); `per-port` has several"
      ]),
    ProblemCase(
      "single: an EID that is used nowhere",
      "version: 1\nrouter: { name: r, eid: »8 }\nports:\n"
        + "  - { name: a, bus: i3c, device: simulated, eid: 9 }\n",
      [
        "error: `eid` 8 of the router is used in no network | "
          + "every network has a port with its own `eid`: remove the one or the others"
      ]),
    ProblemCase(
      "per-port: missing, superfluous and equal",
      "version: 1\nrouter: { name: r, »eid: 8, eid-policy: per-port }\nports:\n"
        + "  - »{ name: a, bus: i3c, device: simulated }\n"
        + "  - »{ name: b, bus: i3c, device: simulated, role: peer }\n"
        + "  - { name: c, bus: i3c, device: simulated, eid: 9 }\n"
        + "  - { name: d, bus: i3c, device: simulated, eid: »9 }\n"
        + "  - { name: e, bus: i3c, device: simulated, eid: 9, network: 2 }\n",
      [
        "error: with eid-policy `per-port` the EIDs belong to the ports | "
          + "remove `eid` here and give it to the ports, or choose `single`",
        "error: port `a` needs `eid` | "
          + "with eid-policy `per-port` and no port with role `endpoint` nobody assigns it one",
        "error: port `b` needs `eid` | nobody assigns EIDs on a bus with role `peer`",
        "error: port `d` and port `c` have the same EID 9 | the other one is at line 6; "
          + "eid-policy `single` has one EID for all ports",
      ]),
    ProblemCase(
      "per-upstream-port: missing and superfluous",
      "version: 1\nrouter: { name: r, eid-policy: »per-upstream-port }\nports:\n"
        + "  - { name: a, bus: i3c, device: simulated, »eid: 8 }\n"
        + "  - »{ name: b, bus: i3c, device: simulated, role: peer }\n"
        + "  - { name: c, bus: i3c, device: simulated, network: 2 }\n",
      [
        "error: the router has no EID in network 2: it owns every bus there | choose eid-policy "
          + "`single` or `per-port`, or give a port role `endpoint` or `peer`",
        "error: port `a` must not have `eid` | with eid-policy `per-upstream-port` the router has "
          + "no EID on buses that it owns; `per-port` has one",
        "error: port `b` needs `eid` | nobody assigns EIDs on a bus with role `peer`",
      ]),
  ]

  static let routeCases = [
    ProblemCase(
      "Overlapping ranges, equal singles and the router's own EID",
      allBuses(
        "routes:\n  - { eids: 20-27, port: d }\n  - { eids: »25-30, port: d }\n"
          + "  - { eids: 22, port: d }\n  - { eids: »22, port: d }\n"
          + "  - { eids: »8, port: d }\n"),
      [
        "error: EIDs 25-30 through port `d` overlap 20-27 through port `d` | "
          + "that range is at line 9; only single EIDs may lie inside a range",
        "error: EID 22 through port `d` has another route through port `d` | "
          + "that one is at line 11: remove one of them",
        "error: EID 8 is the router's own | the router has it at line 2",
      ]),
    ProblemCase(
      "A range over two others and the router",
      "version: 1\nrouter: { name: r, eid: 30 }\nports:\n"
        + "  - { name: a, bus: serial, device: /dev/ttyS1 }\n"
        + "  - { name: b, bus: serial, device: /dev/ttyS2 }\n"
        + "routes:\n  - { eids: 20-22, port: a }\n  - { eids: 40-41, port: b }\n"
        + "  - { eids: »»»22-40, port: b }\n",
      [
        "error: the range 22-40 contains the router's own EID 30 | the router has it at line 2",
        "error: EIDs 22-40 through port `b` overlap 20-22 through port `a` | "
          + "that range is at line 7; only single EIDs may lie inside a range",
        "error: EIDs 22-40 through port `b` overlap 40-41 through port `b` | "
          + "that range is at line 8; only single EIDs may lie inside a range",
      ]),
    ProblemCase(
      "EIDs that are none",
      allBuses(
        "routes:\n  - { eids: »27-20, port: d }\n  - { eids: »5-9, port: d }\n"
          + "  - { eids: »250-255, port: d }\n  - { eids: »all, port: d }\n"
          + "  - { eids: »020-27, port: d }\n  - { eids: »[ 9 ], port: d }\n"
          + "  - { eids: »20-, port: d }\n"),
      [
        "error: the range 27-20 runs backwards | write `20-27`",
        "error: EIDs must be 8 to 254, not 5 | EIDs 1 to 7 are reserved",
        "error: EIDs must be 8 to 254, not 255 | 255 is the broadcast EID",
        "error: `eids`: `all` is no EID and no range | "
          + "one EID, or `first-last` without blanks: `20-27`",
        "error: `eids`: `020` is ambiguous: decimal for some readers, octal for others | "
          + "write 20, or 16 if it is octal",
        "error: `eids` must be an EID or a range `first-last`, not a list",
        "error: `eids`: `20-` is no EID and no range | "
          + "one EID, or `first-last` without blanks: `20-27`",
      ]),
    ProblemCase(
      "Unknown ports",
      twoPorts("routes:\n  - { eids: 9, port: »z1, address: 0x1d }\n").replacing(
        "name: b", with: "name: serial-b")
        + "  - { eids: 10, port: »serail-b, address: 0x1d }\n",
      [
        "error: there is no port `z1` | the ports are `a` and `serial-b`",
        "error: there is no port `serail-b` | did you mean `serial-b`?",
      ]),
    ProblemCase(
      "Addresses of the wrong kind",
      allBuses(
        "routes:\n  - { eids: 9, port: a, address: »0x04cc00000001 }\n"
          + "  - { eids: 10, port: b, address: »0x1d }\n"
          + "  - { eids: 11, port: b, address: »0x1000000000000 }\n"
          + "  - { eids: 12, port: d, »address: 0x1d }\n"
          + "  - »{ eids: 13, port: a }\n  - »{ eids: 14, port: b }\n"),
      [
        "error: `address` must be 0x08 to 0x77, not 0x4cc00000001 | "
          + "an i2c bus has 7-bit addresses; provisioned IDs are for i3c",
        "error: `address` must be 0x80 to 0xffffffffffff, not 0x1d | "
          + "I3C devices are named by their 48-bit provisioned ID; dynamic addresses change",
        "error: `address` must be 0x80 to 0xffffffffffff, not 0x1000000000000 | "
          + "a provisioned ID has 48 bits",
        "error: a serial line has no addresses | "
          + "remove `address`: there is one device at the other end",
        "error: a route on an i2c bus needs `address` | "
          + "the 7-bit target address, such as `0x1d`",
        "error: a route on an i3c bus needs `address` | "
          + "the 48-bit provisioned ID of the device",
      ]),
    ProblemCase(
      "Types that do not fit the number of EIDs",
      allBuses(
        "routes:\n  - { eids: 20-27, port: d, type: »endpoint }\n"
          + "  - { eids: 30-31, port: d, type: »bridge }\n"
          + "  - { eids: 9, port: d, type: »bridge-range }\n"
          + "  - { eids: 10, port: d, type: range }\n"
          + "  - { eids: 11, port: d, type: »brigde }\n"),
      [
        "error: type `endpoint` is for one EID, not for 20-27 | several EIDs are a `range`",
        "error: type `bridge` is for one EID, not for 30-31 | "
          + "a bridge and what is behind it is `bridge-range`",
        "error: type `bridge-range` needs EIDs behind the bridge | a bridge alone is `bridge`",
        "error: `type` must be `endpoint`, `bridge-range`, `bridge` or `range`, not `brigde` | "
          + "did you mean `bridge`?",
      ]),
    ProblemCase(
      "The router as its own next hop, and a path wider than its port",
      minimal
        + "routes:\n  - { eids: 9, port: a, address: »0x10, transmission-unit: »65 }\n"
        + "devices:\n  - { name: x, port: a, address: »0x10 }\n",
      [
        "error: 0x10 is the router's own address on port `a` | a next hop is another device",
        "error: the path takes 65 bytes, port `a` only 64 | "
          + "`transmission-unit` of a route can only be smaller",
        "error: device `x` has the router's own address 0x10 on port `a` | give it another one",
      ]),
  ]

  static let deviceCases = [
    ProblemCase(
      "Twice the same name, address, EID, or line",
      allBuses(
        "routes:\n  - { eids: 9, port: a, address: 0x1d }\n"
          + "devices:\n  - { name: x, port: a, address: 0x1d, eid: 9 }\n"
          + "  - { name: »x, port: a, address: 0x1e, eid: »9 }\n"
          + "  - { name: y, port: a, address: »0x1d, eid: »8 }\n"
          + "  - { name: z, port: c }\n  - { name: w, port: »c }\n"),
      [
        "error: two devices are named `x` | the other one is at line 11",
        "error: device `x` and device `x` have the same EID 9 | the other one is at line 11",
        "error: device `y` and device `x` have the same address 0x1d on port `a` | "
          + "the other one is at line 11",
        "error: device `y` has the router's own EID 8 | the router has it at line 2",
        "error: device `w` and device `z` are on one serial line | "
          + "a line has one device at its end; the other one is at line 14",
      ]),
    ProblemCase(
      "On a real port, and interrupts where there are none",
      allBuses(
        "devices:\n  - { name: x, port: »d }\n"
          + "  - { name: y, port: a, address: 0x1d, »interrupts: true }\n"
          + "  - { name: z, port: b, address: 0x04cc00000001, interrupts: »yes }\n"),
      [
        "error: port `d` is not simulated, device `x` cannot be on it | "
          + "`devices` are simulated ones; real ones need routes only",
        "error: `interrupts` is for devices on i3c, not on i2c | remove it",
        "error: `interrupts` must be `true` or `false`, not `yes` | "
          + "editions of YAML disagree about other words",
      ]),
    ProblemCase(
      "Routes and devices that do not meet are warnings",
      allBuses(
        "routes:\n  - { eids: 9, port: a, address: »0x1d }\n  - { eids: 10, port: »c }\n"
          + "  - { eids: 20-27, port: a, address: 0x1e }\n"
          + "devices:\n  - { name: x, port: a, address: 0x1e, eid: »9 }\n"
          + "  - { name: y, port: b, address: 0x04cc00000001, eid: »11 }\n"
          + "  - { name: z, port: a, address: 0x1f, eid: »21, transmission-unit: »128 }\n"),
      [
        "warning: no device is simulated at 0x1d on port `a` | "
          + "packets to 9 will get no answer: add one to `devices`",
        "warning: no device is simulated on port `c` | "
          + "packets to 10 will get no answer: add one to `devices`",
        "warning: the route to EID 9 leads to 0x1d on port `a`, device `x` is at 0x1e on port `a` | "
          + "the route is at line 9",
        "warning: no route leads to EID 11 of device `y` | add one to `routes` with `eids: 11`",
        "warning: the route to EID 21 leads to 0x1e on port `a`, device `z` is at 0x1f on port "
          + "`a` | the route is at line 11",
        "warning: device `z` may send 128 bytes, port `a` takes 64 | "
          + "its larger packets will be dropped",
      ]),
  ]

  @Test("Ports and networks", arguments: portCases)
  func ports(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("The router's own EIDs", .spec("DSP0236 1.3.3 §8"), arguments: eidCases)
  func eids(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Routes", .spec("DSP0236 1.3.3 §12, command 0x0A"), arguments: routeCases)
  func routes(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Devices", arguments: deviceCases)
  func devices(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }
}
