#if !hasFeature(Embedded)
  extension VendorID: CustomStringConvertible {
    /// `PCI 0x1b4b`, `IANA 412`: each registry's own way to write its numbers.
    public var description: String {
      switch self {
      case .pci(let number): "PCI 0x" + number.hexDigits(4)
      case .iana(let number): "IANA \(number)"
      }
    }
  }
#endif
