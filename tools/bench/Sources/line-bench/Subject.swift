import Glibc

/// A forwarder under test: a process of its own between two lines.
struct Subject {
  private let process: pid_t
  private let directory: String?

  static func copier(_ path: String, _ a: String, _ b: String) -> Subject {
    Subject(process: spawn([path, a, b]), directory: nil)
  }

  static func router(_ path: String, _ a: String, _ b: String) -> Subject {
    var template = Array(("/tmp/line-bench-" + String(repeating: "X", count: 6)).utf8CString)
    guard mkdtemp(&template) != nil else { fail("no temporary directory") }
    let directory = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let topology = """
      version: 1
      router: { name: line-bench, eid-policy: single, eid: 8 }
      ports:
        - { name: a, bus: serial, device: \(a), role: peer, speed: 115200, queue: 256 }
        - { name: b, bus: serial, device: \(b), role: peer, speed: 115200, queue: 256 }
      routes:
        - { eids: 9, port: a }
        - { eids: 10, port: b }

      """
    let file = directory + "/topology.yaml"
    guard let stream = fopen(file, "w") else { fail("cannot write \(file)") }
    fputs(topology, stream)
    fclose(stream)
    return Subject(
      process: spawn([path, file, "--admin-socket", directory + "/admin.sock"]),
      directory: directory)
  }

  private static func spawn(_ arguments: [String]) -> pid_t {
    var process: pid_t = 0
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let result = posix_spawn(&process, arguments[0], &actions, nil, &pointers, environ)
    guard result == 0 else { fail("\(arguments[0]): \(String(cString: strerror(result)))") }
    return process
  }

  /// Time on a processor since the process began.
  func cpuNanoseconds() -> UInt64 {
    guard let stream = fopen("/proc/\(process)/schedstat", "r") else { fail("the subject ended") }
    defer { fclose(stream) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, stream) != nil else { fail("no schedstat on this kernel") }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
  }

  mutating func stop() {
    kill(process, SIGTERM)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    if let directory {
      unlink(directory + "/topology.yaml")
      unlink(directory + "/admin.sock")
      rmdir(directory)
    }
  }
}
