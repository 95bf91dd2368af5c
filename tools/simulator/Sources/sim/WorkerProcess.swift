import Glibc

/// How a process ended.
enum ProcessEnd: Equatable {
  case status(Int32)
  case signal(Int32)

  /// What a run is called that ended its process; nil when the process ended by itself.
  var invariant: String? {
    switch self {
    case .status: nil
    case .signal(SIGXCPU): "process-hung"
    case .signal: "process-ended"
    }
  }

  var text: String {
    switch self {
    case .status(let status): "it ended with status \(status)"
    case .signal(SIGXCPU): "it took more processor time than any run needs"
    case .signal(let number): "it ended by signal \(number), \(String(cString: strsignal(number)))"
    }
  }
}

/// This program once more, as a child with its standard output in a pipe. Life: `start`; `read`
/// whenever `descriptor` is readable, until it says that the child is gone; `finish`.
struct WorkerProcess {
  let descriptor: Int32
  private let pid: pid_t
  private var unfinished: [UInt8] = []

  /// - Parameter isSilent: what it says on standard error goes nowhere.
  static func start(_ arguments: [String], isSilent: Bool = false) throws -> WorkerProcess {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw RunnerFailure.system("no pipe to another process") }
    // One thread: no other child can begin between the two calls.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { _ = close(ends[1]) }
    do {
      let pid = try spawn(arguments, output: ends[1], isSilent: isSilent)
      return WorkerProcess(descriptor: ends[0], pid: pid)
    } catch {
      _ = close(ends[0])
      throw error
    }
  }

  private init(descriptor: Int32, pid: pid_t) {
    self.descriptor = descriptor
    self.pid = pid
  }

  /// Runs to its end with this process' own output.
  static func call(_ arguments: [String]) throws -> ProcessEnd {
    wait(try spawn(arguments, output: nil, isSilent: false))
  }

  private static func spawn(
    _ arguments: [String], output: Int32?, isSilent: Bool
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let output { posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
    if isSilent {
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    }
    // Who looks closely runs it again, with this process' own output, and sees where it ended.
    let settings = output == nil ? Environment.own : Environment.withoutBacktraces
    var words: [UnsafeMutablePointer<CChar>?] = (["sim"] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, "/proc/self/exe", &actions, nil, &words, &variables)
    guard status == 0 else { throw RunnerFailure.system("no further process", status) }
    return pid
  }

  private static func wait(_ pid: pid_t) -> ProcessEnd {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? .status((status >> 8) & 0xFF) : .signal(status & 0x7F)
  }

  /// What there is to read; blocks when there is nothing.
  ///
  /// - Returns: whole lines; nil when the child has closed its output.
  mutating func read() -> [Substring]? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var count = Glibc.read(descriptor, &chunk, chunk.count)
    while count < 0, errno == EINTR { count = Glibc.read(descriptor, &chunk, chunk.count) }
    guard count > 0 else { return nil }
    unfinished += chunk[..<count]
    guard let end = unfinished.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let text = String(decoding: unfinished[...end], as: UTF8.self)
    unfinished.removeSubrange(...end)
    return text.split(separator: "\n")
  }

  func finish() -> ProcessEnd {
    _ = close(descriptor)
    return WorkerProcess.wait(pid)
  }

  func stop() { _ = kill(pid, SIGTERM) }
}

/// `NAME=VALUE` of this process.
private enum Environment {
  static var own: [String] {
    var words: [String] = []
    var next = environ
    while let word = next.pointee {
      words.append(String(cString: word))
      next += 1
    }
    return words
  }

  static var withoutBacktraces: [String] {
    own.filter { !$0.hasPrefix("SWIFT_BACKTRACE=") } + ["SWIFT_BACKTRACE=enable=no"]
  }
}
