import Glibc

/// This program once more, as a child with its standard output in a pipe. Life: `start`; `read`
/// whenever `descriptor` is readable, until it says that the child is gone.
struct WorkerProcess {
  let descriptor: Int32
  private let pid: pid_t
  private var unfinished: [UInt8] = []

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  static func start(_ arguments: [String]) throws -> WorkerProcess {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw Failure(description: "no pipe: \(String(cString: strerror(errno)))")
    }
    // One thread: no other child can begin between the two calls.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // Who looks closely runs it again, and sees where it ended.
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    defer { unsetenv("SWIFT_BACKTRACE") }
    let pid = try spawn(arguments, output: ends[1])
    _ = close(ends[1])
    return WorkerProcess(descriptor: ends[0], pid: pid)
  }

  private init(descriptor: Int32, pid: pid_t) {
    self.descriptor = descriptor
    self.pid = pid
  }

  /// Runs to its end with this process' own output; returns the exit status, nil for a signal.
  static func call(_ arguments: [String]) throws -> Int32? {
    wait(try spawn(arguments, output: nil))
  }

  private static func spawn(_ arguments: [String], output: Int32?) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let output { posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
    let words = ["sim"] + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, "/proc/self/exe", &actions, nil, &pointers, environ)
    guard status == 0 else {
      throw Failure(description: "no process: \(String(cString: strerror(status)))")
    }
    return pid
  }

  private static func wait(_ pid: pid_t) -> Int32? {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
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

  /// - Returns: whether it ended by itself with status 0.
  func finish() -> Bool {
    _ = close(descriptor)
    return WorkerProcess.wait(pid) == 0
  }

  func stop() { _ = kill(pid, SIGTERM) }
}
