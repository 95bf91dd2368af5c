import Foundation
import Glibc

/// Standard output and error, for people and programs.
enum Output {
  static var processorCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
  static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  static func error(_ text: String) { write("tools/sim: \(text)\n", to: STDERR_FILENO) }

  static func say(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

  /// Everything at once, unbuffered: what was written is there when the process dies.
  static func write(_ text: String, to descriptor: Int32) {
    write(Array(text.utf8), to: descriptor)
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: start), bytes.count - start)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      start += count
    }
  }

  static func json(_ value: Any) {
    guard
      let bytes = try? JSONSerialization.data(
        withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    else { return }
    write([UInt8](bytes) + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
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
