import MCTPEngine
import MCTPSimulation
import MCTPWire
import Testing

@testable import MCTPWorld

@Suite("The checker in long lives")
struct CheckerLifeTests {
  /// Everything at random that is legal: packets good and bad, several in flight, media that fail,
  /// ports that go down and come back.
  private func live(_ world: Watched, seed: UInt64, steps: Int) {
    var random = SeededGenerator(seed: seed)
    func below(_ bound: UInt64) -> UInt64 { random.next() % bound }
    var inFlight = [0, 0, 0]
    for step in 0..<steps where world.violation == nil {
      world.go(to: UInt32(step))
      let port = Int(below(3))
      switch below(16) {
      case 0..<4:
        // To a device behind port b, where one packet in flight leaves one place.
        let count = 6 + Int(below(63))
        world.receive(
          packet(32, to: 40, number: UInt8(truncatingIfNeeded: step), byteCount: count))
      case 4, 5:
        let eids: [UInt8] = [0, 8, 9, 32, 33, 40, 41, 99, 0xFF]
        let (source, destination) = (eids[Int(below(9))], eids[Int(below(9))])
        let count = 6 + Int(below(66))
        let drawn: UInt8 = [0x31, 0x32, 0x41][Int(below(3))]
        let (at, address) = home(of: source, to: destination, port: UInt8(port), drawn)
        world.receive(packet(source, to: destination, byteCount: count), on: at, from: address)
      case 6:
        let destination: UInt8 = [0, 8, 9][Int(below(3))]
        let (at, address) = home(of: 32, to: destination, port: UInt8(port), 0x31)
        world.receive([1, destination, 32, 0xC8, 0, 0x80, 0x02], on: at, from: address)
      case 7..<11:
        if world.begin(on: UInt8(port)) != nil { inFlight[port] += 1 }
      case 11..<15:
        guard inFlight[port] > 0 else { continue }
        let results: [TransmissionResult] = [
          .sent, .sent, .busBusy, .busBusy, .busBusy, .timedOut, .refused, .portDown,
        ]
        world.finish(results[Int(below(8))], on: UInt8(port))
        inFlight[port] -= 1
      default: world.setUp(UInt8(port), below(8) > 0)
      }
      world.step()
    }
    world.ended()
  }

  /// Where a packet comes from that a router which checks sources by port alone takes rightly: the
  /// address of its source where the port is the source's, and that port when the router is asked.
  private func home(
    of source: UInt8, to destination: UInt8, port: UInt8, _ address: UInt8
  ) -> (port: UInt8, address: UInt8) {
    let homes: [UInt8: (UInt8, UInt8)] = [
      32: (0, 0x31), 33: (0, 0x32), 40: (1, 0x41), 41: (2, 0x42),
    ]
    guard let (own, place) = homes[source] else { return (port, address) }
    if destination == 8 || destination == 9 { return (own, place) }
    return port == own ? (port, place) : (port, address)
  }

  @Test("A legal life is never blamed", arguments: 1...4 as ClosedRange<UInt64>)
  func legal(seed: UInt64) throws {
    let world = try Watched()
    live(world, seed: seed, steps: 5000)
    #expect(world.violation == nil)
    let counters = world.engine.counters(of: PortID(rawValue: 1))
    // The life was one: packets left, were lost and were tried again.
    #expect(counters.packetsOut > 20)
    #expect(counters.egressDrops(.portDown) > 0)
    #expect(counters.attempts(.busBusy) > 0)
    #expect(counters.egressDrops(.retriesExhausted) > 0)
  }
}
