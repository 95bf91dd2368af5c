internal import MCTPWire

/// Takes the `key=value` fields off one line, in the order that they must have.
struct LeaseFields {
  private var rest: ArraySlice<UInt8>
  private var isFirst = true

  init(_ line: ArraySlice<UInt8>) { rest = line }

  /// The value of the next field, which must be `key`: all up to a blank.
  mutating func value(_ key: String) throws(LeaseFileError.Reason) -> ArraySlice<UInt8> {
    let opening = (isFirst ? "" : " ") + key + "="
    guard rest.starts(with: opening.utf8) else {
      throw .malformed("`\(key)=` must come here, not \(quoted(rest))")
    }
    isFirst = false
    rest = rest.dropFirst(opening.utf8.count)
    let value = rest.prefix { $0 != UInt8(ascii: " ") }
    rest = rest[value.endIndex...]
    return value
  }

  /// Nothing may be left.
  func finish() throws(LeaseFileError.Reason) {
    guard rest.isEmpty else { throw .malformed("\(quoted(rest)) after the last field") }
  }

  mutating func number(
    _ key: String, in range: ClosedRange<UInt64>
  ) throws(LeaseFileError.Reason) -> UInt64 {
    let text = try value(key)
    guard let number = decimal(text, in: range) else {
      throw .malformed(
        "`\(key)` must be \(range.lowerBound) to \(range.upperBound), not \(quoted(text))")
    }
    return number
  }

  mutating func word<Word: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Word.Type
  ) throws(LeaseFileError.Reason) -> Word where Word.RawValue == String {
    let text = try value(key)
    guard let word = Word.allCases.first(where: { text.elementsEqual($0.rawValue.utf8) }) else {
      let words = Word.allCases.map { "`\($0.rawValue)`" }.joined(separator: " or ")
      throw .malformed("`\(key)` must be \(words), not \(quoted(text))")
    }
    return word
  }

  mutating func pool() throws(LeaseFileError.Reason) -> Lease.Pool? {
    let text = try value("pool")
    if isNone(text) { return nil }
    let ends = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard ends.count == 2, let first = decimal(ends[0], in: 8...254),
      let last = decimal(ends[1], in: first...254),
      let pool = Lease.Pool(
        firstEID: EID(UInt8(truncatingIfNeeded: first)),
        eidCount: UInt8(truncatingIfNeeded: last - first + 1))
    else {
      throw .malformed("`pool` must be `-` or `first-last` within 8 to 254, not \(quoted(text))")
    }
    return pool
  }

  mutating func address() throws(LeaseFileError.Reason) -> PhysicalAddress {
    let text = try value("address")
    if isNone(text) { return .none }
    if text.starts(with: "0x".utf8), let address = hexNumber(text.dropFirst(2), digitCount: 2),
      address <= 0x7F
    {
      return .i2c(UInt8(truncatingIfNeeded: address))
    }
    guard let provisionedID = hexNumber(text, digitCount: 12) else {
      throw .malformed(
        "`address` must be `-`, an I2C address like 0x1d or 12 hex digits, not \(quoted(text))")
    }
    return .i3c(provisionedID)
  }

  mutating func uuid() throws(LeaseFileError.Reason) -> EndpointUUID? {
    let text = try value("uuid")
    if isNone(text) { return nil }
    let groups = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let numbers = zip(groups, [8, 4, 4, 4, 12]).compactMap { hexNumber($0, digitCount: $1) }
    guard groups.count == 5, numbers.count == 5 else { throw illegalUUID(text) }
    let uuid = EndpointUUID(
      high: numbers[0] << 32 | numbers[1] << 16 | numbers[2], low: numbers[3] << 48 | numbers[4])
    // It is never written: a lease without a UUID has `-`.
    guard uuid != .nil else { throw illegalUUID(text) }
    return uuid
  }

  private func illegalUUID(_ text: ArraySlice<UInt8>) -> LeaseFileError.Reason {
    .malformed("`uuid` must be `-` or a UUID in lower case, not \(quoted(text))")
  }

  private func isNone(_ text: ArraySlice<UInt8>) -> Bool { text.elementsEqual("-".utf8) }
}

/// A decimal number in its only spelling (digits, no leading zero) and range; nil for all else.
func decimal(_ text: ArraySlice<UInt8>, in range: ClosedRange<UInt64>) -> UInt64? {
  guard let first = text.first, first != UInt8(ascii: "0") || text.count == 1 else { return nil }
  var number: UInt64 = 0
  for byte in text {
    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
    let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
    let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
    guard !overflow, !carry else { return nil }
    number = sum
  }
  return range.contains(number) ? number : nil
}

/// Bytes of unknown origin for a message: at most 40, and nothing that a terminal obeys.
func quoted(_ bytes: ArraySlice<UInt8>) -> String {
  var text = ""
  for byte in bytes.prefix(40) {
    let isPlain = (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "`")
    text += isPlain ? String(UnicodeScalar(byte)) : "\\x\(hexDigits(UInt64(byte), 2))"
  }
  return "`\(text)\(bytes.count > 40 ? "…" : "")`"
}
