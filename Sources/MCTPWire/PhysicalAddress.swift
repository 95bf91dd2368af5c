/// Where a packet came from or goes to on one bus. Says nothing about the bus itself.
///
/// In control payloads each form has its own bytes, most significant first; see
/// `controlBytes`.
public struct PhysicalAddress: Hashable, Sendable {
  public enum Form: UInt8, Hashable, Sendable {
    /// Point-to-point media (serial, USB) and "nobody in particular".
    case none = 0
    /// A 7-bit I2C or SMBus target address, never shifted here.
    case i2c = 1
    /// A 48-bit I3C provisioned ID.
    case i3c = 2
  }

  public let form: Form
  /// 0 for `.none`, 7 bits for `.i2c`, 48 bits for `.i3c`.
  public let value: UInt64

  @inlinable init(form: Form, value: UInt64) {
    self.form = form
    self.value = value
  }

  @inlinable public static var none: PhysicalAddress {
    PhysicalAddress(form: .none, value: 0)
  }

  /// - Parameter address: 0x00 to 0x7F, unshifted; bit 7 is ignored.
  @inlinable public static func i2c(_ address: UInt8) -> PhysicalAddress {
    PhysicalAddress(form: .i2c, value: UInt64(address & 0x7F))
  }

  /// - Parameter provisionedID: 48 bits; higher bits are ignored.
  @inlinable public static func i3c(_ provisionedID: UInt64) -> PhysicalAddress {
    PhysicalAddress(form: .i3c, value: provisionedID & 0xFFFF_FFFF_FFFF)
  }
}

extension PhysicalAddress {
  /// Bytes of this address in a control payload: 0, 1 or 6.
  public var controlByteCount: Int {
    switch form {
    case .none: 0
    case .i2c: 1
    case .i3c: 6
    }
  }

  /// Byte `index` of this address in a control payload, most significant first.
  ///
  /// SMBus and I2C: the address in bits 7:1, bit 0 is 0 (DSP0237 1.1.0 §6.8).
  /// Choice: I3C addresses are the six bytes of the provisioned ID, because the dynamic address
  /// changes and no text that fixes the form was available.
  public func controlByte(at index: Int) -> UInt8 {
    switch form {
    case .none: 0
    case .i2c: UInt8(truncatingIfNeeded: value << 1)
    case .i3c: UInt8(truncatingIfNeeded: value >> (8 * UInt64(5 - index)))
    }
  }
}
