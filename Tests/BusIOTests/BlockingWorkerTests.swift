import BusIO
import CLinuxBus
import MCTPWire
import Synchronization
import Testing

@Suite("A blocking worker")
struct BlockingWorkerTests {
  /// Waits on an event loop until the worker's outcome is there.
  private func outcome<Job, Outcome>(
    of worker: BlockingWorker<Job, Outcome>, within ms: UInt32 = 5_000
  ) throws -> Outcome? {
    let loop = try EventLoop()
    try loop.watch(worker.descriptor, interest: .readable, token: 1)
    loop.wait(until: loop.now().advanced(byMs: ms)) { _, _ in }
    return worker.finished()
  }

  @Test("It turns one job after the other into its outcome, each told once")
  func works() throws {
    let worker = try BlockingWorker<Int, Int>(name: "test") { $0 * 2 }
    for job in [1, 21, 4] {
      #expect(worker.finished() == nil)
      worker.start(job)
      #expect(try outcome(of: worker) == job * 2)
      #expect(worker.finished() == nil)
    }
  }

  @Test("The thread's calls are made on another thread than the loop's")
  func isAThread() throws {
    let worker = try BlockingWorker<Void, UInt>(name: "test") { linux_thread_number() }
    worker.start(())
    let number = try #require(try outcome(of: worker))
    #expect(number != linux_thread_number())
  }

  @Test("stop returns while a call is under way; its outcome is dropped and what it holds is freed")
  func stopsWhileBusy() throws {
    final class Held: Sendable {
      let gate: WakeUp
      init(_ gate: WakeUp) { self.gate = gate }
    }
    let gate = try WakeUp()
    let isRunning = try WakeUp()
    weak var weakHeld: Held?
    func begin() throws -> BlockingWorker<Void, Void> {
      let held = Held(gate)
      weakHeld = held
      return try BlockingWorker(name: "test") {
        isRunning.ring()
        _ = linux_wait_readable(held.gate.descriptor)
      }
    }
    let worker = try begin()
    worker.start(())
    _ = linux_wait_readable(isRunning.descriptor)
    worker.stop()
    #expect(worker.finished() == nil)
    #expect(weakHeld != nil)
    gate.ring()
    for _ in 0..<500 where weakHeld != nil { linux_sleep_ms(10) }
    #expect(weakHeld == nil)
  }

  @Test("An idle thread ends with stop")
  func stopsIdle() throws {
    final class Held: Sendable {}
    weak var weakHeld: Held?
    do {
      let held = Held()
      weakHeld = held
      let worker = try BlockingWorker<Void, Bool>(name: "test") { [held] in
        withExtendedLifetime(held) { true }
      }
      worker.stop()
    }
    for _ in 0..<500 where weakHeld != nil { linux_sleep_ms(10) }
    #expect(weakHeld == nil)
  }
}

@Suite("The back-off")
struct BackoffTests {
  @Test("The waits double from 100 ms to 5 s, and begin anew after a reset")
  func doubles() {
    var backoff = Backoff()
    #expect((0..<8).map { _ in backoff.next() } == [100, 200, 400, 800, 1600, 3200, 5000, 5000])
    backoff.reset()
    #expect(backoff.next() == 100)
  }
}
