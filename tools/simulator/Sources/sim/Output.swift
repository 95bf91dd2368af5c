import Foundation
import Glibc

/// The runner itself cannot go on: no run is to blame.
struct RunnerFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// What the system refused just now.
  static func system(_ what: String, _ number: Int32 = errno) -> RunnerFailure {
    RunnerFailure("\(what): \(String(cString: strerror(number)))")
  }
}

/// Standard output and error, for people and programs.
enum Output {
  static var processorCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
  static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Nobody is left to tell when standard error fails too.
  static func error(_ text: String) { note("tools/sim: \(text)\n") }

  /// To standard error, for who watches.
  static func note(_ text: String) { try? write(text, to: STDERR_FILENO) }

  static func say(_ line: String) throws { try write(line + "\n", to: STDOUT_FILENO) }

  static func write(_ text: String, to descriptor: Int32) throws {
    try write(
      Array(text.utf8), to: descriptor,
      name: descriptor == STDOUT_FILENO ? "standard output" : "standard error")
  }

  /// Everything at once, unbuffered: what was written is there when the process dies.
  static func write(_ bytes: [UInt8], to descriptor: Int32, name: String) throws {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: start), bytes.count - start)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw RunnerFailure.system("\(name) cannot be written") }
      start += count
    }
  }

  static func json(_ value: Any) throws {
    let bytes = try JSONSerialization.data(
      withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    try write([UInt8](bytes) + [UInt8(ascii: "\n")], to: STDOUT_FILENO, name: "standard output")
  }

  static func hex(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// With one digit after the point.
  static func tenths(_ value: Double) -> String { String(format: "%.1f", value) }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
