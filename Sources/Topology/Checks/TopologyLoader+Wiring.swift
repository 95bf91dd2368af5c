internal import MCTPWire

// Whether the keys of one port that say what is behind it fit each other.

extension TopologyLoader {
  /// `receive`, `create-queue`, `targets` and `kernel-network`: where the device needs them, and
  /// nowhere else.
  mutating func checkWiring(_ port: PortDraft) {
    guard let bus = port.bus, let device = port.device?.value else { return }
    switch bus {
    case .i2c: checkReceive(port, device)
    case .i3c: checkHasTargets(port, device)
    case .serial, .usb, .link: break
    }
    checkKernelNetwork(port, device)
  }

  private mutating func checkReceive(_ port: PortDraft, _ device: PortDraft.Device) {
    guard case .path(let path) = device else {
      for key in ["receive", "create-queue"] where port.fields.has(key) {
        reader.diagnostics.error(
          "`\(key)` is for ports with the path of an i2c-dev node",
          at: port.fields.keyPosition(key),
          hint: device == .simulated
            ? "a simulated bus receives by itself: remove it"
            : "a link receives by itself: remove it")
      }
      return
    }
    guard port.fields.has("receive") else {
      reader.diagnostics.error(
        "\(port.title) needs `receive`", at: port.fields.position,
        hint: "an i2c-dev node only sends: `\(TopologyKeys.slaveQueueWord)`, or the kernel link of "
          + "the bus, such as `\(exampleLink(ofNode: path))`")
      return
    }
    if case .link(let link) = port.receive?.value, port.fields.has("create-queue") {
      reader.diagnostics.error(
        "`create-queue` is for `receive: \(TopologyKeys.slaveQueueWord)`",
        at: port.fields.keyPosition("create-queue"),
        hint: "\(port.title) receives from link `\(link)`: remove it")
    }
  }

  /// `mctpi2c7` for `/dev/i2c-7`.
  private func exampleLink(ofNode path: String) -> String {
    let number = path.split(separator: "-").last.flatMap { UInt8($0) } ?? 2
    return "mctpi2c\(number)"
  }

  private mutating func checkHasTargets(_ port: PortDraft, _ device: PortDraft.Device) {
    if case .nodes(let interface) = device {
      guard !port.fields.has("targets") else { return }
      reader.diagnostics.error(
        "\(port.title) needs `targets`", at: port.fields.position,
        hint: "`\(interface.rawValue)` has a device node for each target: list them")
    } else if port.fields.has("targets") {
      reader.diagnostics.error(
        "`targets` is for ports with device `i3c-mctp` or `i3cdev`",
        at: port.fields.keyPosition("targets"),
        hint: device == .simulated
          ? "simulated devices are listed at `devices`" : "a link finds its targets: remove it")
    }
  }

  private mutating func checkKernelNetwork(_ port: PortDraft, _ device: PortDraft.Device) {
    guard port.fields.has("kernel-network") else { return }
    switch (device, port.bus, port.receive?.value) {
    case (.link, _, _), (.path, .i2c, .link): return
    // What it receives with is a gap, and has been told.
    case (.path, .i2c, nil): return
    default:
      reader.diagnostics.error(
        "\(port.title) uses no kernel link", at: port.fields.keyPosition("kernel-network"),
        hint: "`kernel-network` says where a link is moved to: remove it")
    }
  }

  /// Every target has a provisioned ID, and each another one.
  mutating func checkTargets(_ port: PortDraft) {
    guard case .nodes(let interface) = port.device?.value else { return }
    var first: [UInt64: SourcePosition] = [:]
    for target in port.targets {
      if interface == .device, let address = target.address, let named = target.namedID,
        address.value.value != named
      {
        reader.diagnostics.error(
          "`address` is \(address.value.text), the node's name says \(hexadecimal(named))",
          at: address.position, hint: "correct one of them, or leave `address` out")
        continue
      }
      guard let id = target.provisionedID(interface) else {
        // An unreadable path or address is a gap, not a reason for a second diagnostic.
        if !target.fields.has("address"), target.path != nil {
          reader.diagnostics.error(
            "a target of \(port.title) needs `address`", at: target.fields.position,
            hint: interface == .mctp
              ? "the 48-bit provisioned ID of the device"
              : "the 48-bit provisioned ID: the node's name has none, as in "
                + "`/dev/bus/i3c/0-4cc00000001`")
        }
        continue
      }
      let position = target.address?.position ?? target.fields.valuePosition("node")
      if let earlier = first[id] {
        reader.diagnostics.error(
          "two targets of \(port.title) have the provisioned ID \(hexadecimal(id))",
          at: position, hint: "the other one is at line \(earlier.line)")
      } else {
        first[id] = position
      }
    }
  }

  /// What a driver or its usual configuration does not carry, although the medium would.
  mutating func checkTransmissionUnit(_ port: PortDraft) {
    guard let unit = port.transmissionUnit, let device = port.device?.value else { return }
    switch (port.bus, device) {
    case (.serial, .link) where unit.value > 64:
      reader.diagnostics.warning(
        "a serial link takes at most 64 bytes of payload", at: unit.position,
        hint: "its larger packets will be dropped")
    case (.serial, _) where unit.value > 64:
      reader.diagnostics.warning(
        "Linux takes no serial packets with more than 64 bytes of payload", at: unit.position,
        hint: "64 is safe; more works only with another peer")
    case (.i2c, .path) where unit.value > 111 && port.receive?.value == .slaveQueue:
      // 120 bytes with the own address, four bytes of medium header after it, four of packet
      // header, and the PEC.
      reader.diagnostics.warning(
        "a slave-mqueue takes 111 bytes of payload unless the kernel was built for more",
        at: unit.position,
        hint: "250 need I2C_SLAVE_MQUEUE_MESSAGE_SIZE=259; larger messages are lost")
    case (.i3c, .nodes(.mctp)) where unit.value > 64:
      reader.diagnostics.warning(
        "an i3c-mctp node takes at most 64 bytes of payload", at: unit.position,
        hint: "its driver's packets have 5 to 68 bytes")
    case (.usb, _) where unit.value > 247:
      // The length of a packet is one byte in DSP0283 1.0.0 and counts both headers.
      reader.diagnostics.warning(
        "USB carries at most 247 bytes of payload by DSP0283 1.0", at: unit.position,
        hint: "more works only where the driver and the device speak 1.1")
    default: return
    }
  }
}
