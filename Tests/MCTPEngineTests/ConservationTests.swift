import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Conservation of packets", .spec("DSP0236 1.3.3 §9"))
struct ConservationTests {
  @Test(
    "The books balance after every step of a random run, and nothing is changed on its way",
    arguments: [
      (1, .perPort, 100_000), (2, .perPort, 10_000), (3, .perUpstreamPort, 10_000),
      (4, .single, 10_000), (5, .single, 10_000),
    ] as [(UInt64, EIDPolicy, Int)])
  func run(seed: UInt64, policy: EIDPolicy, steps: Int) throws {
    let run = try RandomRun(seed: seed, policy: policy)
    run.run(steps)
    #expect(run.issues == [])
    // A run in which nothing happens proves nothing.
    #expect(run.forwardedOut > steps / 200)
    let lost = (0..<6).map { run.rig.counters(UInt8($0)) }
    for reason in [
      DropReason.egressQueueFull, .portDown, .retriesExhausted, .transmissionRefused,
    ] {
      #expect(lost.contains { $0.ingressDrops(reason) + $0.egressDrops(reason) > 0 }, "\(reason)")
    }
  }
}
