import Glibc

/// Ends this process by SIGXCPU when a run does not end. Processor time, so that a busy machine
/// ends none that would.
enum ProcessorTime {
  /// Choice: the longest run of `topologies/scenarios` takes about a second.
  static let defaultSeconds: UInt64 = 120

  /// From now on.
  static func allow(seconds: UInt64) {
    let resource = __rlimit_resource_t(RLIMIT_CPU.rawValue)
    var used = timespec()
    var limit = rlimit()
    guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0, getrlimit(resource, &limit) == 0
    else { return }
    // The kernel counts whole seconds.
    limit.rlim_cur = min(limit.rlim_max, rlim_t(used.tv_sec) &+ rlim_t(seconds) &+ 1)
    setrlimit(resource, &limit)
  }
}
