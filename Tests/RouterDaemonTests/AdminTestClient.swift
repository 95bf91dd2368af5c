import AdminProtocol
import BusIO
import Glibc
import MCTPWire
import Testing

@testable import RouterDaemon

/// A client of the admin socket in the router's own thread: it turns the router while it waits.
final class AdminTestClient {
  private static let noSignal = Int32(truncatingIfNeeded: MSG_NOSIGNAL)

  private let bench: DaemonBench
  private var descriptor: Int32
  private var received: [UInt8] = []
  private var lastID: UInt32 = 0
  /// True once the router closed the connection.
  private(set) var isCutOff = false

  init(bench: DaemonBench) throws {
    self.bench = bench
    descriptor = try UnixSocket.connect(bench.socketPath)
    #expect(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
    bench.settle()
  }

  deinit { hangUp() }

  func hangUp() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Nothing more is sent; what comes is still read.
  func stopSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Sends all of it, turning the router while the socket is full; ends early when it is cut off.
  ///
  /// - Returns: the number of bytes that were taken.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, AdminTestClient.noSignal)
      }
      if count > 0 {
        offset += count
      } else if errno == EAGAIN {
        bench.router.turn(until: bench.router.loop.now().advanced(byMs: 1))
      } else {
        isCutOff = true
        return offset
      }
    }
    return offset
  }

  @discardableResult
  func send(_ text: String) -> Int { send(Array(text.utf8)) }

  /// True when a line is there, without turning the router.
  var hasLine: Bool {
    read()
    return received.contains(0x0A)
  }

  /// The next reply line, or nil when the router closed the connection or says nothing.
  func nextLine() -> [UInt8]? {
    _ = bench.run {
      read()
      return isCutOff || received.contains(0x0A)
    }
    guard let end = received.firstIndex(of: 0x0A) else { return nil }
    let line = Array(received[..<end])
    received.removeFirst(end + 1)
    return line
  }

  /// The error code of the next reply line.
  func nextErrorCode() -> AdminErrorCode? {
    guard let line = nextLine(), let reply = try? AdminReply<StatusResult>(decoding: line),
      case .failure(let error) = reply.outcome
    else { return nil }
    return error.code
  }

  /// Reads and forgets until the router closes the connection.
  func isCutOffAtLast() -> Bool {
    bench.run {
      read()
      received = []
      return isCutOff
    }
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count > 0 {
        received += buffer[..<count]
      } else {
        if count == 0 || errno != EAGAIN { isCutOff = true }
        return
      }
    }
  }

  /// Sends a request and does not wait for the reply.
  func begin(_ request: some AdminParameters) throws {
    lastID += 1
    send(try AdminRequest(id: lastID, body: request.body).line())
  }

  func ask<Request: AdminParameters>(
    _ request: Request
  ) throws -> Result<Request.Answer, AdminError> {
    try begin(request)
    let line = try #require(nextLine())
    let reply = try AdminReply<Request.Answer>(decoding: line)
    #expect(reply.id == lastID)
    return reply.outcome
  }
}

/// Unix sockets as another program would use them.
enum UnixSocket {
  struct Failure: Error { let code: Int32 }

  static func connect(_ path: String) throws -> Int32 {
    try make(path, SOCK_STREAM) { Glibc.connect($0, $1, $2) }
  }

  /// A bound socket; a stream one listens.
  static func bind(_ path: String, _ type: __socket_type = SOCK_STREAM) throws -> Int32 {
    let descriptor = try make(path, type) { Glibc.bind($0, $1, $2) }
    if type == SOCK_STREAM { #expect(listen(descriptor, 1) == 0) }
    return descriptor
  }

  private static func make(
    _ path: String, _ type: __socket_type,
    _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      let code = errno
      close(descriptor)
      throw Failure(code: code)
    }
    return descriptor
  }
}
