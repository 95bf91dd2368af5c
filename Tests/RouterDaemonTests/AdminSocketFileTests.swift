import BusIO
import Glibc
import Testing

@testable import RouterDaemon

@Suite("The file of the admin socket")
struct AdminSocketFileTests {
  private let directory: TestDirectory
  private let path: String
  private let loop: EventLoop

  init() throws {
    directory = try TestDirectory()
    path = directory.path + "/s"
    loop = try EventLoop()
  }

  private func server() -> AdminServer {
    AdminServer(path: path, loop: loop, listenerToken: 1, firstConnectionToken: 2)
  }

  private func status() -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  @Test("It is for its owner and group only, and gone when the router stops")
  func mode() throws {
    let former = umask(0)
    defer { umask(former) }
    let server = server()
    try server.start()
    #expect(status()?.st_mode == S_IFSOCK | 0o660)
    // The mask of the process is as it was.
    #expect(umask(0) == 0)
    server.stop()
    #expect(status() == nil)
  }

  @Test("One that nobody listens on is replaced")
  func stale() throws {
    close(try UnixSocket.bind(path))
    #expect(throws: UnixSocket.Failure.self) { try UnixSocket.connect(path) }
    let server = server()
    try server.start()
    close(try UnixSocket.connect(path))
    server.stop()
  }

  @Test("One that another program listens on is refused and left alone")
  func live() throws {
    let other = try UnixSocket.bind(path)
    defer { close(other) }
    let server = server()
    let error = #expect(throws: AdminServerError.self) { try server.start() }
    #expect(error?.description.contains("another program listens") ?? false)
    #expect(error?.description.contains("--admin-socket") ?? false)
    server.stop()
    close(try UnixSocket.connect(path))
  }

  @Test("One whose program is too busy to take a client is a live one, and holds nobody up")
  func busy() throws {
    let other = try UnixSocket.bind(path)
    defer { close(other) }
    // A backlog of one: the kernel queues two.
    var waiting: [Int32] = []
    defer { for descriptor in waiting { close(descriptor) } }
    while waiting.count < 2 { waiting.append(try UnixSocket.connect(path)) }
    let error = #expect(throws: AdminServerError.self) { try server().start() }
    #expect(error?.description.contains("another program listens") ?? false)
    #expect(status() != nil)
  }

  @Test("A socket of another type is another program's")
  func datagram() throws {
    let other = try UnixSocket.bind(path, SOCK_DGRAM)
    defer { close(other) }
    #expect(throws: AdminServerError.self) { try server().start() }
    #expect(status().map { $0.st_mode & S_IFMT } == S_IFSOCK)
  }

  @Test("A file of another kind is refused and left alone")
  func otherKind() throws {
    let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
    #expect(write(descriptor, "kept", 4) == 4)
    close(descriptor)
    let error = #expect(throws: AdminServerError.self) { try server().start() }
    #expect(error?.description.contains("another kind") ?? false)
    #expect(try Files.text(path) == "kept")
  }

  @Test("A link is not followed")
  func link() throws {
    #expect(symlink(directory.path + "/other", path) == 0)
    #expect(throws: AdminServerError.self) { try server().start() }
    #expect(status().map { $0.st_mode & S_IFMT } == S_IFLNK)
  }

  @Test("A path that is too long and a directory that is missing are named")
  func badPaths() throws {
    for (path, word) in [
      (directory.path + "/" + String(repeating: "x", count: 120), "107 bytes"),
      (directory.path + "/no/s", "create the directory"),
    ] {
      let server = AdminServer(path: path, loop: loop, listenerToken: 1, firstConnectionToken: 2)
      let error = #expect(throws: AdminServerError.self) { try server.start() }
      #expect(error?.description.contains(word) ?? false, "\(error?.description ?? "")")
    }
  }
}
