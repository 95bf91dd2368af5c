import MCTPEngine
import MCTPWire

/// A second set of books beside the engine's: what each port must hold, have sent and have lost,
/// worked out from the engine's answers alone.
final class Books {
  /// A packet that waits or is in flight; the bytes of the engine's own answers are learnt when
  /// they leave.
  struct Waiting {
    var bytes: [UInt8]?
    var failedAttempts = 0
  }

  struct Port {
    var queue: [Waiting] = []
    var inFlight = 0
    var isUp = true
    var packetsIn: UInt64 = 0
    var bytesIn: UInt64 = 0
    var packetsOut: UInt64 = 0
    var bytesOut: UInt64 = 0
    var forwarded: UInt64 = 0
    var delivered: UInt64 = 0
    var originated: UInt64 = 0
    var enqueued: UInt64 = 0
    /// By raw value.
    var ingressDrops = [UInt64](repeating: 0, count: 256)
    var egressDrops = [UInt64](repeating: 0, count: 256)
    var attempts = [UInt64](repeating: 0, count: 256)
  }

  var ports: [Port]
  var drops: UInt64 = 0

  init(portCount: Int) { ports = Array(repeating: Port(), count: portCount) }

  func enqueue(_ bytes: [UInt8]?, on port: Int) {
    ports[port].queue.append(Waiting(bytes: bytes))
    ports[port].enqueued += 1
  }

  func dropIngress(_ reason: DropReason, on port: Int, packets: UInt64 = 1) {
    ports[port].ingressDrops[Int(reason.rawValue)] += packets
    drops += 1
  }

  func dropEgress(_ reason: DropReason, on port: Int) {
    ports[port].egressDrops[Int(reason.rawValue)] += 1
    drops += 1
  }

  /// What must become of the oldest packet in flight.
  func finish(_ result: TransmissionResult, on port: Int, byteCount: Int) {
    ports[port].attempts[Int(result.rawValue)] += 1
    let mayRetry =
      result != .sent && result != .refused && result != .portDown && ports[port].isUp
    if result == .sent {
      ports[port].packetsOut += 1
      ports[port].bytesOut += UInt64(byteCount)
    } else if mayRetry, ports[port].inFlight == 1, ports[port].queue[0].failedAttempts < 12 {
      ports[port].queue[0].failedAttempts += 1
      ports[port].inFlight = 0
      return
    } else if result == .refused {
      dropEgress(.transmissionRefused, on: port)
    } else {
      dropEgress(mayRetry ? .retriesExhausted : .portDown, on: port)
    }
    ports[port].queue.removeFirst()
    ports[port].inFlight -= 1
  }

  func setUp(_ isUp: Bool, on port: Int) {
    ports[port].isUp = isUp
    guard !isUp else { return }
    while ports[port].queue.count > ports[port].inFlight {
      ports[port].queue.removeLast()
      dropEgress(.portDown, on: port)
    }
  }

  private static let reasons = DropReason.allCases
  private static let results = (0..<UInt8(TransmissionResult.tableSize)).compactMap {
    TransmissionResult(rawValue: $0)
  }

  /// What disagrees between these books and the engine's, and within the engine's.
  func differences(_ rig: Rig) -> [String] {
    var found: [String] = []
    func check(_ isTrue: Bool, _ what: @autoclosure () -> String) {
      if !isTrue { found.append(what()) }
    }
    var (forwarded, originated, enqueued) = (UInt64(0), UInt64(0), UInt64(0))
    for index in ports.indices {
      let (port, counters) = (ports[index], rig.counters(UInt8(index)))
      let depth = rig.queueDepth(UInt8(index))
      check(counters.packetsIn == port.packetsIn, "\(index): packetsIn")
      check(counters.bytesIn == port.bytesIn, "\(index): bytesIn")
      check(counters.packetsOut == port.packetsOut, "\(index): packetsOut")
      check(counters.bytesOut == port.bytesOut, "\(index): bytesOut")
      check(counters.forwarded == port.forwarded, "\(index): forwarded")
      check(counters.delivered == port.delivered, "\(index): delivered")
      check(counters.originated == port.originated, "\(index): originated")
      check(counters.enqueued == port.enqueued, "\(index): enqueued")
      check(depth == port.queue.count, "\(index): depth \(depth), not \(port.queue.count)")
      check(depth <= counters.queueDepthHighWater, "\(index): high water")
      var (ingress, egress) = (UInt64(0), UInt64(0))
      for reason in Self.reasons {
        let (arrived, left) = (counters.ingressDrops(reason), counters.egressDrops(reason))
        check(arrived == port.ingressDrops[Int(reason.rawValue)], "\(index): ingress \(reason)")
        check(left == port.egressDrops[Int(reason.rawValue)], "\(index): egress \(reason)")
        egress += left
        if reason.rawValue >= 20 { ingress += arrived }
      }
      for result in Self.results {
        check(
          counters.attempts(result) == port.attempts[Int(result.rawValue)], "\(index): \(result)")
      }
      check(
        counters.packetsIn == counters.forwarded + counters.delivered + ingress,
        "\(index): what came in")
      check(
        counters.enqueued == counters.packetsOut + egress + UInt64(depth),
        "\(index): what was to leave")
      forwarded += counters.forwarded
      originated += counters.originated
      enqueued += counters.enqueued
    }
    check(forwarded + originated == enqueued, "forwarded and originated are all that was enqueued")
    check(rig.dropCount == drops, "drops recorded: \(rig.dropCount), not \(drops)")
    return found
  }
}
