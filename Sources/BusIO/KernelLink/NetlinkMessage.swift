// The bytes of netlink: messages, and the attributes inside them. Numbers are in the machine's
// byte order, everything is padded to four bytes.
//
// Owns nothing: offsets into the caller's bytes. Whatever the bytes are, a reader returns nil or a
// range that lies within them.

/// One message of a datagram.
struct NetlinkMessage: Hashable {
  /// Types that every netlink protocol has.
  static let error: UInt16 = 2
  static let done: UInt16 = 3

  /// NLM_F_DUMP_INTR: the list changed while it was told.
  static let isInconsistent: UInt16 = 0x10

  static let headerByteCount = 16

  let type: UInt16
  let flags: UInt16
  let sequence: UInt32
  /// Where it is in the datagram, header not included.
  let body: Range<Int>

  /// The message at `offset`, which then moves on to the next one; nil at the end, and where the
  /// bytes are no message: then `offset` stays short of `bytes.count`.
  static func next(_ bytes: Span<UInt8>, _ offset: inout Int) -> NetlinkMessage? {
    guard bytes.count - offset >= headerByteCount,
      let length = bytes.number(at: offset, as: UInt32.self), length >= headerByteCount,
      Int(length) <= bytes.count - offset,
      let type = bytes.number(at: offset + 4, as: UInt16.self),
      let flags = bytes.number(at: offset + 6, as: UInt16.self),
      let sequence = bytes.number(at: offset + 8, as: UInt32.self)
    else { return nil }
    let end = offset + Int(length)
    defer { offset = min(end + padding(Int(length)), bytes.count) }
    return NetlinkMessage(
      type: type, flags: flags, sequence: sequence, body: offset + headerByteCount..<end)
  }

  /// The errno value, above 0, that an error message or the end of a list carries; 0 for success,
  /// nil for other messages and for bodies that are cut.
  func errorCode(_ bytes: Span<UInt8>) -> Int32? {
    guard type == NetlinkMessage.error || type == NetlinkMessage.done else { return nil }
    guard body.count >= 4, let code = bytes.number(at: body.lowerBound, as: Int32.self) else {
      return type == NetlinkMessage.done ? 0 : nil
    }
    return code == .min ? .max : max(0, -code)
  }

  static func padding(_ byteCount: Int) -> Int { (4 - byteCount % 4) % 4 }
}

/// One attribute: a type and its bytes, which may be further attributes.
struct NetlinkAttribute: Hashable {
  static let headerByteCount = 4
  /// Two bits say that it is nested and in which byte order; the type is the rest.
  static let isNested: UInt16 = 0x8000
  private static let typeMask: UInt16 = 0x3FFF

  let type: UInt16
  let payload: Range<Int>

  /// The attribute at `offset`, which then moves on to the next one; nil at `end`, and where the
  /// bytes are no attribute.
  static func next(
    _ bytes: Span<UInt8>, _ offset: inout Int, end: Int
  ) -> NetlinkAttribute? {
    guard end <= bytes.count, end - offset >= headerByteCount,
      let length = bytes.number(at: offset, as: UInt16.self), length >= headerByteCount,
      Int(length) <= end - offset, let type = bytes.number(at: offset + 2, as: UInt16.self)
    else { return nil }
    let payload = offset + headerByteCount..<offset + Int(length)
    offset = min(payload.upperBound + NetlinkMessage.padding(Int(length)), end)
    return NetlinkAttribute(type: type & typeMask, payload: payload)
  }

  /// The first attribute of `type` between `start` and `end`.
  static func first(
    _ type: UInt16, _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) -> NetlinkAttribute? {
    var offset = start
    while let attribute = next(bytes, &offset, end: end) {
      if attribute.type == type { return attribute }
    }
    return nil
  }

  /// Nil when it has fewer bytes.
  func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: Span<UInt8>, as type: Number.Type
  ) -> Number? {
    payload.count < MemoryLayout<Number>.size
      ? nil : bytes.number(at: payload.lowerBound, as: type)
  }

  /// Up to the first zero byte.
  func text(_ bytes: Span<UInt8>) -> String {
    var text: [UInt8] = []
    for index in payload {
      if bytes[index] == 0 { break }
      text.append(bytes[index])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension Span<UInt8> {
  /// A number in the machine's byte order; nil when it is not wholly there.
  func number<Number: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: Number.Type
  ) -> Number? {
    guard offset >= 0, count - offset >= MemoryLayout<Number>.size else { return nil }
    return bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type)
  }
}
