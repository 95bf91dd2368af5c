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
        "a \(bus == .serial ? "serial line" : "\(bus.rawValue) port") has no addresses",
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
    let key = KeyShape.required("address", .integer(TopologyKeys.i2cAddressValues))
    guard
      let address = integer(
        fields, "address", as: key, isHexadecimal: true,
        hint: { value in
          switch value {
          case 0x78...0xFF:
            "I2C addresses have seven bits here: \(hexadecimal(value)) shifted right is "
              + hexadecimal(value >> 1)
          case 0x100...: "an i2c bus has 7-bit addresses; provisioned IDs are for i3c"
          default: "this address is reserved by the I2C specification"
          }
        })
    else { return nil }
    switch address.value {
    case 0x0C:
      diagnostics.error(
        "0x0c is the SMBus alert response address", at: address.position,
        hint: "every device that raised an alert answers there: choose another")
      return nil
    case 0x61:
      diagnostics.error(
        "0x61 is the SMBus device default address", at: address.position,
        hint: "every device that takes part in address resolution answers there: choose another")
      return nil
    case 0x08:
      diagnostics.warning(
        "0x08 is the SMBus host address", at: address.position,
        hint: "host notify messages go there: another address is safer")
    case 0x28, 0x37:
      diagnostics.warning(
        "\(hexadecimal(address.value)) is set aside by SMBus for ACCESS.bus",
        at: address.position, hint: "another address is safer")
    default: break
    }
    return Located(
      value: .i2c(UInt8(truncatingIfNeeded: address.value)), position: address.position)
  }

  /// The 48-bit `address` of an I3C device.
  mutating func provisionedID(_ fields: Fields) -> Located<PhysicalAddress>? {
    let key = KeyShape.required("address", .integer(TopologyKeys.provisionedIDValues))
    return integer(
      fields, "address", as: key, isHexadecimal: true,
      hint: { value in
        value <= 0xFF
          ? "I3C devices are named by their 48-bit provisioned ID; dynamic addresses change"
          : "a provisioned ID has 48 bits"
      }
    ).map { Located(value: .i3c($0.value), position: $0.position) }
  }
}

extension PhysicalAddress {
  /// For messages.
  var text: String { form == .none ? "the line" : hexadecimal(value) }
}
