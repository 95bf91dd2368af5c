internal import AdminProtocol
internal import Glibc

/// Where text goes and how it may look there.
public enum Terminal {
  /// Bold headings when standard output is a terminal and NO_COLOR is not set.
  public static var style: TextStyle {
    TextStyle(isBold: isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR") == nil)
  }

  /// The socket when `--socket` names none.
  public static var socketPath: String {
    environment(AdminLimits.socketVariable) ?? AdminLimits.defaultSocketPath
  }

  /// Writes to standard output at once. What cannot be written is lost.
  public static func print(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes to standard error at once.
  public static func printError(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Waits. A signal may end it early.
  public static func pause(milliseconds: Int) {
    var time = timespec(
      tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    nanosleep(&time, nil)
  }

  /// Milliseconds since 1970 of the system's clock; 0 before.
  public static func clockMs() -> UInt64 {
    var time = timespec()
    guard clock_gettime(CLOCK_REALTIME, &time) == 0, time.tv_sec >= 0 else { return 0 }
    return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
  }

  /// A variable's value; nil when it is empty or not set.
  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        systemWrite(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 {
        written += count
      } else if errno != EINTR {
        return
      }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
