internal import FoundationEssentials

/// Values to JSON text and back. Keys are sorted, so that equal values give equal lines.
public enum AdminJSON {
  /// One line of JSON, newline included.
  ///
  /// - Throws: `internal` when the value cannot be written as JSON.
  public static func line(_ value: some Encodable) throws(AdminError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(value)) + [0x0A]
    } catch {
      throw AdminError(.internalError, "a value could not be written as JSON")
    }
  }

  /// Reads one JSON object.
  ///
  /// Whatever the bytes are, this returns or throws.
  /// - Throws: `AdminError` with `malformed-request` for bytes that are not a JSON object of small
  ///   depth, else what `Value` throws.
  static func decode<Value: Decodable>(_ type: Value.Type, from line: [UInt8]) throws -> Value {
    do {
      try JSONSyntax.check(line.span)
    } catch {
      throw AdminError(.malformedRequest, "not a JSON object: " + error.text)
    }
    return try JSONDecoder().decode(type, from: Data(line))
  }
}

extension KeyedDecodingContainer {
  /// A whole number, required.
  ///
  /// - Throws: `AdminError` with `invalid-parameter` when it is missing, of another kind or outside
  ///   `range`.
  func whole(_ key: Key, in range: ClosedRange<Int>) throws(AdminError) -> Int {
    guard let value = try? decode(Int.self, forKey: key), range.contains(value) else {
      throw AdminError(
        .invalidParameter,
        "`\(key.stringValue)` is not a whole number from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return value
  }

  /// A whole number; nil when the key is missing or null.
  func wholeIfPresent(_ key: Key, in range: ClosedRange<Int>) throws(AdminError) -> Int? {
    guard contains(key), (try? decodeNil(forKey: key)) != true else { return nil }
    return try whole(key, in: range)
  }
  /// A name, required: not empty.
  ///
  /// - Throws: `AdminError` with `invalid-parameter`.
  func name(_ key: Key) throws(AdminError) -> String {
    guard let value = try? decode(String.self, forKey: key), !value.isEmpty else {
      throw AdminError(.invalidParameter, "`\(key.stringValue)` is not a name")
    }
    return value
  }

  /// A name; nil when the key is missing or null.
  func nameIfPresent(_ key: Key) throws(AdminError) -> String? {
    guard contains(key), (try? decodeNil(forKey: key)) != true else { return nil }
    return try name(key)
  }
}
