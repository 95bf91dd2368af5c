/// Why the bytes of a lease file are not taken, with the place.
public struct LeaseFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Error, Hashable, Sendable {
    /// More bytes than any book has.
    case tooLong(byteCount: Int)
    /// The first line is not that of a lease file.
    case notALeaseFile
    /// The first line names a version that this program does not know.
    case newerVersion(UInt32)
    /// The bytes end before the last line does.
    case cutShort
    /// The check over all bytes fails: they are not those that were written.
    case checkFails(stated: UInt32, computed: UInt32)
    /// A line is not as the format has it; says how.
    case malformed(String)
    /// A line that is well formed and cannot be: says why.
    case impossible(String)
  }

  /// The name of the file, for the message.
  public let file: String
  /// From 1; where reading ended.
  public let line: Int
  public let reason: Reason

  /// For example `leases:4: cut short`.
  public var description: String { "\(file):\(line): \(reason)" }
}

extension LeaseFileError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLong(let byteCount):
      "too long: \(byteCount) bytes or more, the longest has \(LeaseFile.byteCountMax)"
    case .notALeaseFile: "not a lease file of this program"
    case .newerVersion(let version):
      "written by a newer program: format \(version), this one knows \(LeaseFile.version)"
    case .cutShort: "cut short"
    case .checkFails(let stated, let computed):
      "damaged: the check is \(hexDigits(UInt64(computed), 8)), the file says "
        + hexDigits(UInt64(stated), 8)
    case .malformed(let text): "malformed: \(text)"
    case .impossible(let text): "impossible: \(text)"
    }
  }
}
