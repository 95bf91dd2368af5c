#if !hasFeature(Embedded)
  extension PhysicalAddress: CustomStringConvertible {
    /// `-` for none, `0x1d` for an I2C address (7 bits), 12 hex digits for a provisioned ID.
    public var description: String {
      switch form {
      case .none: "-"
      case .i2c: "0x" + value.hexDigits(2)
      case .i3c: value.hexDigits(12)
      }
    }
  }

  extension AddressBytes: CustomStringConvertible {
    /// `-` for none, else two hex digits a byte.
    public var description: String {
      count == 0 ? "-" : (0..<count).map { self[$0].hexDigits(2) }.joined()
    }
  }
#endif
