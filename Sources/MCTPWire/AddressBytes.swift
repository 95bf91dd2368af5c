/// The bytes of a physical address in a control payload, most significant first, kept as they
/// came: the transport binding decides what they mean.
///
/// Choice: at most 16 bytes. DSP0236 gives no bound; the longest address of a published binding
/// has 6.
public struct AddressBytes: Hashable, Sendable {
  public static let countMax = 16

  /// Bytes 0 to 7 and 8 to 15, the first byte most significant; bytes past `count` are 0.
  private var high: UInt64 = 0
  private var low: UInt64 = 0
  private var length: UInt8 = 0

  /// No bytes: point-to-point media.
  public init() {}

  /// - Throws: `WireError.noRoom` for more than 16 bytes.
  public init(_ bytes: Span<UInt8>) throws(WireError) {
    guard bytes.count <= AddressBytes.countMax else { throw .noRoom }
    for index in bytes.indices { set(bytes[index], at: index) }
    length = UInt8(bytes.count)
  }

  /// The form that the address has in control payloads on its own medium: 0, 1 or 6 bytes.
  public init(_ address: PhysicalAddress) {
    for index in 0..<address.controlByteCount { set(address.controlByte(at: index), at: index) }
    length = UInt8(address.controlByteCount)
  }

  /// 0 to 16.
  public var count: Int { Int(length) }

  /// - Parameter index: 0 ..< `count`.
  public subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < count, "index out of range")
    let half = index < 8 ? high : low
    return UInt8(truncatingIfNeeded: half >> (8 * UInt64(7 - index % 8)))
  }

  private mutating func set(_ byte: UInt8, at index: Int) {
    let shifted = UInt64(byte) << (8 * UInt64(7 - index % 8))
    if index < 8 { high |= shifted } else { low |= shifted }
  }
}

extension BindingType {
  /// Bytes of a physical address in control payloads; nil where the form is not known.
  ///
  /// Choice: 6 for I3C (the provisioned ID), because no text that fixes the form was available;
  /// 0 for the media without link addresses (serial, USB, KCS).
  public var addressByteCount: Int? {
    switch self {
    case .smbus: 1
    case .pcieVDM: 2
    case .i3c: 6
    case .serial, .usb, .kcs: 0
    default: nil
    }
  }
}

extension PhysicalAddress {
  /// What `bytes` mean on `binding`; nil when they have another length than the binding's
  /// addresses, and for bindings whose addresses this device cannot use.
  ///
  /// SMBus and I2C: the address is in bits 7:1, bit 0 is ignored (DSP0237 1.1.0 §6.8).
  /// Interoperability: mctpd answers Resolve Endpoint ID with the unshifted address, which cannot
  /// be told from the shifted form of another one.
  public init?(_ bytes: AddressBytes, binding: BindingType) {
    guard bytes.count == binding.addressByteCount else { return nil }
    switch binding {
    case .smbus: self = .i2c(bytes[0] >> 1)
    case .i3c:
      var provisionedID: UInt64 = 0
      for index in 0..<bytes.count { provisionedID = provisionedID << 8 | UInt64(bytes[index]) }
      self = .i3c(provisionedID)
    case .serial, .usb, .kcs: self = .none
    default: return nil
    }
  }
}

extension ControlBody {
  /// - Throws: `WireError.noRoom` past 64 bytes.
  public mutating func append(_ address: AddressBytes) throws(WireError) {
    for index in 0..<address.count { try append(address[index]) }
  }
}

extension ByteReader {
  /// The next `count` bytes as an address.
  ///
  /// - Throws: `WireError.tooShort`, or `.noRoom` for more than 16.
  @_lifetime(self: copy self)
  public mutating func address(byteCount: Int) throws(WireError) -> AddressBytes {
    try AddressBytes(try take(byteCount))
  }
}
