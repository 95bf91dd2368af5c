internal import CLinuxBus

/// A system call that failed, in words for people.
public struct SystemError: Error, Hashable, Sendable {
  /// The errno value, above 0.
  public let code: Int32
  /// What was tried, one verb: `open`, `lock`.
  public let operation: String
  /// The file it was tried on; empty where there is none.
  public let path: String
  /// What to do about it; empty where nobody knows.
  public let hint: String

  public init(code: Int32, operation: String, path: String = "", hint: String = "") {
    self.code = code
    self.operation = operation
    self.path = path
    self.hint = hint
  }

  /// The C library's words for `code`.
  public var cause: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { text in
      linux_error_text(code, text.baseAddress, text.count)
      let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

extension SystemError: CustomStringConvertible {
  /// For example `open /dev/ttyS4: Permission denied (13); add the user to …`.
  public var description: String {
    let place = path.isEmpty ? operation : "\(operation) \(path)"
    let text = "\(place): \(cause) (\(code))"
    return hint.isEmpty ? text : "\(text); \(hint)"
  }
}

/// Turns the shim's negative errno values into errors.
///
/// - Returns: `result` where it is 0 or above.
func checked(
  _ result: Int32, _ operation: String, _ path: String = "", hint: (Int32) -> String = { _ in "" }
) throws(SystemError) -> Int32 {
  guard result < 0 else { return result }
  throw SystemError(code: -result, operation: operation, path: path, hint: hint(-result))
}
