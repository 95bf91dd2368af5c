import Glibc
import PseudoTerminalShim

/// The near side of a pseudo-terminal whose far side a subject opens.
final class Line {
  let descriptor: Int32
  let farPath: String
  private let far: Int32
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)

  init() {
    var name = [CChar](repeating: 0, count: 64)
    descriptor = pseudo_terminal_open(&name, name.count)
    guard descriptor >= 0 else { fail("no pseudo-terminal") }
    farPath = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Held open, so that the line does not hang up before the subject opens it.
    far = open(farPath, O_RDWR | O_NOCTTY | O_CLOEXEC)
    var settings = termios()
    tcgetattr(far, &settings)
    cfmakeraw(&settings)
    tcsetattr(far, TCSANOW, &settings)
  }

  deinit {
    close(far)
    close(descriptor)
    buffer.deallocate()
  }

  func write(_ bytes: [UInt8]) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done)
      }
      if count > 0 {
        done += count
      } else if errno == EAGAIN {
        wait(POLLOUT, forMs: 1000)
      } else if errno != EINTR {
        fail("write: \(String(cString: strerror(errno)))")
      }
    }
  }

  @discardableResult
  private func wait(_ events: Int32, forMs ms: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return poll(&entry, 1, ms) > 0
  }

  /// Reads once; false when nothing came in time.
  func read(forMs ms: Int32, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
    guard wait(POLLIN, forMs: ms) else { return false }
    let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    guard count > 0 else { return errno == EAGAIN || errno == EINTR }
    body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    return true
  }

  func readAll(forMs ms: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    _ = read(forMs: ms) { bytes += $0 }
    return bytes
  }
}
