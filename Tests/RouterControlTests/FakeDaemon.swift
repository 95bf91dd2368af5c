import AdminProtocol
import Foundation
import Glibc

/// A Unix socket in a directory of its own that answers each request line as a script says.
final class FakeDaemon: Sendable {
  /// What to do with one request line.
  enum Response: Sendable {
    /// Writes the pieces one by one.
    case write([[UInt8]])
    /// The same, and closes the connection.
    case writeAndClose([[UInt8]])
    /// Says nothing.
    case silence
    /// Closes the connection.
    case close
  }

  /// For clients in tests: an answer always comes, but the machine may be busy.
  static let patienceMs = 600_000

  let path: String
  private let directory: String
  private let listener: Int32

  init(_ script: @escaping @Sendable ([UInt8]) -> Response) throws {
    directory = try FakeDaemon.makeDirectory()
    path = directory + "/s"
    listener = try FakeDaemon.listen(path)
    let listener = listener
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else {
          // Only this thread closes the descriptor: its number is soon another daemon's.
          close(listener)
          return
        }
        FakeDaemon.serve(connection, script)
      }
    }
  }

  /// Ends the socket, once. Defer it, so that the daemon outlives every use of its path.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    unlink(path)
    rmdir(directory)
  }

  /// Answers every request with what `answer` makes of it.
  convenience init(
    answering answer: @escaping @Sendable (AdminRequest) -> [UInt8]
  ) throws {
    try self.init { line in
      guard let request = try? AdminRequest(decoding: line) else { return .close }
      return .write([answer(request)])
    }
  }

  struct Failure: Error { let call: String }

  static func makeDirectory() throws -> String {
    let name = NSTemporaryDirectory() + "/mctp-" + String(repeating: "X", count: 6)
    var template = Array(name.utf8CString)
    guard let path = mkdtemp(&template) else { throw Failure(call: "mkdtemp") }
    return String(cString: path)
  }

  static func listen(_ path: String) throws -> Int32 {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, Glibc.listen(listener, 4) == 0 else { throw Failure(call: "bind") }
    return listener
  }

  private static func serve(_ connection: Int32, _ script: ([UInt8]) -> Response) {
    defer { close(connection) }
    var splitter = LineSplitter(lineBytesMax: AdminLimits.requestBytesMax)
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(connection, &buffer, buffer.count)
      guard count > 0 else { return }
      splitter.append(buffer.span.extracting(0..<count))
      while let line = try? splitter.nextLine() {
        switch script(line) {
        case .close: return
        case .silence: break
        case .write(let pieces): guard write(pieces, to: connection) else { return }
        case .writeAndClose(let pieces):
          _ = write(pieces, to: connection)
          return
        }
      }
    }
  }

  private static func write(_ pieces: [[UInt8]], to connection: Int32) -> Bool {
    for piece in pieces {
      guard send(connection, piece, piece.count, Int32(MSG_NOSIGNAL)) == piece.count else {
        return false
      }
    }
    return true
  }
}
