import Glibc

/// The report on standard output, lines for people on standard error.
enum Output {
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  static func error(_ text: String) { put("load: \(text)\n") }

  /// One line that the next call replaces.
  static func showLine(_ text: String) { put("\r\u{1B}[K\(text)") }

  static func clearLine() { put("\r\u{1B}[K") }

  /// - Throws: `LoadError` when not all of it was taken.
  static func report(_ text: String) throws {
    let bytes = Array((text + "\n").utf8)
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes {
        write(STDOUT_FILENO, $0.baseAddress?.advanced(by: start), bytes.count - start)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw LoadError("standard output cannot be written: \(String(cString: strerror(errno)))")
      }
      start += count
    }
  }

  private static func put(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
