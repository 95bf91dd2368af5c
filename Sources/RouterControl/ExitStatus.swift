/// How router-ctl ends: fixed numbers, for scripts.
public enum ExitStatus: Int32, Hashable, Sendable {
  case success = 0
  /// The daemon refused the request, or nobody answered it.
  case requestFailed = 1
  /// No connection to the daemon, or it broke.
  case noConnection = 2
  /// The arguments make no sense (`EX_USAGE` of sysexits.h; set by ArgumentParser).
  case usage = 64
}
