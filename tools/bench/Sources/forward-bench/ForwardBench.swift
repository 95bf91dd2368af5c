import AllocationCount
import Glibc
import MCTPFraming
import MCTPWire

// forward-bench                         times every case beside its floor
// forward-bench CASE COUNT              forwards COUNT packets and nothing else (for callgrind)
// forward-bench allocations             exits 1 if forwarding allocates
//
// CASE is FROM-TO of i2c, i3c, serial. Bodies are 64 bytes.

private let payloadByteCount = 64
private let rounds = 10
private let packetsPerRound = 200_000

@main
enum ForwardBench {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == ["allocations"] {
      checkAllocations()
    } else if arguments.count == 2, let (from, to) = media(arguments[0]),
      let count = Int(arguments[1])
    {
      print(forwardMany(from, to, count: count))
    } else if arguments.isEmpty {
      timeAll()
    } else {
      fatalError("usage: forward-bench [allocations | FROM-TO COUNT]")
    }
  }

  static func media(_ text: String) -> (Medium, Medium)? {
    let words = text.split(separator: "-").map(String.init)
    guard words.count == 2, let from = Medium(rawValue: words[0]),
      let to = Medium(rawValue: words[1])
    else { return nil }
    return (from, to)
  }

  /// Payload bytes that hold no flag and no escape: 0, 1, 2, ...
  static var payload: [UInt8] { (0..<payloadByteCount).map { UInt8($0) } }

  /// Returns a sum over the frames that left, so that nothing is left out.
  @inline(never)
  static func forwardMany(_ from: Medium, _ to: Medium, count: Int) -> UInt64 {
    var forwarder = Forwarder(from: from, to: to)
    let frame = forwarder.arrivingFrame(payload: payload)
    var out = [UInt8](repeating: 0, count: 300)
    return run(&forwarder, frame.span, &out, count: count)
  }

  @inline(never)
  static func run(
    _ forwarder: inout Forwarder, _ frame: Span<UInt8>, _ out: inout [UInt8], count: Int
  ) -> UInt64 {
    var sum: UInt64 = 0
    var span = out.mutableSpan
    for _ in 0..<count {
      let length = forwarder.forward(frame, into: &span)
      sum &+= UInt64(span[length - 1])
    }
    return sum
  }

  /// The floor of a case: its two checksums by table and one copy of the frame.
  @inline(never)
  static func floorMany(_ from: Medium, _ to: Medium, count: Int) -> UInt64 {
    let packet = payloadByteCount + PacketHeader.byteCount
    let arriving = [UInt8](repeating: 0x5A, count: from.checkedByteCount(packet: packet))
    var leaving = [UInt8](repeating: 0xA5, count: to.checkedByteCount(packet: packet))
    var sum: UInt64 = 0
    for _ in 0..<count {
      sum &+= checksum(from, arriving.span)
      copy(arriving, &leaving)
      sum &+= checksum(to, leaving.span)
    }
    return sum
  }

  @inline(never)
  static func checksum(_ medium: Medium, _ bytes: Span<UInt8>) -> UInt64 {
    switch medium {
    case .i2c, .i3c: UInt64(crc8(bytes, crc8Table.span))
    case .serial: UInt64(fcs16(bytes, fcs16Table.span))
    }
  }

  @inline(never)
  static func copy(_ from: [UInt8], _ to: inout [UInt8]) {
    let count = min(from.count, to.count)
    to.withUnsafeMutableBytes { target in
      from.withUnsafeBytes { source in
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
      }
    }
  }

  static func timeAll() {
    print(
      "case            floor ns          forward ns        ratio  (median, min-max of \(rounds))")
    for (from, to) in [(Medium.i2c, Medium.i2c), (.i2c, .serial), (.serial, .i3c), (.serial, .i2c)]
    {
      var floors: [Double] = []
      var forwards: [Double] = []
      var ratios: [Double] = []
      var sum: UInt64 = 0
      for _ in 0..<rounds {
        let floor = nanosecondsPerPacket { sum &+= floorMany(from, to, count: packetsPerRound) }
        let forward = nanosecondsPerPacket { sum &+= forwardMany(from, to, count: packetsPerRound) }
        floors.append(floor)
        forwards.append(forward)
        ratios.append(forward / floor)
      }
      precondition(sum != 1, "the sums are used")
      let name = "\(from.rawValue)-\(to.rawValue)"
      print(
        pad(name, 14), pad(spread(floors, digits: 0), 17), pad(spread(forwards, digits: 0), 17),
        spread(ratios, digits: 2))
    }
  }

  static func nanosecondsPerPacket(_ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    let duration = clock.measure(body)
    let (seconds, attoseconds) = duration.components
    return (Double(seconds) * 1e9 + Double(attoseconds) / 1e9) / Double(packetsPerRound)
  }

  static func spread(_ values: [Double], digits: Int) -> String {
    let sorted = values.sorted()
    let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    return
      "\(text(median, digits)) \(text(sorted[0], digits))-\(text(sorted[sorted.count - 1], digits))"
  }

  static func text(_ value: Double, _ digits: Int) -> String {
    guard digits > 0 else { return String(Int(value + 0.5)) }
    let hundredths = Int(value * 100 + 0.5)
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Forwards, drops and answers after a warm-up, and compares the allocator's count.
  static func checkAllocations() {
    var failed = false
    for from in Medium.allCases {
      for to in Medium.allCases {
        var forwarder = Forwarder(from: from, to: to)
        let frame = forwarder.arrivingFrame(payload: payload)
        var out = [UInt8](repeating: 0, count: 300)
        // Warm-up: the runtime makes type metadata at first use.
        _ = run(&forwarder, frame.span, &out, count: 100)
        _ = AllocationCases.drops(&forwarder)
        let before = allocation_count()
        _ = run(&forwarder, frame.span, &out, count: 10_000)
        let forwarding = allocation_count() - before
        let dropping = AllocationCases.drops(&forwarder)
        print(
          "\(from.rawValue)-\(to.rawValue): \(forwarding) allocations for 10000 packets forwarded, "
            + "\(dropping) for 10000 dropped or answered")
        if forwarding + dropping > 0 { failed = true }
      }
    }
    // The count itself must work: an array of its own is an allocation.
    let before = allocation_count()
    let canary = [UInt8](repeating: 1, count: Int(before % 7) + 1000)
    if allocation_count() == before || canary.isEmpty {
      print("the allocation count counts nothing")
      failed = true
    }
    if failed {
      print("the packet path allocates")
      exit(1)
    }
  }
}
