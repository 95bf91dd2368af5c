import Testing
import Topology

/// `minimal` with `keys` at the end of its router line.
private func router(_ keys: String) -> String {
  "version: 1\nrouter: { name: r, eid: 8\(keys) }\n"
    + "ports: [ { name: a, bus: i2c, device: simulated, address: 0x10 } ]\n"
}

/// `minimal` with another port.
private func port(_ keys: String) -> String {
  "version: 1\nrouter: { name: r, eid: 8 }\nports:\n  - \(keys)\n"
}

@Suite("Wrong keys and values in topologies")
struct ValueProblemsTests {
  static let keyCases = [
    ProblemCase(
      "Unknown keys with the nearest known one",
      port("{ name: a, bus: i2c, device: simulated, address: 0x10, »adress: 0x11, »sped: 1 }")
        + "»route: []\n",
      [
        "error: unknown key `adress` in a port | did you mean `address`?",
        "error: unknown key `sped` in a port | did you mean `speed`?",
        "error: unknown key `route` in a topology | did you mean `routes`?",
      ]),
    ProblemCase(
      "Unknown key that is near to none", minimal + "admin: { socket: /a, »colour: red }\n",
      ["error: unknown key `colour` in the admin section | known here: `socket`"]),
    ProblemCase(
      "MTU is another number than the transmission unit",
      port("{ name: a, bus: i2c, device: simulated, address: 0x10, »mtu: 68 }"),
      [
        "error: unknown key `mtu` in a port | `transmission-unit` is the payload without the "
          + "packet header: an MTU of 68 is 64"
      ]),
    ProblemCase(
      "Escape sequences do not reach the terminal", minimal + "»\"\\e[31mred\": 1\n",
      [
        "error: unknown key `\\u{1b}[31mred` in a topology | known here: `version`, `router`, "
          + "`admin`, `networks`, `ports`, `routes`, `devices` and `endpoints`"
      ]),
    ProblemCase(
      "Missing keys of the document", "»»»routes: []\n",
      [
        "error: a topology needs `version`", "error: a topology needs `router`",
        "error: a topology needs `ports`",
      ]),
    ProblemCase(
      "Missing keys of every mapping",
      "version: 1\nrouter: »{ eid: 8 }\nports: [ »»{ name: a }, ]\nroutes: [ »{ port: a } ]\n"
        + "devices: [ »{ port: a } ]\nnetworks: [ »{} ]\nadmin: »{}\n",
      [
        "error: the router needs `name`",
        "error: a port needs `bus`",
        "error: a port needs `device`",
        "error: a route needs `eids`",
        "error: a device needs `name`",
        "error: a network needs `number`",
        "error: the admin section needs `socket`",
      ]),
    ProblemCase(
      "An unknown version is the only thing reported", "version: »2\nrooter: 1\n",
      ["error: topology version 2 is not known here | this program reads version 1"]),
    ProblemCase(
      "No ports", "version: 1\nrouter: { name: r, eid: 8 }\nports: »[]\n",
      ["error: `ports` needs at least 1 element"]),
    ProblemCase(
      "Mapping where a list belongs", "version: 1\nrouter: { name: r, eid: 8 }\nports: »{ a: 1 }\n",
      ["error: `ports` must be a list, not a mapping | begin each element with `- `"]),
    ProblemCase(
      "Scalar where a list belongs", minimal + "routes: »none\n",
      ["error: `routes` must be a list, not `none` | begin each element with `- `"]),
    ProblemCase(
      "Nothing where a list belongs", minimal + "routes:»\ndevices: []\n",
      ["error: `routes` has no elements | remove the key or write `[]`"]),
    ProblemCase(
      "Scalar where a mapping belongs", minimal + "admin: »/run/a\n",
      [
        "error: the admin section must be a mapping, not `/run/a` | with the keys `socket`"
      ]),
    ProblemCase(
      "List where a scalar belongs", router(", uuid: »[ 1 ]"),
      ["error: `uuid` must be a UUID, not a list"]),
    ProblemCase(
      "Nothing where a scalar belongs", router(", uuid: »~"),
      ["error: `uuid` has no value | it must be a UUID"]),
  ]

  static let numberCases = [
    ProblemCase(
      "Octal or decimal", router(", message-types: [ »010, »08, »0o10 ]"),
      [
        "error: a message type: `010` is ambiguous: decimal for some readers, octal for others | "
          + "write 10, or 8 if it is octal",
        "error: a message type: `08` is ambiguous: decimal for some readers, octal for others | "
          + "write 8",
        "error: a message type: `0o10` is neither decimal nor hexadecimal | write 8 or 0x08",
      ]),
    ProblemCase(
      "Not a whole number",
      port(
        "{ name: a, bus: i2c, device: simulated, address: »1d, queue: »1e2, speed: »400_000, "
          + "network: »+1, number: »-1, eid: »8.0, transmission-unit: »\"64\" }"),
      [
        "error: `address`: `1d` is not a number | hexadecimal begins with 0x: `0x1d`",
        "error: `queue`: `1e2` is not a whole number | write it without point or e",
        "error: `speed`: `400_000` is not a number here | write `400000`",
        "error: `network`: `+1` has a sign | write `1`",
        "error: `number`: `-1` is negative | no number here is below 0",
        "error: `eid`: `8.0` is not a whole number | write it without point or e",
        "error: `transmission-unit` must be a number, not text | remove the quotes",
      ]),
    ProblemCase(
      "With a unit, and far too large",
      port(
        "{ name: a, bus: i2c, device: simulated, address: 0x10, speed: »400kHz, "
          + "queue: »99999999999999999999, network: »0x10000000000000000 }"),
      [
        "error: `speed`: `400kHz` is not a number | a decimal number, or hexadecimal with 0x",
        "error: `queue`: `99999999999999999999` is too large | no number here needs 64 bits",
        "error: `network`: `0x10000000000000000` is too large | no number here needs 64 bits",
      ]),
    ProblemCase(
      "A hundred thousand signs",
      router("").replacing(
        "eid: 8", with: "eid: »" + String(repeating: "+", count: 100_000)),
      [
        "error: `eid`: `" + String(repeating: "+", count: 40) + "…` is too long for a number | "
          + "shorten it"
      ]),
    ProblemCase(
      "EIDs that nobody may have",
      "version: 1\nrouter: { name: r, eid: »0 }\nports:\n"
        + "  - { name: a, bus: i2c, device: simulated, address: 0x10, eid: »7 }\n"
        + "  - { name: b, bus: i2c, device: simulated, address: 0x10, eid: »255 }\n"
        + "  - { name: c, bus: i2c, device: simulated, address: 0x10, eid: »256 }\n",
      [
        "error: `eid` must be 8 to 254, not 0 | 0 is the null EID, for endpoints that have none yet",
        "error: `eid` must be 8 to 254, not 7 | EIDs 1 to 7 are reserved",
        "error: `eid` must be 8 to 254, not 255 | 255 is the broadcast EID",
        "error: `eid` must be 8 to 254, not 256",
      ]),
    ProblemCase(
      "Out of range on I2C",
      port(
        "{ name: a, bus: i2c, device: simulated, address: 0x10, queue: »0, network: »256, "
          + "number: »32, transmission-unit: »251, speed: »3400000 }"),
      [
        "error: `queue` must be 1 to 1024, not 0",
        "error: `network` must be 1 to 255, not 256",
        "error: `number` must be 0 to 31, not 32",
        "error: `transmission-unit` must be 64 to 250, not 251 | "
          + "the byte count of an SMBus block has eight bits",
        "error: `speed` must be `100000`, `400000` or `1000000`, not 3400000 | the clock in Hz",
      ]),
    ProblemCase(
      "Out of range on a serial line",
      port(
        "{ name: a, bus: serial, device: simulated, queue: »1025, transmission-unit: »252, "
          + "speed: »110 }"),
      [
        "error: `queue` must be 1 to 1024, not 1025",
        "error: `transmission-unit` must be 64 to 251, not 252 | "
          + "the length of a serial frame has eight bits",
        "error: `speed` must be 300 to 4000000, not 110 | the baud rate",
      ]),
    ProblemCase(
      "Out of range on I3C",
      port(
        "{ name: a, bus: i3c, device: simulated, transmission-unit: »63, speed: »12500001 }"),
      [
        "error: `transmission-unit` must be 64 to 1024, not 63 | "
          + "64 bytes of payload is what every endpoint has to take",
        "error: `speed` must be 10000 to 12500000, not 12500001 | the clock in Hz",
      ]),
  ]

  static let wordCases = [
    ProblemCase(
      "Unknown words with the nearest known one",
      "version: 1\nrouter: { name: r, eid: 8, eid-policy: »per_port }\nports:\n"
        + "  - { name: a, bus: »I2C, device: simulated, role: »ownr, source-check: »on }\n",
      [
        "error: `eid-policy` must be `single`, `per-upstream-port` or `per-port`, not `per_port` | "
          + "did you mean `per-port`?",
        "error: `bus` must be `i2c`, `i3c`, `serial`, `usb` or `link`, not `I2C` | "
          + "did you mean `i2c`?",
        "error: `role` must be `owner`, `endpoint` or `peer`, not `ownr` | did you mean `owner`?",
        "error: `source-check` must be `strict`, `loose` or `off`, not `on`",
      ]),
    ProblemCase(
      "Names and paths",
      "version: 1\nrouter: { name: »1st, eid: 8 }\nports:\n"
        + "  - { name: »'a b', bus: serial, device: »\"/dev/tty\\0S1\" }\nadmin: { socket: »run/a }\n",
      [
        "error: `1st` is not a name | a letter, then letters, digits, `.`, `_` and `-`; at most "
          + "32 characters",
        "error: `a b` is not a name | a letter, then letters, digits, `.`, `_` and `-`; at most "
          + "32 characters",
        "error: `device` contains control characters",
        "error: `socket` must be an absolute path, not `run/a` | begin it with `/`",
      ]),
    ProblemCase(
      "UUIDs", router(", uuid: »21f0f554"),
      [
        "error: `21f0f554` is not a UUID | 32 hexadecimal digits in groups of 8-4-4-4-12; "
          + "`uuidgen` makes one"
      ]),
    ProblemCase(
      "The nil UUID", router(", uuid: »00000000-0000-0000-0000-000000000000"),
      [
        "error: the nil UUID means that the device has none | leave `uuid` out, or make one with "
          + "`uuidgen`"
      ]),
    ProblemCase(
      "Message types",
      router(", message-types: [ »control, »0, »128, »pdlm, »telnet, pldm, »1 ]"),
      [
        "error: `control` is always announced | leave it out",
        "error: a message type must be 1 to 127, not 0 | "
          + "0 is control, which is always announced",
        "error: a message type must be 1 to 127, not 128",
        "error: unknown message type `pdlm` | did you mean `pldm`?",
        "error: unknown message type `telnet` | known here: `pldm`, `ncsi`, `ethernet`, `nvme-mi`, "
          + "`spdm`, `secured-messages`, `cxl-fm-api`, `cxl-cci`, `pcie-mi`, `vendor-pci` and "
          + "`vendor-iana`",
        "warning: message type is listed twice",
      ]),
    ProblemCase(
      "Vendor messages",
      router(
        ", vendor-messages: [ »{ version: 1 }, »{ pci: 1, iana: 1, version: 1 }, "
          + "{ pci: »0x10000, version: 1 }, { iana: 2, version: »65536 }, { iana: 3, version: 1 }, "
          + "{ iana: »3, version: 2 } ]"),
      [
        "error: a vendor message needs either `pci` or `iana` | "
          + "the vendor's PCI vendor ID or its IANA enterprise number",
        "error: a vendor message needs either `pci` or `iana` | "
          + "the vendor's PCI vendor ID or its IANA enterprise number",
        "error: `pci` must be 0x00 to 0xffff, not 0x10000",
        "error: `version` must be 0x00 to 0xffff, not 0x10000",
        "error: vendor 0x03 is listed twice | the other one is at line 2",
      ]),
  ]

  @Test("Wrong keys are reported at their place, all in one go", arguments: keyCases)
  func keys(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Wrong numbers are reported at their place, all in one go", arguments: numberCases)
  func numbers(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Wrong words are reported at their place, all in one go", arguments: wordCases)
  func words(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }
}
