internal import MCTPWire

extension FieldReader {
  /// The `address` of a port, route or device as `bus` has it: `.none` where a bus has none.
  ///
  /// - Parameter bus: nil when the port is unknown; the number is checked then as far as it can
  ///   be, and the result is nil.
  /// - Returns: nil also when the bus needs an address and there is none, which is reported.
  mutating func address(_ fields: Fields, on bus: Topology.Bus?) -> Located<PhysicalAddress>? {
    guard let bus else {
      _ = integer(fields, "address", isHexadecimal: true)
      return nil
    }
    if !bus.hasAddresses {
      guard fields.has("address") else {
        return Located(value: .none, position: fields.position)
      }
      diagnostics.error(
        "\(bus.lineTitle) has no addresses",
        at: fields.keyPosition("address"),
        hint: "remove `address`: there is one device at the other end")
      return nil
    }
    guard fields.has("address") else {
      diagnostics.error(
        "\(fields.shape.title) on an \(bus.rawValue) bus needs `address`", at: fields.position,
        hint: bus == .i2c
          ? "the 7-bit target address, such as `0x1d`" : "the 48-bit provisioned ID of the device")
      return nil
    }
    return bus == .i2c ? i2cAddress(fields) : provisionedID(fields)
  }

  private mutating func i2cAddress(_ fields: Fields) -> Located<PhysicalAddress>? {
    fields.value("address").flatMap { i2cAddress($0, called: "`address`") }
  }

  /// The 48-bit `address` of an I3C device.
  mutating func provisionedID(_ fields: Fields) -> Located<PhysicalAddress>? {
    fields.value("address").flatMap { provisionedID($0, called: "`address`") }
  }

  /// A physical address that stands by itself. `bus` has addresses.
  mutating func address(_ node: YAMLNode, on bus: Topology.Bus) -> Located<PhysicalAddress>? {
    bus == .i2c
      ? i2cAddress(node, called: "an address") : provisionedID(node, called: "an address")
  }

  private mutating func i2cAddress(_ node: YAMLNode, called name: String)
    -> Located<PhysicalAddress>?
  {
    guard let value = address(node, called: name, in: TopologyKeys.i2cAddressValues, i2cHint)
    else { return nil }
    switch value {
    case 0x0C:
      diagnostics.error(
        "0x0c is the SMBus alert response address", at: node.position,
        hint: "every device that raised an alert answers there: choose another")
      return nil
    case 0x61:
      diagnostics.error(
        "0x61 is the SMBus device default address", at: node.position,
        hint: "every device that takes part in address resolution answers there: choose another")
      return nil
    case 0x08:
      diagnostics.warning(
        "0x08 is the SMBus host address", at: node.position,
        hint: "host notify messages go there: another address is safer")
    case 0x28, 0x37:
      diagnostics.warning(
        "\(hexadecimal(value)) is set aside by SMBus for ACCESS.bus", at: node.position,
        hint: "another address is safer")
    default: break
    }
    return Located(value: .i2c(UInt8(truncatingIfNeeded: value)), position: node.position)
  }

  private mutating func provisionedID(_ node: YAMLNode, called name: String)
    -> Located<PhysicalAddress>?
  {
    address(node, called: name, in: TopologyKeys.provisionedIDValues) { value in
      value <= 0xFF
        ? "I3C devices are named by their 48-bit provisioned ID; dynamic addresses change"
        : "a provisioned ID has 48 bits"
    }.map { Located(value: .i3c($0), position: node.position) }
  }

  private mutating func address(
    _ node: YAMLNode, called name: String, in range: ClosedRange<UInt64>,
    _ hint: (UInt64) -> String
  ) -> UInt64? {
    guard let value = number(node, called: name) else { return nil }
    guard range.contains(value) else {
      diagnostics.error(
        "\(name) must be \(hexadecimal(range.lowerBound)) to \(hexadecimal(range.upperBound)), "
          + "not \(hexadecimal(value))", at: node.position, hint: hint(value))
      return nil
    }
    return value
  }

  private func i2cHint(_ value: UInt64) -> String {
    switch value {
    case 0x78...0xFF:
      "I2C addresses have seven bits here: \(hexadecimal(value)) shifted right is "
        + hexadecimal(value >> 1)
    case 0x100...: "an i2c bus has 7-bit addresses; provisioned IDs are for i3c"
    default: "this address is reserved by the I2C specification"
    }
  }

  /// `0x1d`, or `0x10-0x1f`, both ends included.
  mutating func i2cAddresses(_ node: YAMLNode) -> Located<ClosedRange<UInt8>>? {
    guard
      let scalar = scalar(
        node, called: "an address to scan", expecting: "an address or a range `first-last`")
    else { return nil }
    var ends: [UInt8] = []
    for part in scalar.text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false) {
      switch IntegerText(String(part)) {
      case .value(let value) where TopologyKeys.i2cAddressValues.contains(value):
        ends.append(UInt8(truncatingIfNeeded: value))
      case .value(let value):
        diagnostics.error(
          "an address to scan must be 0x08 to 0x77, not \(hexadecimal(value))",
          at: scalar.position, hint: i2cHint(value))
        return nil
      case .problem(let message, let hint):
        let isNumeric = part.contains { $0.isNumber }
        diagnostics.error(
          isNumeric ? message : "\(quoted(scalar.text)) is no address and no range",
          at: scalar.position,
          hint: isNumeric ? hint : "one address, or `first-last` without blanks: `0x10-0x1f`")
        return nil
      }
    }
    guard let first = ends.first, let last = ends.last else { return nil }
    guard first <= last else {
      let (low, high) = (hexadecimal(UInt64(last)), hexadecimal(UInt64(first)))
      diagnostics.error(
        "the range \(high)-\(low) runs backwards", at: scalar.position,
        hint: "write `\(low)-\(high)`")
      return nil
    }
    return Located(value: first...last, position: scalar.position)
  }
}

extension PhysicalAddress {
  /// For messages.
  var text: String { form == .none ? "the line" : hexadecimal(value) }
}
