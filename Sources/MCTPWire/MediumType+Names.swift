#if !hasFeature(Embedded)
  extension MediumType: CustomStringConvertible {
    /// Words of DSP0239 1.11.1 Table 3; `medium 0x07` where there are none.
    public var name: String { MediumType.names[rawValue] ?? "medium 0x" + rawValue.hexDigits(2) }

    public var description: String { name }

    private static let names: [UInt8: String] = [
      0x00: "unspecified", 0x01: "SMBus 100 kHz", 0x02: "SMBus/I2C 100 kHz", 0x03: "I2C 100 kHz",
      0x04: "SMBus/I2C 400 kHz", 0x05: "SMBus/I2C 1 MHz", 0x06: "I2C 3.4 MHz", 0x08: "PCIe 1.1",
      0x09: "PCIe 2.0", 0x0A: "PCIe 2.1", 0x0B: "PCIe 3", 0x0C: "PCIe 4", 0x0D: "PCIe 5 or CXL",
      0x0E: "PCIe 6 non-flit", 0x0F: "PCI", 0x10: "USB 1.1", 0x11: "USB 2.0", 0x12: "USB 3.0",
      0x18: "NC-SI over RBT", 0x19: "UCIe", 0x1A: "PCC", 0x20: "KCS legacy", 0x21: "KCS over PCI",
      0x22: "serial host legacy", 0x23: "serial host over PCI", 0x24: "serial", 0x30: "I3C",
      0x40: "PCIe 6 flit or CXL 3",
    ]
  }

  extension BindingType: CustomStringConvertible {
    /// Words of DSP0239 1.11.1 Table 2; `binding 0x0a` where there are none.
    public var name: String {
      switch self {
      case .reserved: "reserved"
      case .smbus: "SMBus/I2C"
      case .pcieVDM: "PCIe VDM"
      case .usb: "USB"
      case .kcs: "KCS"
      case .serial: "serial"
      case .i3c: "I3C"
      case .mmbi: "MMBI"
      case .pcc: "PCC"
      case .ucie: "UCIe"
      case .vendor: "vendor defined"
      default: "binding 0x" + rawValue.hexDigits(2)
      }
    }

    public var description: String { name }
  }
#endif
