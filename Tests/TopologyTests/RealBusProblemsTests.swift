import Testing
import Topology

@Suite("Wrong devices, nodes and links in topologies")
struct RealBusProblemsTests {
  private static let nodeOrLink =
    "`device` must be `simulated`, an absolute path or the name of a kernel link, not"
  private static let i3cForms =
    "`device` must be `simulated`, `i3c-mctp`, `i3cdev` or the name of a kernel link, not"
  private static let linkOnly = "`device` must be the name of a kernel link, not"
  private static let linkName =
    "a link's name is a letter, then letters, digits, `.`, `_` and `-`; at most 15 characters"

  static let deviceCases = [
    ProblemCase(
      "Nearly a word",
      ports(
        "{ name: a, bus: i2c, device: »simulatd, address: 0x10 }",
        "{ name: b, bus: i3c, device: »Simulated }",
        "{ name: c, bus: i3c, device: »i3c_mctp }",
        "{ name: d, bus: i3c, device: »i3cdev0 }",
        "{ name: e, bus: serial, device: »SIMULATED }",
        "{ name: f, bus: i2c, device: /dev/i2c-1, receive: »slave_mqueue, address: 0x10 }"),
      [
        "error: \(nodeOrLink) `simulatd` | did you mean `simulated`?",
        "error: \(i3cForms) `Simulated` | did you mean `simulated`?",
        "error: \(i3cForms) `i3c_mctp` | did you mean `i3c-mctp`?",
        "error: \(i3cForms) `i3cdev0` | did you mean `i3cdev`?",
        "error: \(nodeOrLink) `SIMULATED` | did you mean `simulated`?",
        "error: `receive` must be `slave-mqueue` or the name of a kernel link, not `slave_mqueue`"
          + " | did you mean `slave-mqueue`?",
      ]),
    ProblemCase(
      "Words in the wrong place",
      ports(
        "{ name: a, bus: i2c, device: »i3c-mctp, address: 0x10 }",
        "{ name: b, bus: i3c, device: »slave-mqueue }",
        "{ name: c, bus: serial, device: »i3cdev }",
        "{ name: d, bus: usb, device: »simulated }",
        "{ name: e, bus: i2c, device: /dev/i2c-1, receive: »simulated, address: 0x10 }"),
      [
        "error: \(nodeOrLink) `i3c-mctp` | `i3c-mctp` is for `device` of an i3c port",
        "error: \(i3cForms) `slave-mqueue` | `slave-mqueue` is for `receive` of an i2c port",
        "error: \(nodeOrLink) `i3cdev` | `i3cdev` is for `device` of an i3c port",
        "error: \(linkOnly) `simulated` | nothing is simulated here",
        "error: `receive` must be `slave-mqueue` or the name of a kernel link, not `simulated` | "
          + "nothing is simulated here",
      ]),
    ProblemCase(
      "Device nodes without their folder",
      ports(
        "{ name: a, bus: i2c, device: »i2c-2, address: 0x10 }",
        "{ name: b, bus: i3c, device: »i3c-0 }",
        "{ name: c, bus: serial, device: »ttyS1 }",
        "{ name: d, bus: serial, device: »dev/ttyS1 }",
        "{ name: e, bus: i2c, device: /dev/i2c-1, receive: »i2c-1, address: 0x10 }"),
      [
        "error: \(nodeOrLink) `i2c-2` | did you mean `/dev/i2c-2`?",
        "error: \(i3cForms) `i3c-0` | "
          + "`ip link` shows a link's name; the drivers begin it with `mctp`",
        "error: \(nodeOrLink) `ttyS1` | did you mean `/dev/ttyS1`?",
        "error: \(nodeOrLink) `dev/ttyS1` | begin a path with `/`",
        "error: `receive` must be `slave-mqueue` or the name of a kernel link, not `i2c-1` | "
          + "`ip link` shows a link's name; the drivers begin it with `mctp`",
      ]),
    ProblemCase(
      "Paths of links, and paths where there are none",
      ports(
        "{ name: a, bus: i2c, device: »/dev/mctpi2c2, address: 0x10 }",
        "{ name: b, bus: serial, device: »/sys/class/net/uart-link }",
        "{ name: c, bus: i3c, device: »/dev/i3c-mctp-0 }",
        "{ name: d, bus: usb, device: »/dev/bus/usb/001 }",
        "{ name: e, bus: i2c, device: /dev/i2c-1, receive: »/sys/queue, address: 0x10 }",
        "{ name: f, bus: serial, device: »/" + String(repeating: "d", count: 255) + " }",
        "{ name: g, bus: serial, device: /dev/mctp-uart }"),
      [
        "error: \(nodeOrLink) `/dev/mctpi2c2` | a link has no path: write `mctpi2c2`",
        "error: \(nodeOrLink) `/sys/class/net/uart-link` | a link has no path: write `uart-link`",
        "error: \(i3cForms) `/dev/i3c-mctp-0` | "
          + "device nodes are listed at `targets`, with `device: i3c-mctp` or `device: i3cdev`",
        "error: \(linkOnly) `/dev/bus/usb/001` | a link has no path: `ip link` shows its name",
        "error: `receive` must be `slave-mqueue` or the name of a kernel link, not `/sys/queue` | "
          + "a link has no path: `ip link` shows its name",
        "error: `device` has 256 bytes; at most 255 are allowed",
      ]),
    ProblemCase(
      "No names of links",
      ports(
        "{ name: a, bus: link, device: »0mctp }",
        "{ name: b, bus: link, device: »abcdefghijklmnop }",
        "{ name: c, bus: usb, device: »'mctp usb' }",
        "{ name: d, bus: usb, device: »[ mctpusb0 ] }",
        "{ name: e, bus: i2c, device: »~, address: 0x10 }"),
      [
        "error: \(linkOnly) `0mctp` | \(linkName)",
        "error: \(linkOnly) `abcdefghijklmnop` | \(linkName)",
        "error: \(linkOnly) `mctp usb` | \(linkName)",
        "error: `device` must be the name of a kernel link, not a list",
        "error: `device` has no value | "
          + "it must be `simulated`, an absolute path or the name of a kernel link",
      ]),
    ProblemCase(
      "Doubtful links are warnings",
      ports(
        "{ name: a, bus: i2c, device: »MCTPI2C2, address: 0x10 }",
        "{ name: b, bus: i2c, device: /dev/i2c-1, receive: »mctpi3c1, address: 0x10 }",
        "{ name: c, bus: link, device: »mctpserial0 }"),
      [
        "warning: the kernel would call link `MCTPI2C2` `mctpi2c2` | "
          + "letter case counts in names of links",
        "warning: link `mctpi3c1` is of i3c by its name, the port of i2c | check `bus`",
        "warning: link `mctpserial0` is of serial by its name, the port of link | check `bus`",
      ]),
  ]

  static let wiringCases = [
    ProblemCase(
      "Keys of another bus",
      ports(
        "{ name: a, bus: i2c, device: simulated, address: 0x10, »targets: [ { node: /dev/x } ] }",
        "{ name: b, bus: i3c, device: mctpi3c0, »receive: slave-mqueue, »create-queue: true }",
        "{ name: c, bus: serial, device: /dev/ttyS1, »receive: mctpserial0, "
          + "»create-queue: false, »targets: [ { node: /dev/x } ] }",
        "{ name: d, bus: usb, device: mctpusb0, »address: 0x10, »speed: 480, »receive: x, "
          + "»create-queue: true, »targets: [ { node: /dev/x } ] }",
        "{ name: e, bus: link, device: mctppcie0, »address: 0x10, »speed: 480 }"),
      [
        "error: `targets` is for i3c ports, not for i2c | remove it",
        "error: `receive` is for i2c ports, not for i3c | remove it",
        "error: `create-queue` is for i2c ports, not for i3c | remove it",
        "error: `receive` is for i2c ports, not for serial | remove it",
        "error: `create-queue` is for i2c ports, not for serial | remove it",
        "error: `targets` is for i3c ports, not for serial | remove it",
        "error: a usb port has no `address` of its own | remove it",
        "error: a usb port has no `speed` | the kernel's driver knows it: remove it",
        "error: `receive` is for i2c ports, not for usb | remove it",
        "error: `create-queue` is for i2c ports, not for usb | remove it",
        "error: `targets` is for i3c ports, not for usb | remove it",
        "error: a link port has no `address` of its own | remove it",
        "error: a link port has no `speed` | the kernel's driver knows it: remove it",
      ]),
    ProblemCase(
      "How an I2C port receives",
      ports(
        "»{ name: a, bus: i2c, device: /dev/i2c-7, address: 0x10 }",
        "»{ name: b, bus: i2c, device: /dev/i2c-mux/slot, address: 0x10 }",
        "{ name: c, bus: i2c, device: simulated, »receive: slave-mqueue, »create-queue: true, "
          + "address: 0x10 }",
        "{ name: d, bus: i2c, device: mctpi2c2, »receive: mctpi2c3, address: 0x10 }",
        "{ name: e, bus: i2c, device: /dev/i2c-4, receive: mctpi2c4, »create-queue: true, "
          + "address: 0x10 }",
        "{ name: f, bus: i2c, device: /dev/i2c-5, receive: slave-mqueue, create-queue: »yes, "
          + "address: 0x10 }"),
      [
        "error: port `a` needs `receive` | an i2c-dev node only sends: `slave-mqueue`, or the "
          + "kernel link of the bus, such as `mctpi2c7`",
        "error: port `b` needs `receive` | an i2c-dev node only sends: `slave-mqueue`, or the "
          + "kernel link of the bus, such as `mctpi2c2`",
        "error: `receive` is for ports with the path of an i2c-dev node | "
          + "a simulated bus receives by itself: remove it",
        "error: `create-queue` is for ports with the path of an i2c-dev node | "
          + "a simulated bus receives by itself: remove it",
        "error: `receive` is for ports with the path of an i2c-dev node | "
          + "a link receives by itself: remove it",
        "error: `create-queue` is for `receive: slave-mqueue` | "
          + "port `e` receives from link `mctpi2c4`: remove it",
        "error: `create-queue` must be `true` or `false`, not `yes` | "
          + "editions of YAML disagree about other words",
      ]),
    ProblemCase(
      "Targets where they do not belong, or none",
      ports(
        "»{ name: a, bus: i3c, device: i3c-mctp }",
        "{ name: b, bus: i3c, device: simulated, »targets: [ { node: /dev/x } ] }",
        "{ name: c, bus: i3c, device: mctpi3c0, »targets: [ { node: /dev/x } ] }",
        "{ name: d, bus: i3c, device: i3cdev, targets: »[] }",
        "{ name: e, bus: i3c, device: i3cdev, targets: »/dev/x }",
        "{ name: f, bus: i3c, device: i3cdev, targets: [ »/dev/x, »{ address: 0x04cc00000001 } ] }"
      ),
      [
        "error: port `a` needs `targets` | "
          + "`i3c-mctp` has a device node for each target: list them",
        "error: `targets` is for ports with device `i3c-mctp` or `i3cdev` | "
          + "simulated devices are listed at `devices`",
        "error: `targets` is for ports with device `i3c-mctp` or `i3cdev` | "
          + "a link finds its targets: remove it",
        "error: `targets` needs at least 1 element",
        "error: `targets` must be a list, not `/dev/x` | begin each element with `- `",
        "error: a target must be a mapping, not `/dev/x` | with the keys `node` and `address`",
        "error: a target needs `node`",
      ]),
    ProblemCase(
      "Twelve targets",
      ports(
        "{ name: a, bus: i3c, device: i3c-mctp, targets: [ "
          + (0..<12).map {
            ($0 == 11 ? "»" : "")
              + "{ node: /dev/i3c-mctp-\($0), address: \(0x04CC_0000_0001 + $0) }"
          }.joined(separator: ", ") + " ] }"),
      ["error: `targets` has 12 elements; at most 11 are allowed"]),
    ProblemCase(
      "Provisioned IDs of targets",
      ports(
        "{ name: a, bus: i3c, device: i3c-mctp, targets: [ »{ node: /dev/i3c-mctp-0 },"
          + " { node: /dev/i3c-mctp-1, address: »0x1d }, »{ node: /dev/bus/i3c/0-4cc00000009 } ] }",
        "{ name: b, bus: i3c, device: i3cdev, targets: [ { node: /dev/bus/i3c/0-4cc00000001 },"
          + " { node: /dev/bus/i3c/0-4cc00000002, address: »0x04cc00000003 },"
          + " { node: /dev/bus/i3c/0-4CC00000004, address: 0x04cc00000004 },"
          + " »{ node: /dev/bus/i3c/sensor }, »{ node: /dev/bus/i3c/a-4cc00000005 },"
          + " »{ node: /dev/bus/i3c/0-+4cc0000000 }, »{ node: /dev/bus/i3c/0-1d },"
          + " »{ node: /dev/bus/i3c/0-1000000000000 } ] }",
        "{ name: c, bus: i3c, device: i3cdev, targets: [ { node: »dev/x }, { node: /dev/x,"
          + " address: »big } ] }"),
      [
        "error: a target of port `a` needs `address` | the 48-bit provisioned ID of the device",
        "error: `address` must be 0x80 to 0xffffffffffff, not 0x1d | "
          + "I3C devices are named by their 48-bit provisioned ID; dynamic addresses change",
        "error: a target of port `a` needs `address` | the 48-bit provisioned ID of the device",
        "error: `address` is 0x4cc00000003, the node's name says 0x4cc00000002 | "
          + "correct one of them, or leave `address` out",
      ]
        + [String](
          repeating: "error: a target of port `b` needs `address` | the 48-bit provisioned ID: "
            + "the node's name has none, as in `/dev/bus/i3c/0-4cc00000001`", count: 5)
        + [
          "error: `node` must be an absolute path, not `dev/x` | begin it with `/`",
          "error: `address`: `big` is not a number | a decimal number, or hexadecimal with 0x",
        ]),
    ProblemCase(
      "One provisioned ID twice",
      ports(
        "{ name: a, bus: i3c, device: i3cdev, targets: [ { node: /dev/bus/i3c/0-4cc00000001 },\n"
          + "      { node: »/dev/bus/i3c/1-4cc00000001 },\n"
          + "      { node: /dev/sensor, address: »0x04cc00000001 } ] }"),
      [
        "error: two targets of port `a` have the provisioned ID 0x4cc00000001 | "
          + "the other one is at line 4",
        "error: two targets of port `a` have the provisioned ID 0x4cc00000001 | "
          + "the other one is at line 4",
      ]),
    ProblemCase(
      "Kernel networks",
      ports(
        "{ name: a, bus: i2c, device: simulated, address: 0x10, »kernel-network: 2 }",
        "{ name: b, bus: i2c, device: /dev/i2c-1, receive: slave-mqueue, address: 0x10,"
          + " »kernel-network: 2 }",
        "{ name: c, bus: serial, device: /dev/ttyS1, »kernel-network: 2 }",
        "{ name: d, bus: i3c, device: i3cdev, targets: [ { node: /dev/bus/i3c/0-4cc00000001 } ],"
          + " »kernel-network: 2 }",
        "{ name: e, bus: usb, device: mctpusb0, kernel-network: »0 }",
        "{ name: f, bus: usb, device: mctpusb1, kernel-network: »4294967296 }",
        "{ name: g, bus: i2c, device: /dev/i2c-3, receive: »i2c-3, address: 0x10,"
          + " kernel-network: 2 }",
        "{ name: h, bus: link, device: »-, kernel-network: 2 }"),
      [
        "error: port `a` uses no kernel link | "
          + "`kernel-network` says where a link is moved to: remove it",
        "error: port `b` uses no kernel link | "
          + "`kernel-network` says where a link is moved to: remove it",
        "error: port `c` uses no kernel link | "
          + "`kernel-network` says where a link is moved to: remove it",
        "error: port `d` uses no kernel link | "
          + "`kernel-network` says where a link is moved to: remove it",
        "error: `kernel-network` must be 1 to 4294967295, not 0",
        "error: `kernel-network` must be 1 to 4294967295, not 4294967296",
        "error: `receive` must be `slave-mqueue` or the name of a kernel link, not `i2c-3` | "
          + "`ip link` shows a link's name; the drivers begin it with `mctp`",
        "error: \(linkOnly) `-` | \(linkName)",
      ]),
  ]

  @Test("Wrong devices are reported at their place", arguments: deviceCases)
  func devices(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Keys that do not fit the device are reported at their place", arguments: wiringCases)
  func wiring(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }
}
