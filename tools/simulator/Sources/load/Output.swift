import Glibc

/// Lines for people on standard error.
enum Output {
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  static func error(_ text: String) { put("load: \(text)\n") }

  /// One line that the next call replaces.
  static func showLine(_ text: String) { put("\r\u{1B}[K\(text)") }

  static func clearLine() { put("\r\u{1B}[K") }

  private static func put(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
