import AdminProtocol
import MCTPWire
import TestSupport
import Testing
import Topology

@testable import RouterDaemon

/// The text of a file in `topologies/`.
func exampleText(_ name: String) throws -> String {
  try Files.text(Files.topologies + name)
}

@Suite("The router of topologies/demo.yaml")
struct DemoTopologyTests {
  private static let eids: [UInt8] = [9, 10, 11, 12, 13, 14]

  @Test("Every device answers every other and the router", arguments: eids)
  func pings(from: UInt8) throws {
    let bench = try DaemonBench(try exampleText("demo.yaml"))
    let client = try bench.client()
    for to in DemoTopologyTests.eids where to != from {
      let answer = try client.ask(PingRequest(eid: to, from: from, timeoutMs: 10_000)).get()
      #expect(answer.responder == to)
      #expect(answer.completionCode == 0)
    }
    let fromRouter = try client.ask(PingRequest(eid: from, timeoutMs: 10_000)).get()
    #expect(fromRouter.responder == from)
    let toRouter = try client.ask(PingRequest(eid: 8, from: from, timeoutMs: 10_000)).get()
    #expect(toRouter.responder == 8)
    bench.expectBalancedBooks()
    #expect(bench.router.dropsResult().counters == [])
  }

  @Test("A message of many packets comes back as it was sent, from everybody to everybody")
  func echoes() throws {
    let bench = try DaemonBench(try exampleText("demo.yaml"))
    let client = try bench.client()
    let body = [0x7E] + (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let sources: [UInt8?] = [nil] + DemoTopologyTests.eids.map { $0 }
    for from in sources {
      for to in DemoTopologyTests.eids where to != from {
        let answer = try client.ask(
          SendRequest(eid: to, from: from, message: HexBytes(body), timeoutMs: 30_000)
        ).get()
        #expect(answer.source == to)
        #expect(answer.message.bytes == body, "\(from ?? 8) to \(to)")
      }
    }
    bench.expectBalancedBooks()
    #expect(bench.router.dropsResult().counters == [])
    for port in bench.router.portsResult().ports { #expect(port.counters.forwarded > 0) }
  }

  @Test("With interrupts everywhere, nothing wakes an idle router")
  func idle() throws {
    let text = try exampleText("demo.yaml").split(separator: "\n")
      .filter { !$0.contains("interrupts: false") }.joined(separator: "\n")
    let bench = try DaemonBench(text)
    let isIdle = bench.run { bench.router.nextDeadline == nil }
    #expect(isIdle)
    let client = try bench.client()
    for from in DemoTopologyTests.eids {
      for to in DemoTopologyTests.eids where to != from {
        _ = try client.ask(PingRequest(eid: to, from: from, timeoutMs: 10_000)).get()
      }
      _ = try client.ask(PingRequest(eid: from, timeoutMs: 10_000)).get()
    }
    let isIdleAgain = bench.run { bench.router.nextDeadline == nil }
    #expect(isIdleAgain)
  }

  @Test("An answer of the router's own is there long before its time-out")
  func promptPing() throws {
    // Without devices that are polled, nothing but the answer itself can end the wait early.
    let text = try exampleText("demo.yaml").split(separator: "\n")
      .filter { !$0.contains("interrupts: false") }.joined(separator: "\n")
    let client = try DaemonBench(text).client()
    for eid in DemoTopologyTests.eids {
      let answer = try client.ask(PingRequest(eid: eid, timeoutMs: 60_000)).get()
      #expect(answer.responder == eid)
      #expect(answer.roundTripUs < 30_000_000)
    }
  }

  @Test(
    "What cannot be sent is refused at once with the reason",
    arguments: [
      (PingRequest(eid: 99, timeoutMs: 60_000), AdminErrorCode.unroutable),
      (PingRequest(eid: 8, timeoutMs: 60_000), .invalidParameter),
      (PingRequest(eid: 9, network: 2, timeoutMs: 60_000), .unknownNetwork),
      (PingRequest(eid: 9, from: 99, timeoutMs: 60_000), .sourceNotOwn),
      (PingRequest(eid: 20, timeoutMs: 200), .timedOut),
    ])
  func refusals(request: PingRequest, code: AdminErrorCode) throws {
    let bench = try DaemonBench(try exampleText("demo.yaml"))
    #expect(throws: AdminError.self) { try bench.ask(request) }
    do { _ = try bench.ask(request) } catch let error as AdminError { #expect(error.code == code) }
    bench.expectBalancedBooks()
  }
}
