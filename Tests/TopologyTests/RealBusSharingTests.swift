import TestSupport
import Testing
import Topology

@Suite("Limits of real buses, and what they share")
struct RealBusSharingTests {
  static let unitCases = [
    ProblemCase(
      "More than a driver carries",
      ports(
        "{ name: a, bus: serial, device: mctpserial0, transmission-unit: »65 }",
        "{ name: b, bus: serial, device: mctpserial1, transmission-unit: 64 }",
        "{ name: c, bus: i2c, device: /dev/i2c-1, receive: slave-mqueue, address: 0x10, "
          + "transmission-unit: »112 }",
        "{ name: d, bus: i2c, device: /dev/i2c-2, receive: slave-mqueue, address: 0x10, "
          + "transmission-unit: 111 }",
        "{ name: e, bus: i2c, device: /dev/i2c-3, receive: mctpi2c3, address: 0x10, "
          + "transmission-unit: 250 }",
        "{ name: f, bus: i2c, device: mctpi2c4, address: 0x10, transmission-unit: 250 }",
        "{ name: g, bus: i3c, device: i3c-mctp, transmission-unit: »65, "
          + "targets: [ { node: /dev/i3c-mctp-0, address: 0x04cc00000001 } ] }",
        "{ name: h, bus: i3c, device: mctpi3c0, transmission-unit: 1024 }",
        "{ name: i, bus: usb, device: mctpusb0, transmission-unit: »248 }",
        "{ name: j, bus: usb, device: mctpusb1, transmission-unit: 247 }",
        "{ name: k, bus: link, device: mctppcie0, transmission-unit: 1024 }"),
      [
        "warning: a serial link takes at most 64 bytes of payload | "
          + "its larger packets will be dropped",
        "warning: a slave-mqueue takes 111 bytes of payload unless the kernel was built for more | "
          + "250 need I2C_SLAVE_MQUEUE_MESSAGE_SIZE=259; larger messages are lost",
        "warning: an i3c-mctp node takes at most 64 bytes of payload | "
          + "its driver's packets have 5 to 68 bytes",
        "warning: USB carries at most 247 bytes of payload by DSP0283 1.0 | "
          + "more works only where the driver and the device speak 1.1",
      ]),
    ProblemCase(
      "More than a bus carries",
      ports(
        "{ name: a, bus: i2c, device: mctpi2c4, address: 0x10, transmission-unit: »251 }",
        "{ name: b, bus: usb, device: mctpusb0, transmission-unit: »63 }",
        "{ name: c, bus: link, device: mctppcie0, transmission-unit: »1025 }"),
      [
        "error: `transmission-unit` must be 64 to 250, not 251 | "
          + "the byte count of an SMBus block has eight bits",
        "error: `transmission-unit` must be 64 to 1024, not 63 | "
          + "64 bytes of payload is what every endpoint has to take",
        "error: `transmission-unit` must be 64 to 1024, not 1025",
      ]),
  ]

  static let sharedCases = [
    ProblemCase(
      "One node for two",
      ports(
        "{ name: a, bus: i2c, device: /dev/i2c-1, receive: slave-mqueue, address: 0x10 }",
        "{ name: b, bus: i2c, device: »/dev/i2c-1, receive: slave-mqueue, address: 0x10 }",
        "{ name: c, bus: i2c, device: »/dev/i2c-1, receive: mctpi2c1, address: 0x11 }",
        "{ name: d, bus: i3c, device: i3c-mctp, targets: [\n"
          + "      { node: /dev/i3c-mctp-0, address: 0x04cc00000001 },\n"
          + "      { node: »/dev/i3c-mctp-0, address: 0x04cc00000002 } ] }",
        "{ name: e, bus: i3c, device: i3cdev, targets: [\n"
          + "      { node: »/dev/i3c-mctp-0, address: 0x04cc00000001 } ] }",
        "{ name: f, bus: serial, device: »/dev/i2c-1 }"),
      [
        "error: port `b` and port `a` use the same device `/dev/i2c-1` | "
          + "the other one is at line 4",
        "error: port `c` and port `a` use the same device `/dev/i2c-1` | "
          + "the other one is at line 4",
        "error: port `d` uses device `/dev/i3c-mctp-0` twice | the other one is at line 8",
        "error: port `e` and port `d` use the same device `/dev/i3c-mctp-0` | "
          + "the other one is at line 8",
        "error: port `f` and port `a` use the same device `/dev/i2c-1` | "
          + "the other one is at line 4",
      ]),
    ProblemCase(
      "One link for two",
      ports(
        "{ name: a, bus: i2c, device: /dev/i2c-1, receive: mctpi2c1, address: 0x10 }",
        "{ name: b, bus: i2c, device: »mctpi2c1, address: 0x10 }",
        "{ name: c, bus: i2c, device: /dev/i2c-2, receive: mctpi2c1, address: 0x10 }",
        "{ name: d, bus: usb, device: mctpusb0 }",
        "{ name: e, bus: usb, device: »mctpusb0 }",
        "{ name: f, bus: link, device: pcie0 }",
        "{ name: g, bus: serial, device: »pcie0 }"),
      [
        "error: port `b` and port `a` use the same kernel link `mctpi2c1` | "
          + "the other one is at line 4",
        "error: port `e` and port `d` use the same kernel link `mctpusb0` | "
          + "the other one is at line 7",
        "error: port `g` and port `f` use the same kernel link `pcie0` | "
          + "the other one is at line 9",
      ]),
    ProblemCase(
      "Simulated devices on real ports",
      ports(
        "{ name: a, bus: i2c, device: /dev/i2c-1, receive: slave-mqueue, address: 0x10 }",
        "{ name: b, bus: i2c, device: mctpi2c2, address: 0x10 }",
        "{ name: c, bus: i3c, device: i3c-mctp, "
          + "targets: [ { node: /dev/i3c-mctp-0, address: 0x04cc00000001 } ] }",
        "{ name: d, bus: i3c, device: mctpi3c0 }", "{ name: e, bus: serial, device: mctpserial0 }",
        "{ name: f, bus: usb, device: mctpusb0 }", "{ name: g, bus: link, device: pcie0 }")
        + "devices:\n"
        + [
          ("a", ", address: 0x1d"), ("b", ", address: 0x1d"), ("c", ", address: 0x04cc00000001"),
          ("d", ", address: 0x04cc00000001"), ("e", ""), ("f", ""), ("g", ""),
        ].map { "  - { name: x\($0), port: »\($0)\($1) }\n" }.joined(),
      ["a", "b", "c", "d", "e", "f", "g"].map {
        "error: port `\($0)` is not simulated, device `x\($0)` cannot be on it | "
          + "`devices` are simulated ones; real ones need routes only"
      }),
    ProblemCase(
      "Addresses of next hops",
      ports(
        "{ name: a, bus: usb, device: mctpusb0 }", "{ name: b, bus: link, device: pcie0 }",
        "{ name: c, bus: i2c, device: mctpi2c2, address: 0x10 }",
        "{ name: d, bus: i3c, device: mctpi3c0 }")
        + "routes:\n  - { eids: 9, port: a, »address: 0x1d }\n"
        + "  - { eids: 10, port: b, »address: 0x1d }\n  - »{ eids: 11, port: c }\n"
        + "  - { eids: 12, port: c, address: »0x10 }\n  - »{ eids: 13, port: d }\n",
      [
        "error: a usb port has no addresses | "
          + "remove `address`: there is one device at the other end",
        "error: a link port has no addresses | "
          + "remove `address`: there is one device at the other end",
        "error: a route on an i2c bus needs `address` | "
          + "the 7-bit target address, such as `0x1d`",
        "error: 0x10 is the router's own address on port `c` | a next hop is another device",
        "error: a route on an i3c bus needs `address` | "
          + "the 48-bit provisioned ID of the device",
      ]),
  ]

  @Test(
    "What drivers do not carry is a warning", .spec("DSP0283 1.0.0"), arguments: unitCases)
  func units(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Nodes and links belong to one port", arguments: sharedCases)
  func shared(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }
}
