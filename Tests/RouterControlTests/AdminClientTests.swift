import AdminProtocol
import Foundation
import Glibc
import Testing

@testable import RouterControl

@Suite("AdminClient")
struct AdminClientTests {
  private static let pong = PingResult(responder: 9, roundTripUs: 1843, completionCode: 0)

  /// Asks for a ping and returns how it failed.
  private func failure(path: String, patienceMs: Int = FakeDaemon.patienceMs) -> CommandFailure? {
    do {
      var client = try AdminClient(path: path, patienceMs: patienceMs)
      _ = try client.ask(PingRequest(eid: 9, timeoutMs: 1))
      return nil
    } catch {
      return error
    }
  }

  @Test("Answers come back typed, one request after the other on one connection")
  func answers() throws {
    let daemon = try FakeDaemon { (request: AdminRequest) in
      switch request.body {
      case .ping: AdminReplyLine.success(id: request.id, AdminClientTests.pong)
      case .routes: AdminReplyLine.success(id: request.id, RoutesResult(routes: []))
      default: AdminReplyLine.failure(id: request.id, AdminError(.busy, "later"))
      }
    }
    defer { daemon.stop() }
    var client = try AdminClient(path: daemon.path, patienceMs: FakeDaemon.patienceMs)
    #expect(try client.ask(PingRequest(eid: 9, timeoutMs: 1)) == AdminClientTests.pong)
    #expect(try client.ask(RoutesRequest()) == RoutesResult(routes: []))
    do {
      _ = try client.ask(DropsRequest())
      Issue.record("a refusal was taken for an answer")
    } catch {
      #expect(error.status == .requestFailed)
      #expect(error.error == AdminError(.busy, "later"))
    }
    #expect(try client.ask(PingRequest(eid: 9, timeoutMs: 1)) == AdminClientTests.pong)
  }

  @Test("A reply may come in pieces, and late replies to other requests are passed over")
  func piecesAndStrangers() throws {
    let daemon = try FakeDaemon { line in
      guard let request = try? AdminRequest(decoding: line) else { return .close }
      let stranger = AdminReplyLine.failure(id: request.id &+ 100, AdminError(.busy, "no"))
      let reply = AdminReplyLine.success(id: request.id, AdminClientTests.pong)
      return .write([stranger] + reply.map { [$0] })
    }
    defer { daemon.stop() }
    var client = try AdminClient(path: daemon.path, patienceMs: FakeDaemon.patienceMs)
    #expect(try client.ask(PingRequest(eid: 9, timeoutMs: 1)) == AdminClientTests.pong)
  }

  @Test("A refusal without an id is ours")
  func refusalWithoutID() throws {
    let daemon = try FakeDaemon { _ in .write([AdminRequest.Rejection.lineTooLong.replyLine]) }
    defer { daemon.stop() }
    let failure = failure(path: daemon.path)
    #expect(failure?.status == .requestFailed)
    #expect(failure?.error?.code == .requestTooLong)
  }

  @Test("No socket, and a socket without a listener, say that the daemon is not running")
  func notRunning() throws {
    let directory = try FakeDaemon.makeDirectory()
    let path = directory + "/s"
    defer {
      unlink(path)
      rmdir(directory)
    }
    let absent = try #require(failure(path: path))
    #expect(absent.status == .noConnection)
    #expect(absent.message == "the daemon is not running: there is no socket \(path)")
    #expect(absent.hint?.contains("--socket") == true)
    close(try FakeDaemon.listen(path))
    let refused = try #require(failure(path: path))
    #expect(refused.status == .noConnection)
    #expect(refused.message == "the daemon is not running: nobody listens on \(path)")
    #expect(failure(path: "")?.status == .noConnection)
  }

  @Test("A path that no socket can have says how long it may be")
  func longPath() {
    let failure = failure(path: "/" + String(repeating: "x", count: 107))
    #expect(failure?.status == .noConnection)
    #expect(failure?.message.hasSuffix("has more than 107 bytes") == true)
  }

  @Test("Without permission the group to join is named")
  func permission() {
    let failure = AdminClient.failure(.forbidden(group: "mctp"), path: "/run/s")
    #expect(failure.status == .noConnection)
    #expect(
      failure.text
        == "router-ctl: no permission to connect to /run/s\n"
        + "  join the group `mctp`, to which the socket belongs, or be root\n")
    #expect(AdminClient.failure(.forbidden(group: nil), path: "/run/s").hint != nil)
  }

  @Test("A connection that ends, or stays silent, is no connection")
  func lostConnections() throws {
    let closing = try FakeDaemon { (_: [UInt8]) in .close }
    defer { closing.stop() }
    let closed = try #require(failure(path: closing.path))
    #expect(closed.status == .noConnection)
    #expect(closed.message == "the daemon closed the connection on \(closing.path)")
    let silent = try FakeDaemon { (_: [UInt8]) in .silence }
    defer { silent.stop() }
    let patience = try #require(failure(path: silent.path, patienceMs: 20))
    #expect(patience.status == .noConnection)
    #expect(patience.message == "the daemon on \(silent.path) does not answer")
  }

  @Test("Nonsense and endless lines are errors, not answers")
  func nonsense() throws {
    let babbling = try FakeDaemon { (_: [UInt8]) in .write([Array("hello\n".utf8)]) }
    defer { babbling.stop() }
    let failed = try #require(failure(path: babbling.path))
    #expect(failed.status == .noConnection)
    #expect(failed.message.hasSuffix("not a JSON object: expected an object at byte 0"))
    let endless = try FakeDaemon { (_: [UInt8]) in
      .write(Array(repeating: Array(repeating: UInt8(ascii: "x"), count: 65_536), count: 65))
    }
    defer { endless.stop() }
    let long = try #require(failure(path: endless.path))
    #expect(long.message.hasSuffix("is longer than 4194304 bytes"))
  }

  @Test("The line on the wire is the one of the protocol")
  func requestLine() throws {
    let expected = Array(
      "{\"eid\":9,\"id\":1,\"request\":\"ping\",\"timeoutMs\":1,\"version\":1}".utf8)
    let daemon = try FakeDaemon { line in
      line == expected ? .write([AdminReplyLine.success(id: 1, AdminClientTests.pong)]) : .close
    }
    defer { daemon.stop() }
    #expect(failure(path: daemon.path) == nil)
  }

  @Test("JSON and text show the same answer")
  func report() throws {
    let daemon = try FakeDaemon { (request: AdminRequest) in
      AdminReplyLine.success(id: request.id, RoutesResult(routes: []))
    }
    defer { daemon.stop() }
    var client = try AdminClient(path: daemon.path, patienceMs: FakeDaemon.patienceMs)
    let style = TextStyle(isBold: false)
    #expect(
      try RouterControl.report(RoutesRequest(), from: &client, isJSON: true, style: style)
        == "{\"routes\":[]}\n")
    #expect(
      try RouterControl.report(RoutesRequest(), from: &client, isJSON: false, style: style)
        == "The routing table is empty.\n")
  }
}
