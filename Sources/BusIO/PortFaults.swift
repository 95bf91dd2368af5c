/// A port that waiting will not mend: the daemon does not start with it.
public struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong and where.
  public let message: String
  /// What to do about it.
  public let hint: String

  public init(_ message: String, hint: String) {
    self.message = message
    self.hint = hint
  }

  public var description: String { hint.isEmpty ? message : "\(message); \(hint)" }
}

/// Why a device is not usable now. The port waits and tries again.
public enum DeviceFailure: Error, Hashable, Sendable, CustomStringConvertible {
  case system(SystemError)
  /// Also met before the start; here because it can come about later.
  case configuration(ConfigurationFault)
  /// Anything else, in words.
  case gone(String)

  public var description: String {
    switch self {
    case .system(let error): error.description
    case .configuration(let fault): fault.description
    case .gone(let text): text
    }
  }
}

/// Something that the kernel or a scheduler counts for a port, beside the packets that the engine
/// counts.
public struct LinkCounter: Hashable, Sendable {
  /// Lower case words with hyphens: `rx-crc-errors`.
  public let name: String
  public let count: UInt64

  public init(_ name: String, _ count: UInt64) {
    self.name = name
    self.count = count
  }
}

/// The waits between attempts to open a device: they double from 100 ms up to 5 s.
public struct Backoff: Hashable, Sendable {
  static let minMs: UInt32 = 100
  static let maxMs: UInt32 = 5_000

  private var nextMs = Backoff.minMs

  public init() {}

  /// The wait before the next attempt.
  public mutating func next() -> UInt32 {
    defer { nextMs = min(nextMs * 2, Backoff.maxMs) }
    return nextMs
  }

  /// After a device was up for long: one that comes and goes at once is tried less and less often.
  public mutating func reset() { nextMs = Backoff.minMs }
}
