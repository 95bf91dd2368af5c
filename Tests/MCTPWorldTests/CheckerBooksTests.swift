import MCTPEngine
import MCTPWire
import Testing

@testable import MCTPWorld

@Suite("The checker's books")
struct CheckerBooksTests {
  @Test("A legal life breaks nothing: forwarded, answered, dropped, retried, lost with the port")
  func legal() throws {
    let world = try Watched()
    world.step()
    #expect(world.receive(packet(32, to: 40)) == .forwarded(PortID(rawValue: 1)))
    #expect(world.receive(packet(32, to: 40, number: 1)) == .forwarded(PortID(rawValue: 1)))
    #expect(world.receive(packet(32, to: 40, number: 2)) == .dropped(.egressQueueFull))
    #expect(world.receive(packet(32, to: 99)) == .dropped(.destinationUnroutable))
    // Get Endpoint ID of the router itself; its answer shares the port's queue.
    #expect(world.receive([1, 8, 32, 0xC8, 0, 0x80, 0x02]) == .answered)
    world.checker.damaged(.frameIntegrity, router: 0, port: PortID(rawValue: 0))
    world.engine.dropFrame(
      .frameIntegrity, bytes: [UInt8]().span, on: PortID(rawValue: 0), now: world.now)
    world.step()
    world.begin()
    world.finish(.addressNotAcknowledged)
    world.step()
    world.begin()
    world.finish()
    world.begin(on: 0)
    world.finish(on: 0)
    world.step()
    world.setUp(1, false)
    world.step()
    #expect(world.receive(packet(32, to: 40)) == .dropped(.portDown))
    world.setUp(1, true)
    world.receive(packet(32, to: 40, number: 3))
    for _ in 0...EngineLimits.retryCountMax {
      world.begin()
      world.finish(.busBusy)
      world.step()
    }
    world.ended()
    #expect(world.violation == nil)
  }

  @Test("A packet that the engine did not count is found")
  func missedPacket() throws {
    let world = try Watched()
    world.checker.received(
      packet(32, to: 99).span, router: 0, port: PortID(rawValue: 0), from: .i2c(0x31),
      .dropped(.destinationUnroutable))
    world.step()
    #expect(world.violation?.invariant == "books")
    #expect(
      world.violation?.text == "bridge port a: packetsIn is 0, and 1 were seen")
  }

  @Test("A drop for another reason than was told is found")
  func otherReason() throws {
    let world = try Watched()
    let bytes = packet(32, to: 99)
    _ = world.engine.receive(
      bytes.span, on: PortID(rawValue: 0), from: .i2c(0x31), now: world.now)
    world.checker.received(
      bytes.span, router: 0, port: PortID(rawValue: 0), from: .i2c(0x31),
      .dropped(.egressQueueFull))
    world.step()
    #expect(world.violation?.invariant == "books")
  }

  @Test("A damaged frame that was not counted is found")
  func missedFrame() throws {
    let world = try Watched()
    world.checker.damaged(.frameIntegrity, router: 0, port: PortID(rawValue: 2))
    world.step()
    #expect(
      world.violation?.text
        == "bridge port c: ingressDrops(frameIntegrity) is 0, and 1 were seen")
  }

  @Test("A packet that the engine sent and the wire did not take is found")
  func sentTwice() throws {
    let world = try Watched()
    world.receive(packet(32, to: 40))
    world.begin()
    world.engine.transmissionFinished(.sent, on: PortID(rawValue: 1), now: world.now)
    world.checker.transmitted(.dataNotAcknowledged, router: 0, port: PortID(rawValue: 1))
    world.step()
    #expect(world.violation?.invariant == "books")
  }

  @Test("A packet that vanished from a queue is found")
  func vanished() throws {
    let world = try Watched()
    world.receive(packet(32, to: 40))
    // The engine alone knows that the port went down and came back.
    world.engine.portChanged(PortID(rawValue: 1), isUp: false, now: world.now)
    world.engine.portChanged(PortID(rawValue: 1), isUp: true, now: world.now)
    world.step()
    #expect(world.violation?.invariant == "books")
    #expect(world.violation?.text.contains("the queue holds 0 packets, and 1") == true)
  }

  @Test("Something untouched is found when its port's turn comes")
  func inTurn() throws {
    let world = try Watched()
    for _ in 0..<5 { world.step() }
    world.engine.dropFrame(
      .noise, bytes: [UInt8]().span, on: PortID(rawValue: 2), now: world.now)
    for _ in 0..<3 { world.step() }
    #expect(world.violation?.invariant == "books")
  }

  @Test("A queue that is longer than the topology allows is found")
  func bound() throws {
    let world = try Watched(queueDepthOfB: 3)
    for number in 0..<2 as Range<UInt8> { world.receive(packet(32, to: 40, number: number)) }
    world.step()
    #expect(world.violation == nil)
    world.receive(packet(32, to: 40, number: 2))
    world.step()
    #expect(world.violation?.invariant == "queue-bound")
    #expect(world.violation?.text == "bridge port b: 3 packets wait, and 2 may")
  }

  @Test("A port that the engine holds for up and the world for down is found")
  func portState() throws {
    let world = try Watched()
    world.checker.portChanged(isUp: false, router: 0, port: PortID(rawValue: 1))
    world.step()
    #expect(world.violation?.invariant == "port-state")
  }

  @Test("Only the first violation is kept, with its time")
  func first() throws {
    let world = try Watched()
    world.go(to: 7)
    world.checker.damaged(.noise, router: 0, port: PortID(rawValue: 0))
    world.step()
    let first = world.violation
    world.go(to: 8)
    world.pretendReceived(packet(32, to: 0), forwardedTo: 1)
    world.step()
    #expect(world.violation == first)
    #expect(first?.at == Instant(nanoseconds: 7_000_000))
  }

  @Test("A router that is killed is not watched; one that starts has new books")
  func restart() throws {
    let world = try Watched()
    world.receive(packet(32, to: 40))
    world.checker.happened(.kill(router: 0), "")
    world.checker.damaged(.noise, router: 0, port: PortID(rawValue: 0))
    world.step()
    #expect(world.violation == nil)
    world.checker.happened(.start(router: 0, keepsLeases: false), "")
    // The engine still has its old books.
    world.step()
    #expect(world.violation != nil)
  }
}
