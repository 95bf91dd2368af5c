// The admin socket: a Unix stream socket, one JSON request a line, one JSON reply a line.
//
// Owns the listening socket, its path and every connection. A connection lives from `accept` until
// the client hangs up, sends what is no line, or stops reading; nothing that a client sends or
// leaves out delays a packet, because no call here blocks and every buffer is bounded.

internal import AdminProtocol
internal import BusIO
internal import CLinuxBus
internal import Glibc

/// Why the admin socket could not be opened.
struct AdminServerError: Error, CustomStringConvertible {
  let description: String
}

/// Names a connection for replies that come later. Never reused.
struct AdminConnectionID: Hashable {
  let number: UInt64
}

final class AdminServer {
  /// Clients at once; one more is told and cut off.
  static let connectionCountMax = 16

  let path: String
  private let loop: EventLoop
  private let listenerToken: UInt64
  private let firstConnectionToken: UInt64
  private var listener: Int32 = -1
  /// Kept for `turnAway`.
  private var spare: Int32 = -1
  private(set) var connections: [UInt64: AdminConnection] = [:]
  /// Clients that follow the events.
  var followerCount = 0
  private var nextNumber: UInt64 = 0

  /// - Parameter firstConnectionToken: this token and all above it belong to connections.
  init(path: String, loop: EventLoop, listenerToken: UInt64, firstConnectionToken: UInt64) {
    self.path = path
    self.loop = loop
    self.listenerToken = listenerToken
    self.firstConnectionToken = firstConnectionToken
  }

  /// Binds the socket with mode 0660 and starts to listen.
  ///
  /// A socket file that nobody listens on any more is replaced; one that answers is not.
  func start() throws(AdminServerError) {
    if isAnswering() {
      throw AdminServerError(
        description: "\(path): another program listens on this socket; stop it or choose another "
          + "path with --admin-socket")
    }
    let descriptor = socket(
      AF_UNIX,
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure("socket") }
    var status = stat()
    if lstat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFSOCK else {
        close(descriptor)
        throw AdminServerError(
          description: "\(path): a file of another kind is in the way; move it, or choose another "
            + "path with --admin-socket")
      }
      unlink(path)
    }
    // The mode is set before the file appears: no moment at which others may connect.
    let former = umask(0o117)
    let bound = withUnixAddress(path) { bind(descriptor, $0, $1) }
    umask(former)
    guard bound == 0, listen(descriptor, 8) == 0 else {
      let error = failure("listen")
      close(descriptor)
      throw error
    }
    listener = descriptor
    spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
    do throws(SystemError) {
      try loop.watch(descriptor, interest: .readable, token: listenerToken)
    } catch {
      throw AdminServerError(description: "\(path): \(error)")
    }
  }

  private func failure(_ operation: String) -> AdminServerError {
    let code = errno
    var text = "\(path): \(operation): \(String(cString: strerror(code)))"
    switch code {
    case ENOENT: text += "; create the directory, or choose another path with --admin-socket"
    case EACCES, EPERM: text += "; choose a directory that this user may write, with --admin-socket"
    case ENAMETOOLONG: text += "; a Unix socket path has at most 107 bytes"
    default: break
    }
    return AdminServerError(description: text)
  }

  /// Whether another program holds the socket file. Never blocks: a program whose backlog is full
  /// is there, and so is one that speaks another socket type or lets only others connect.
  private func isAnswering() -> Bool {
    let probe = socket(
      AF_UNIX,
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
      0)
    guard probe >= 0 else { return false }
    defer { close(probe) }
    guard withUnixAddress(path, { connect(probe, $0, $1) }) != 0 else { return true }
    return errno == EAGAIN || errno == EPROTOTYPE || errno == EACCES && isSocketFile()
  }

  private func isSocketFile() -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  /// Ends every connection and removes the socket file.
  func stop() {
    for connection in connections.values { drop(connection) }
    guard listener >= 0 else { return }
    loop.unwatch(listener)
    close(listener)
    listener = -1
    if spare >= 0 { close(spare) }
    spare = -1
    unlink(path)
  }

  // MARK: Clients

  /// Out of descriptors, a client that waits would wake the loop for ever: the descriptor that is
  /// kept for this takes it and hangs up. False when there is none to take.
  private func turnAway() -> Bool {
    guard spare >= 0 else { return false }
    close(spare)
    let descriptor = linux_accept(listener)
    if descriptor >= 0 { close(descriptor) }
    spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
    return descriptor >= 0
  }

  /// Takes every client that waits.
  func accept() {
    while true {
      let descriptor = linux_accept(listener)
      guard descriptor >= 0 else {
        if descriptor == -EINTR || descriptor == -ECONNABORTED { continue }
        if descriptor == -EMFILE || descriptor == -ENFILE, turnAway() { continue }
        return
      }
      let connection = AdminConnection(descriptor: descriptor, number: nextNumber)
      nextNumber += 1
      if let refusal = refusal(of: descriptor) {
        connection.append(AdminReplyLine.failure(id: nil, refusal))
        _ = connection.write()
        close(descriptor)
        continue
      }
      do throws(SystemError) {
        try loop.watch(
          descriptor, interest: .readable, token: firstConnectionToken + connection.number)
        connections[connection.number] = connection
      } catch {
        close(descriptor)
      }
    }
  }

  /// Why a client is not served; nil when it is. The file's mode refuses most; this also refuses
  /// those who got hold of the path by other means.
  private func refusal(of descriptor: Int32) -> AdminError? {
    guard connections.count < AdminServer.connectionCountMax else {
      return AdminError(
        .busy, "\(AdminServer.connectionCountMax) clients are connected already",
        hint: "close one of them and try again")
    }
    var status = stat()
    do throws(SystemError) {
      let peer = try PeerCredentials(socket: descriptor)
      if peer.userID == 0 || peer.userID == geteuid() { return nil }
      if lstat(path, &status) == 0,
        try PeerCredentials.isMember(descriptor, of: status.st_gid)
      {
        return nil
      }
    } catch {
      return AdminError(.notPermitted, "the client could not be identified: \(error)")
    }
    return AdminError(
      .notPermitted, "this user may not control the router",
      hint: "run as root, as the daemon's user or as a member of group \(status.st_gid)")
  }

  /// Reads what a client sent and hands one request to `handle`; answers what is no request.
  ///
  /// One line a call: a client that sends thousands at once shares the loop with the ports, and
  /// its replies are bounded while it does not read them. Nothing more is read before the lines
  /// that came are done.
  ///
  /// - Parameter handle: returns the reply line, or nil when the reply comes later.
  func service(
    token: UInt64, readiness: Readiness, handle: (AdminRequest, AdminConnectionID) -> [UInt8]?
  ) {
    guard let connection = connections[token - firstConnectionToken] else { return }
    // A client that is gone altogether is owed nothing; one that only stopped sending is.
    if !readiness.isDisjoint(with: [.hangUp, .error]) { return drop(connection) }
    if !connection.hasLine, readiness.contains(.readable), !connection.read() {
      connection.endAfterWriting()
    }
    switch connection.nextLine() {
    case .request(let request):
      let id = AdminConnectionID(number: connection.number)
      if let reply = handle(request, id) {
        connection.append(reply)
      } else {
        connection.owedReplyCount += 1
      }
    case .rejected(let rejection): connection.append(rejection.replyLine)
    case nil: break
    }
    finish(connection)
  }

  /// Sends a reply to a connection that may be gone by now.
  func reply(_ line: [UInt8], to id: AdminConnectionID) {
    guard let connection = connections[id.number] else { return }
    connection.owedReplyCount -= 1
    connection.append(line)
    finish(connection)
  }

  func isConnected(_ id: AdminConnectionID) -> Bool { connections[id.number] != nil }

  /// Writes what fits, and ends or watches the connection as what is left demands.
  func finish(_ connection: AdminConnection) {
    switch connection.write() {
    case .done where connection.isSettled, .failed: drop(connection)
    // A socket that takes bytes is ready at once: the next turn serves the next line. Readable
    // too, so that a client that sends on without reading meets the bound and is cut off.
    case .done where connection.hasLine: change(connection, [.readable, .writable])
    case .done: change(connection, connection.isEnding ? [] : [.readable])
    case .blocked: change(connection, connection.isEnding ? [.writable] : [.readable, .writable])
    }
  }

  private func change(_ connection: AdminConnection, _ interest: Interest) {
    guard connection.interest != interest else { return }
    connection.interest = interest
    loop.change(connection.descriptor, interest: interest)
  }

  private func drop(_ connection: AdminConnection) {
    connections[connection.number] = nil
    if connection.follower != nil { followerCount -= 1 }
    loop.unwatch(connection.descriptor)
    close(connection.descriptor)
  }
}

/// Calls `body` with the socket address of a path; a path that is too long becomes ENAMETOOLONG.
private func withUnixAddress(
  _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let bytes = Array(path.utf8)
  let capacity = MemoryLayout.size(ofValue: address.sun_path)
  guard bytes.count < capacity else {
    errno = ENAMETOOLONG
    return -1
  }
  withUnsafeMutableBytes(of: &address.sun_path) { target in
    for (index, byte) in bytes.enumerated() { target[index] = byte }
  }
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
      body(rebound, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}
