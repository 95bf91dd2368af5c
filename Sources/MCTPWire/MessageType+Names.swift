#if !hasFeature(Embedded)
  extension MessageType: CustomStringConvertible {
    /// The word in topologies and admin replies: stable. `0x0a` where there is none.
    public var name: String { MessageType.names[rawValue] ?? "0x" + rawValue.hexDigits(2) }

    public var description: String { name }

    /// - Parameter name: as `name` writes it, without the hex form; nil for any other.
    public init?(name: String) {
      guard let entry = MessageType.names.first(where: { $0.value == name }) else { return nil }
      self.init(rawValue: entry.key)
    }

    /// By raw value (DSP0239 1.11.1 Table 1).
    public static let names: [UInt8: String] = [
      0x00: "control", 0x01: "pldm", 0x02: "ncsi", 0x03: "ethernet", 0x04: "nvme-mi", 0x05: "spdm",
      0x06: "secured-messages", 0x07: "cxl-fm-api", 0x08: "cxl-cci", 0x09: "pcie-mi",
      0x7E: "vendor-pci", 0x7F: "vendor-iana",
    ]
  }
#endif
