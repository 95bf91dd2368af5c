import Glibc

// line-bench ROUTER COPIER [ROUNDS]
// line-bench --start ROUTER
//
// The second form prints the time from the start of a router to the first packet that it forwards.
//
// The first runs the daemon and the byte copier in turn between two pseudo-terminals, each round
// anew, and prints packets a second with 32 in flight, the latency at 200 packets a second, and CPU
// time a packet. Every byte that arrives is compared with what was sent: on the same medium a
// forwarded frame is the frame that came.

private let flightCount = 32
private let throughputPackets = 200_000
private let latencyPackets = 600
private let latencyIntervalNs: UInt64 = 5_000_000

struct Round {
  var packetsPerSecond = 0.0
  var cpuMicrosecondsBusy = 0.0
  var latencyP50Us = 0.0
  var latencyP99Us = 0.0
  var cpuMicrosecondsIdle = 0.0
}

@main
enum LineBench {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3 else {
      fail("usage: line-bench ROUTER COPIER [ROUNDS], or line-bench --start ROUTER")
    }
    guard arguments[1] != "--start" else {
      StartBench.run(arguments[2])
      return
    }
    let rounds = arguments.count > 3 ? Int(arguments[3]) ?? 5 : 5
    var copier: [Round] = []
    var router: [Round] = []
    for round in 1...rounds {
      copier.append(measure { a, b in Subject.copier(arguments[2], a, b) })
      router.append(measure { a, b in Subject.router(arguments[1], a, b) })
      report("round \(round) of \(rounds) done")
    }
    print("medians of \(rounds), min-max; 64-byte bodies, 74-byte frames, nothing lost")
    row("", "copier", "router", "router/copier")
    compare("packets/s, 32 in flight", copier, router, 0) { $0.packetsPerSecond }
    compare("CPU us a packet, 32 in flight", copier, router, 2) { $0.cpuMicrosecondsBusy }
    compare("latency p50 us, 200 packets/s", copier, router, 1) { $0.latencyP50Us }
    compare("latency p99 us, 200 packets/s", copier, router, 1) { $0.latencyP99Us }
    compare("CPU us a packet, 200 packets/s", copier, router, 2) { $0.cpuMicrosecondsIdle }
  }

  static func measure(_ start: (String, String) -> Subject) -> Round {
    let a = Line()
    let b = Line()
    var subject = start(a.farPath, b.farPath)
    defer { subject.stop() }
    let frames = Frames()
    waitUntilForwarding(a, b, frames)
    var round = Round()

    var cpu = subject.cpuNanoseconds()
    let elapsed = throughput(a, b, frames)
    round.packetsPerSecond = Double(throughputPackets) / (Double(elapsed) / 1e9)
    round.cpuMicrosecondsBusy =
      Double(subject.cpuNanoseconds() - cpu) / 1e3 / Double(throughputPackets)

    cpu = subject.cpuNanoseconds()
    let latencies = latency(a, b, frames).sorted()
    round.latencyP50Us = Double(latencies[latencies.count / 2]) / 1e3
    round.latencyP99Us = Double(latencies[latencies.count * 99 / 100]) / 1e3
    round.cpuMicrosecondsIdle =
      Double(subject.cpuNanoseconds() - cpu) / 1e3 / Double(latencyPackets)
    return round
  }

  /// Sends the first frame until it arrives, then empties the line: a router may have sent a
  /// wake-up to its peers.
  static func waitUntilForwarding(_ a: Line, _ b: Line, _ frames: Frames) {
    let end = monotonicNs() + 10_000_000_000
    while monotonicNs() < end {
      a.write(frames.bytes(of: 0, count: 1))
      if b.readAll(forMs: 50).count >= Frames.byteCount {
        while !b.readAll(forMs: 50).isEmpty {}
        return
      }
    }
    fail("nothing was forwarded within 10 s")
  }

  static func throughput(_ a: Line, _ b: Line, _ frames: Frames) -> UInt64 {
    var checker = StreamChecker(frames)
    let begin = monotonicNs()
    var sent = 0
    while checker.frameCount < throughputPackets {
      let room = min(flightCount - (sent - checker.frameCount), throughputPackets - sent)
      if room > 0 {
        a.write(frames.bytes(of: sent, count: room))
        sent += room
      }
      guard b.read(forMs: 2000, { checker.take($0) }) else {
        fail("lost: \(sent) frames sent, \(checker.frameCount) received")
      }
    }
    return monotonicNs() - begin
  }

  static func latency(_ a: Line, _ b: Line, _ frames: Frames) -> [UInt64] {
    var latencies: [UInt64] = []
    var next = monotonicNs()
    var checker = StreamChecker(frames)
    for index in 0..<latencyPackets {
      next += latencyIntervalNs
      sleepUntil(next)
      let begin = monotonicNs()
      a.write(frames.bytes(of: index, count: 1))
      while checker.frameCount <= index {
        guard b.read(forMs: 2000, { checker.take($0) }) else { fail("lost: frame \(index)") }
      }
      latencies.append(monotonicNs() - begin)
    }
    return latencies
  }

  // MARK: Output

  static func compare(
    _ name: String, _ left: [Round], _ right: [Round], _ digits: Int, _ value: (Round) -> Double
  ) {
    let (leftText, leftMedian) = spread(left.map(value), digits)
    let (rightText, rightMedian) = spread(right.map(value), digits)
    row(name, leftText, rightText, text(rightMedian / leftMedian, 2))
  }

  static func spread(_ values: [Double], _ digits: Int) -> (String, Double) {
    let sorted = values.sorted()
    let median = sorted[sorted.count / 2]
    let range = "\(text(sorted[0], digits))-\(text(sorted[sorted.count - 1], digits))"
    return ("\(text(median, digits)) (\(range))", median)
  }

  static func row(_ name: String, _ left: String, _ right: String, _ ratio: String) {
    print(pad(name, 32), pad(left, 28), pad(right, 28), ratio)
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func text(_ value: Double, _ digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int(value * Double(scale) + 0.5)
    guard digits > 0 else { return String(scaled) }
    let rest = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: digits - rest.count) + rest
  }
}

func report(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(2, line, line.count)
}

func fail(_ text: String) -> Never {
  report("line-bench: \(text)")
  exit(1)
}

func monotonicNs() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

func sleepUntil(_ deadline: UInt64) {
  var time = timespec(
    tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
  while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
}
