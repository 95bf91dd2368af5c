/// The time from the start of a router to the first packet that it forwards.
enum StartBench {
  private static let rounds = 10
  /// One a millisecond. A pseudo-terminal that nobody reads holds as many.
  private static let framesMax = 500

  static func run(_ router: String) {
    let frame = Frames().bytes(of: 0, count: 1)
    var milliseconds: [Double] = []
    for _ in 0..<rounds { milliseconds.append(Double(measure(router, frame)) / 1e6) }
    let (spread, _) = LineBench.spread(milliseconds, 1)
    print("ms from spawn to the first packet forwarded: \(spread), median (min-max) of \(rounds)")
  }

  /// Nanoseconds from just before the topology is written and the router spawned to the frame's
  /// last byte at the other line.
  private static func measure(_ router: String, _ frame: [UInt8]) -> UInt64 {
    let a = Line()
    let b = Line()
    let begin = monotonicNs()
    var subject = Subject.router(router, a.farPath, b.farPath)
    defer { subject.stop() }
    var arrived: [UInt8] = []
    for _ in 0..<framesMax {
      a.write(frame)
      let next = monotonicNs() + 1_000_000
      while monotonicNs() < next {
        arrived += b.readAll(forMs: 1)
        // Not by its size: a router may send a wake-up to its peers first.
        if holds(arrived, frame) { return monotonicNs() - begin }
      }
    }
    fail("nothing was forwarded within \(framesMax) ms")
  }

  private static func holds(_ bytes: [UInt8], _ frame: [UInt8]) -> Bool {
    guard bytes.count >= frame.count else { return false }
    return (0...(bytes.count - frame.count)).contains {
      bytes[$0..<($0 + frame.count)].elementsEqual(frame)
    }
  }
}
