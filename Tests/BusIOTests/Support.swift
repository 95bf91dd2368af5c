import BusIO
import Glibc
import MCTPWire
import Testing

/// Far beyond what any step needs on a loaded machine: only a failing test waits this long.
let generousNanoseconds: UInt64 = 10_000_000_000

extension EventLoop {
  /// Waits and delivers until `isDone`, at most for the generous time.
  func run(
    until isDone: () -> Bool, nextDeadline: () -> Instant? = { nil },
    _ body: (UInt64, Readiness) -> Void
  ) -> Bool {
    let end = now().advanced(byNanoseconds: generousNanoseconds)
    while !isDone() {
      guard now() < end else { return false }
      wait(until: min(nextDeadline() ?? end, end), body)
    }
    return true
  }

  /// Tokens of what is ready now, without sleeping.
  func readyNow() -> [UInt64] {
    var tokens: [UInt64] = []
    wait(until: .zero) { token, _ in tokens.append(token) }
    return tokens
  }
}

/// Two connected ends of a pipe.
struct Pipe: ~Copyable {
  let input: Descriptor
  let output: Descriptor

  init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    for end in ends { precondition(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
    input = Descriptor(adopting: ends[0])
    output = Descriptor(adopting: ends[1])
  }
}

/// Reads exactly `count` bytes, waiting for them where needed; fewer when they do not come.
func readBytes(_ descriptor: Int32, count: Int) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while bytes.count < count {
    let result = read(descriptor, &buffer, min(buffer.count, count - bytes.count))
    if result > 0 {
      bytes += buffer[..<result]
    } else if result < 0, errno == EAGAIN {
      guard waitUntil(descriptor, POLLIN) else { return bytes }
    } else {
      return bytes
    }
  }
  return bytes
}

/// What can be read without waiting.
func readAvailable(_ descriptor: Int32, countMax: Int = .max) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while bytes.count < countMax {
    let result = read(descriptor, &buffer, min(buffer.count, countMax - bytes.count))
    guard result > 0 else { return bytes }
    bytes += buffer[..<result]
  }
  return bytes
}

func writeBytes(_ descriptor: Int32, _ bytes: [UInt8]) {
  var offset = 0
  while offset < bytes.count {
    let result = bytes[offset...].withUnsafeBytes {
      write(descriptor, $0.baseAddress, $0.count)
    }
    if result > 0 {
      offset += result
    } else if result < 0, errno == EAGAIN, waitUntil(descriptor, POLLOUT) {
      continue
    } else {
      Issue.record("write failed: errno \(errno)")
      return
    }
  }
}

private func waitUntil(_ descriptor: Int32, _ events: Int32) -> Bool {
  var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
  return poll(&entry, 1, Int32(generousNanoseconds / 1_000_000)) == 1
}

/// How often this thread has called read and write so far; nil where the kernel does not count.
func threadCalls() -> (reads: Int, writes: Int)? {
  let file = open("/proc/thread-self/io", O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  let owner = Descriptor(adopting: file)
  let text = String(decoding: readAvailable(owner.rawValue), as: UTF8.self)
  var values: [Substring: Int] = [:]
  for line in text.split(separator: "\n") {
    let parts = line.split(separator: " ")
    if parts.count == 2 { values[parts[0]] = Int(parts[1]) }
  }
  guard let reads = values["syscr:"], let writes = values["syscw:"] else { return nil }
  return (reads, writes)
}
