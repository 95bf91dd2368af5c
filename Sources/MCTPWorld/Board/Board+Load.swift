// How much traffic a board's wires carry, computed before a run.
//
// A request and its answer have the same size. A message of B bytes goes as ceil(B / 64) packets of
// at most 64 bytes. On each wire a packet of P payload bytes takes
//   I2C:    2 + 9 * (P + 9) clocks: address, command, byte count, source, 4 header bytes, PEC
//   I3C:    2 + 9 * (P + 6) clocks: address, 4 header bytes, PEC
//   serial: 10 * (P + 10) bit times: flags, revision, count, 4 header bytes, checksum, flag; each
//           direction has a line of its own, so that half of it counts
// Every pair of devices of one network is as likely as the others. A message goes from its sender
// to the first port on its wire, by the shortest way over the routers' wires, and to its target:
// each hop is one crossing of a wire. What a wire carries in a second, through the mean time that a
// request takes of it, is its rate; the board's is the lowest of its wires.

internal import MCTPWire
internal import Topology

extension Board {
  /// Requests a second with which the busiest wire is offered `loadPercent` of what it carries: 1
  /// or more, and 0 on a board where nobody can ask anybody.
  public func requestsPerSecond(of traffic: Traffic, loadPercent: UInt32) -> UInt32 {
    let busiest = nanosecondsPerRequest(traffic).max() ?? 0
    guard busiest > 0 else { return 0 }
    return UInt32(max(1, (Double(loadPercent) / 100 * 1e9 / busiest).rounded(.down)))
  }

  /// By wire: how much of what it carries this traffic offers it, in percent.
  public func loadPercents(of traffic: Traffic) -> [UInt32] {
    nanosecondsPerRequest(traffic).map {
      UInt32(($0 * Double(traffic.requestsPerSecond) / 1e7).rounded())
    }
  }

  /// For each wire: how long a request and its answer hold it, in the mean.
  private func nanosecondsPerRequest(_ traffic: Traffic) -> [Double] {
    let sizes = traffic.bodyByteCounts
    return zip(wires, crossingsPerRequest(traffic)).map { wire, count in
      let all = sizes.reduce(0.0) { $0 + wire.medium.nanoseconds(messageOf: $1) }
      return count * all / Double(max(sizes.count, 1))
    }
  }

  /// For each wire: how often the messages of a request cross it, in the mean over all pairs.
  private func crossingsPerRequest(_ traffic: Traffic) -> [Double] {
    var crossings = wires.map { _ in 0.0 }
    var pairs = 0
    // Pairs of one wire and another have one way.
    let ways = wires.indices.map { from in wires.indices.map { way(from: from, to: $0) } }
    let networks = devices.map { network(of: $0) }
    for sender in devices.indices where canBegin(devices[sender]) {
      for target in devices.indices where target != sender && networks[sender] == networks[target] {
        if let pair = traffic.pair, pair != Traffic.Pair(sender, target),
          pair != Traffic.Pair(target, sender)
        {
          continue
        }
        guard let way = ways[devices[sender].wire][devices[target].wire] else { continue }
        pairs += 1
        // There and back.
        for wire in way { crossings[wire] += 2 }
      }
    }
    return pairs == 0 ? crossings : crossings.map { $0 / Double(pairs) }
  }

  /// The wires that a message crosses, in order, one more than once where it comes back on it.
  private func way(from: Int, to: Int) -> [Int]? {
    guard let first = bridge(of: from) else { return nil }
    var queue = [(router: first, way: [from])]
    var seen = [first]
    while !queue.isEmpty {
      let (router, way) = queue.removeFirst()
      if joints.contains(where: { $0.router == router && $0.wire == to }) { return way + [to] }
      for joint in joints where joint.router == router {
        for next in joints where next.wire == joint.wire && !seen.contains(next.router) {
          seen.append(next.router)
          queue.append((next.router, way + [joint.wire]))
        }
      }
    }
    return nil
  }

  /// The router that devices of a wire send to.
  private func bridge(of wire: Int) -> Int? {
    let ports = joints.filter { $0.wire == wire }
    let owner = ports.first { routers[$0.router].topology.port($0.port)?.role == .owner }
    return (owner ?? ports.first)?.router
  }
}

extension Board.Medium {
  private static let unitBytes = 64

  /// How long one message holds the wire, without what goes wrong.
  fileprivate func nanoseconds(messageOf byteCount: Int) -> Double {
    let full = byteCount / Self.unitBytes
    let rest = byteCount % Self.unitBytes
    return Double(full) * nanoseconds(packetOf: Self.unitBytes)
      + (rest > 0 ? nanoseconds(packetOf: rest) : 0)
  }

  private func nanoseconds(packetOf byteCount: Int) -> Double {
    switch self {
    case .i2c(let clockHz): Double(2 + 9 * (byteCount + 9)) * 1e9 / Double(clockHz)
    case .i3c(let clockHz): Double(2 + 9 * (byteCount + 6)) * 1e9 / Double(clockHz)
    case .serial(let baudRate): Double(10 * (byteCount + 10)) * 1e9 / Double(baudRate) / 2
    }
  }
}
