/// A physical medium identifier (DSP0239 1.11.1 Table 3). Unknown values are kept.
public struct MediumType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let unspecified = MediumType(rawValue: 0x00)
  public static let smbus100kHz = MediumType(rawValue: 0x01)
  public static let smbusOrI2C100kHz = MediumType(rawValue: 0x02)
  public static let i2c100kHz = MediumType(rawValue: 0x03)
  public static let i2c400kHz = MediumType(rawValue: 0x04)
  public static let i2c1MHz = MediumType(rawValue: 0x05)
  public static let i2c3400kHz = MediumType(rawValue: 0x06)
  public static let usb1 = MediumType(rawValue: 0x10)
  public static let usb2 = MediumType(rawValue: 0x11)
  public static let usb3 = MediumType(rawValue: 0x12)
  public static let serialHostLegacy = MediumType(rawValue: 0x22)
  public static let serialHostPCI = MediumType(rawValue: 0x23)
  public static let serial = MediumType(rawValue: 0x24)
  public static let i3c = MediumType(rawValue: 0x30)
}

/// A physical transport binding identifier (DSP0239 1.11.1 Table 2). Unknown values are kept.
public struct BindingType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let reserved = BindingType(rawValue: 0x00)
  public static let smbus = BindingType(rawValue: 0x01)
  public static let pcieVDM = BindingType(rawValue: 0x02)
  public static let usb = BindingType(rawValue: 0x03)
  public static let kcs = BindingType(rawValue: 0x04)
  public static let serial = BindingType(rawValue: 0x05)
  public static let i3c = BindingType(rawValue: 0x06)
  public static let mmbi = BindingType(rawValue: 0x07)
  public static let pcc = BindingType(rawValue: 0x08)
  public static let ucie = BindingType(rawValue: 0x09)
  public static let vendor = BindingType(rawValue: 0xFF)
}
