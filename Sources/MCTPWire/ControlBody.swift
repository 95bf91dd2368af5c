/// The bytes of one control message body: at most 64, because every control message fits one
/// baseline packet (DSP0236 1.3.3 §11). Never allocates.
public struct ControlBody: Sendable {
  public static let byteCountMax = 64

  private var storage = InlineArray<64, UInt8>(repeating: 0)
  /// 0 to 64.
  public private(set) var count = 0

  public init() {}

  /// The bytes so far, borrowed from this value.
  public var span: Span<UInt8> {
    @_lifetime(borrow self) get { storage.span.extracting(first: count) }
  }

  public var freeByteCount: Int { ControlBody.byteCountMax - count }

  /// - Throws: `WireError.noRoom` past 64 bytes.
  public mutating func append(_ byte: UInt8) throws(WireError) {
    guard count < ControlBody.byteCountMax else { throw .noRoom }
    storage[count] = byte
    count += 1
  }

  /// Appends 16 bits, most significant byte first.
  public mutating func append(_ value: UInt16) throws(WireError) {
    try append(UInt8(truncatingIfNeeded: value >> 8))
    try append(UInt8(truncatingIfNeeded: value))
  }

  /// Appends 32 bits, most significant byte first.
  public mutating func append(_ value: UInt32) throws(WireError) {
    try append(UInt16(truncatingIfNeeded: value >> 16))
    try append(UInt16(truncatingIfNeeded: value))
  }

  public mutating func append(_ uuid: EndpointUUID) throws(WireError) {
    for index in 0..<16 { try append(uuid.byte(at: index)) }
  }

  public mutating func append(_ address: PhysicalAddress) throws(WireError) {
    for index in 0..<address.controlByteCount { try append(address.controlByte(at: index)) }
  }

  public mutating func append(_ bytes: Span<UInt8>) throws(WireError) {
    for index in bytes.indices { try append(bytes[index]) }
  }

  /// Overwrites a byte that is already there.
  ///
  /// - Parameter index: 0 ..< `count`.
  public mutating func replace(at index: Int, with byte: UInt8) {
    precondition(index < count, "index out of range")
    storage[index] = byte
  }
}
