public import MCTPWire

/// A set of message types: 128 bits, because a type has seven.
public struct MessageTypeSet: Hashable, Sendable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  public init() {}

  public init(_ types: some Sequence<MessageType>) {
    for type in types { insert(type) }
  }

  public mutating func insert(_ type: MessageType) {
    if type.rawValue < 64 {
      low |= 1 << UInt64(type.rawValue)
    } else {
      high |= 1 << UInt64(type.rawValue - 64)
    }
  }

  public func contains(_ type: MessageType) -> Bool {
    type.rawValue < 64
      ? low >> UInt64(type.rawValue) & 1 == 1 : high >> UInt64(type.rawValue - 64) & 1 == 1
  }

  /// In rising order.
  public var types: [MessageType] {
    var types: [MessageType] = []
    for value in UInt8(0)..<0x80 where contains(MessageType(rawValue: value)) {
      types.append(MessageType(rawValue: value))
    }
    return types
  }
}

extension MessageTypeSet {
  /// Runs of two hex digits: `00-01,05,7e`; `-` for the empty set.
  ///
  /// Numbers, not names: a name that a later version adds must not change what an older file says.
  public var text: String {
    var runs: [ClosedRange<UInt8>] = []
    for type in types {
      if let last = runs.last, last.upperBound + 1 == type.rawValue {
        runs[runs.count - 1] = last.lowerBound...type.rawValue
      } else {
        runs.append(type.rawValue...type.rawValue)
      }
    }
    if runs.isEmpty { return "-" }
    return runs.map { run in
      let first = hexDigits(UInt64(run.lowerBound), 2)
      return run.count == 1 ? first : "\(first)-\(hexDigits(UInt64(run.upperBound), 2))"
    }.joined(separator: ",")
  }

  /// Reads exactly what `text` writes; nil for anything else.
  public init?(text: ArraySlice<UInt8>) {
    self.init()
    if text.elementsEqual("-".utf8) { return }
    for run in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let ends = run.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      guard ends.count <= 2, let first = ends.first.flatMap({ hexNumber($0, digitCount: 2) }),
        let last = ends.last.flatMap({ hexNumber($0, digitCount: 2) }), first <= last, last <= 0x7F
      else { return nil }
      for value in first...last {
        insert(MessageType(rawValue: UInt8(truncatingIfNeeded: value)))
      }
    }
    guard text.elementsEqual(self.text.utf8) else { return nil }
  }
}

/// Lower-case hex digits, padded with zeros.
func hexDigits(_ value: UInt64, _ digitCount: Int) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
}

/// The number of exactly so many lower-case hex digits, at most 16; nil for any other text.
func hexNumber(_ text: ArraySlice<UInt8>, digitCount: Int) -> UInt64? {
  guard text.count == digitCount else { return nil }
  var number: UInt64 = 0
  for byte in text {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"):
      number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
    default: return nil
    }
  }
  return number
}
