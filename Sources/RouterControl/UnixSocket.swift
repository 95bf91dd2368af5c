internal import AdminProtocol
internal import Glibc

/// Milliseconds of the system's monotonic clock.
struct MonotonicTime: Hashable, Comparable {
  var milliseconds: Int

  static func now() -> MonotonicTime {
    var time = timespec()
    guard clock_gettime(CLOCK_MONOTONIC, &time) == 0 else {
      preconditionFailure("Linux has a monotonic clock")
    }
    return MonotonicTime(milliseconds: Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000)
  }

  func advanced(byMs delta: Int) -> MonotonicTime {
    MonotonicTime(milliseconds: milliseconds + delta)
  }

  static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
    left.milliseconds < right.milliseconds
  }
}

/// A connected stream socket. Owns its descriptor. A deadline that is nil never comes.
struct UnixSocket: ~Copyable {
  enum Failure: Error, Hashable {
    case pathTooLong(bytesMax: Int)
    /// No socket of this name.
    case absent
    /// A socket that nobody listens on.
    case refused
    /// No right to connect; the group that has it, where it can be told.
    case forbidden(group: String?)
    /// The other side closed the connection.
    case closed
    /// The deadline passed.
    case silent
    case system(call: String, message: String)
    /// A line without end.
    case lineTooLong(bytesMax: Int)
  }

  private let descriptor: Int32

  init(connectingTo path: String) throws(Failure) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // The kernel wants a terminating zero.
    let bytesMax = MemoryLayout.size(ofValue: address.sun_path) - 1
    let bytes = Array(path.utf8)
    guard bytes.count <= bytesMax else { throw .pathTooLong(bytesMax: bytesMax) }
    guard !bytes.isEmpty else { throw .absent }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }

    #if canImport(Glibc)
      let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    #else
      let type = SOCK_STREAM | SOCK_CLOEXEC
    #endif
    let opened = socket(AF_UNIX, type, 0)
    guard opened >= 0 else { throw UnixSocket.systemFailure("socket") }
    let result = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(opened, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if result != 0 {
      let failure = UnixSocket.connectFailure(path)
      close(opened)
      throw failure
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  private static func connectFailure(_ path: String) -> Failure {
    switch errno {
    case ENOENT, ENOTDIR: .absent
    case ECONNREFUSED: .refused
    case EACCES, EPERM: .forbidden(group: group(of: path))
    default: systemFailure("connect")
    }
  }

  /// Sends all of `bytes`.
  func send(_ bytes: [UInt8], until deadline: MonotonicTime?) throws(Failure) {
    var sent = 0
    while sent < bytes.count {
      try wait(for: Int16(POLLOUT), until: deadline)
      let count = bytes[sent...].withUnsafeBytes {
        // The name of this method hides the system's.
        systemSend(
          descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count >= 0 {
        sent += count
      } else if errno == EPIPE || errno == ECONNRESET {
        // What the daemon said before it closed may still be there to read.
        return
      } else if errno != EINTR, errno != EAGAIN {
        throw UnixSocket.systemFailure("send")
      }
    }
  }

  /// The next line without its newline; `splitter` keeps what follows it.
  func receiveLine(
    _ splitter: inout LineSplitter, until deadline: MonotonicTime?
  ) throws(Failure) -> [UInt8] {
    while true {
      do {
        if let line = try splitter.nextLine() { return line }
      } catch {
        throw .lineTooLong(bytesMax: error.lineBytesMax)
      }
      // A span of the unnamed result crashes the compiler of 6.3.1.
      let bytes = try receive(until: deadline)
      splitter.append(bytes.span)
    }
  }

  /// What has arrived, at least one byte.
  private func receive(until deadline: MonotonicTime?) throws(Failure) -> [UInt8] {
    while true {
      try wait(for: Int16(POLLIN), until: deadline)
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, initialized in
        count = read(descriptor, buffer.baseAddress, buffer.count)
        initialized = max(0, count)
      }
      if count > 0 { return bytes }
      if count == 0 || errno == ECONNRESET { throw .closed }
      if errno != EINTR, errno != EAGAIN { throw UnixSocket.systemFailure("read") }
    }
  }

  private func wait(for events: Int16, until deadline: MonotonicTime?) throws(Failure) {
    while true {
      // Below 0 for ever.
      var left = -1
      if let deadline {
        left = deadline.milliseconds - MonotonicTime.now().milliseconds
        guard left > 0 else { throw .silent }
      }
      var descriptors = pollfd(fd: descriptor, events: events, revents: 0)
      let ready = poll(&descriptors, 1, Int32(clamping: left))
      if ready > 0 { return }
      if ready < 0, errno != EINTR { throw UnixSocket.systemFailure("poll") }
    }
  }

  private static func systemFailure(_ call: String) -> Failure {
    let number = errno
    let message = strerror(number).map { String(cString: $0) } ?? "error \(number)"
    return .system(call: call, message: message)
  }

  /// The name of the group that a file belongs to.
  private static func group(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    guard let entry = getgrgid(status.st_gid), let name = entry.pointee.gr_name else {
      return "\(status.st_gid)"
    }
    return String(cString: name)
  }
}

private func systemSend(
  _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32
) -> Int {
  send(descriptor, bytes, count, flags)
}
