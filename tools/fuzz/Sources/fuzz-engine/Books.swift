// A second set of books beside the engine's, from what it was given and what it answered.

import MCTPEngine
import MCTPWire

struct Books {
  /// A packet that waits or is in flight. Of packets that start in the engine, bytes and next hop
  /// are not known before the first attempt; of answers, the request and the next hop are.
  struct Waiting {
    var bytes: [UInt8]?
    var request: [UInt8]?
    var address: PhysicalAddress?
    var failedAttempts = 0
  }

  struct Port {
    var queue: [Waiting] = []
    var inFlight = 0
    var isUp = false
    var packetsIn: UInt64 = 0
    var packetsOut: UInt64 = 0
    var forwarded: UInt64 = 0
    var frameDrops: UInt64 = 0
  }

  var ports: [Port]
  /// Packets beyond the first that ended with one line in the ring of drops.
  var dropsWithoutLine: UInt64 = 0

  init(portCount: Int) { ports = Array(repeating: Port(), count: portCount) }

  /// What must become of the oldest packet in flight.
  mutating func finish(_ result: TransmissionResult, on port: Int) {
    if result == .sent {
      ports[port].packetsOut += 1
    } else if result.isRetryable, ports[port].isUp, ports[port].inFlight == 1,
      ports[port].queue[0].failedAttempts < 12
    {
      ports[port].queue[0].failedAttempts += 1
      ports[port].inFlight = 0
      return
    }
    ports[port].queue.removeFirst()
    ports[port].inFlight -= 1
  }

  mutating func setUp(_ isUp: Bool, on port: Int) {
    ports[port].isUp = isUp
    if !isUp { ports[port].queue.removeSubrange(ports[port].inFlight...) }
  }

  /// Notes what the engine itself queued since the last call.
  ///
  /// - Returns: the ports where that was.
  mutating func noteOwn(_ engine: borrowing Engine) -> UInt32 {
    var grown: UInt32 = 0
    for index in ports.indices {
      let depth = engine.queueDepth(of: PortID(rawValue: UInt8(index)))
      precondition(depth >= ports[index].queue.count, "a packet left a queue in silence")
      while ports[index].queue.count < depth {
        ports[index].queue.append(Waiting())
        grown |= 1 << UInt32(index)
      }
    }
    return grown
  }

  func check(_ engine: borrowing Engine) {
    var (forwarded, originated, enqueued, drops) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    for index in ports.indices {
      let id = PortID(rawValue: UInt8(index))
      let (port, counters) = (ports[index], engine.counters(of: id))
      let depth = engine.queueDepth(of: id)
      precondition(depth <= engine.configuration(of: id).queueDepth, "a queue above its bound")
      precondition(depth <= counters.queueDepthHighWater, "deeper than the high water")
      precondition(counters.packetsIn == port.packetsIn, "packetsIn")
      precondition(counters.packetsOut == port.packetsOut, "packetsOut")
      precondition(counters.attempts(.sent) == port.packetsOut, "attempts that were sent")
      precondition(counters.forwarded == port.forwarded, "forwarded")
      precondition(engine.isUp(id) == port.isUp, "up, or down")
      precondition(
        engine.hasTransmission(on: id) == (port.queue.count > port.inFlight), "what waits")
      var (frames, ingress, egress) = (UInt64(0), UInt64(0), UInt64(0))
      for raw in 0..<UInt8(DropReason.tableSize) {
        guard let reason = DropReason(rawValue: raw) else { continue }
        if reason.isFrameReason {
          frames += counters.ingressDrops(reason)
        } else {
          ingress += counters.ingressDrops(reason)
        }
        egress += counters.egressDrops(reason)
      }
      precondition(frames == port.frameDrops, "frames that were dropped")
      precondition(
        counters.packetsIn == counters.forwarded + counters.delivered + ingress, "what came in")
      precondition(
        counters.enqueued == counters.packetsOut + egress + UInt64(depth), "what was to leave")
      forwarded += counters.forwarded
      originated += counters.originated
      enqueued += counters.enqueued
      drops += frames + ingress + egress
    }
    precondition(forwarded + originated == enqueued, "what was enqueued")
    precondition(engine.dropCount + dropsWithoutLine == drops, "drops recorded")
  }
}
