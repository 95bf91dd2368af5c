/// Who defined a vendor defined message (DSP0236 1.3.3 §12, command 0x06). The format byte in
/// front of the number on the wire follows from the case.
public enum VendorID: Hashable, Sendable {
  /// Format 0x00: a PCI vendor ID, message type 0x7E.
  case pci(UInt16)
  /// Format 0x01: an IANA enterprise number, message type 0x7F.
  case iana(UInt32)

  /// The message type whose bodies carry this ID.
  public var messageType: MessageType {
    switch self {
    case .pci: .vendorPCI
    case .iana: .vendorIANA
    }
  }
}

extension ControlBody {
  /// Appends the format byte and the ID, most significant byte first.
  public mutating func append(_ vendorID: VendorID) throws(WireError) {
    switch vendorID {
    case .pci(let number):
      try append(0x00 as UInt8)
      try append(number)
    case .iana(let number):
      try append(0x01 as UInt8)
      try append(number)
    }
  }
}

extension ByteReader {
  /// Reads the format byte and the ID.
  ///
  /// - Throws: `WireError.tooShort`; `.invalidValue` for an unknown format, because nothing else
  ///   tells how long its ID is.
  @_lifetime(self: copy self)
  public mutating func vendorID() throws(WireError) -> VendorID {
    switch try byte() {
    case 0x00: .pci(try uint16())
    case 0x01: .iana(try uint32())
    default: throw .invalidValue
    }
  }
}
