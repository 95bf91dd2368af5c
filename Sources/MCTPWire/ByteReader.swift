/// Reads fields from a control body in order. Every read checks the bytes that are left.
public struct ByteReader: ~Escapable {
  private let bytes: Span<UInt8>
  private var offset = 0

  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) { self.bytes = bytes }

  public var remaining: Int { bytes.count - offset }

  /// - Throws: `WireError.tooShort` when no byte is left.
  @_lifetime(self: copy self)
  public mutating func byte() throws(WireError) -> UInt8 {
    guard remaining >= 1 else { throw .tooShort }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// 16 bits, most significant byte first.
  @_lifetime(self: copy self)
  public mutating func uint16() throws(WireError) -> UInt16 {
    let high = try byte()
    return UInt16(high) << 8 | UInt16(try byte())
  }

  /// 32 bits, most significant byte first.
  @_lifetime(self: copy self)
  public mutating func uint32() throws(WireError) -> UInt32 {
    let high = try uint16()
    return UInt32(high) << 16 | UInt32(try uint16())
  }

  @_lifetime(self: copy self)
  public mutating func uuid() throws(WireError) -> EndpointUUID {
    guard remaining >= 16, let uuid = EndpointUUID(bytes.extracting(offset..<(offset + 16))) else {
      throw .tooShort
    }
    offset += 16
    return uuid
  }

  /// The next `count` bytes, borrowed from the body.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func take(_ count: Int) throws(WireError) -> Span<UInt8> {
    guard count >= 0, remaining >= count else { throw .tooShort }
    defer { offset += count }
    return bytes.extracting(offset..<(offset + count))
  }

  /// - Throws: `WireError.tooLong` when bytes are left over.
  public func finish() throws(WireError) {
    guard remaining == 0 else { throw .tooLong }
  }
}
