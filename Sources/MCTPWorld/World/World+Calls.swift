internal import MCTPSimulation
internal import MCTPWire
internal import Topology

// The requests of one round: senders, sizes, types.
extension World {
  /// Choice: so many large messages a round, because each is up to 256 packets.
  private static let largeCountMax = 4
  private static let sizes = [16, 63, 64, 65, 128, 300, 1000]
  private static let largeSizes = [2048, 4096, 8192]

  /// How many requests may be under way at once: half of the smallest queue, four at most.
  var requestsAtOnceMax: Int { max(1, min(4, queueDepthMin / 2)) }

  private var queueDepthMin: Int {
    plan.board.routers.flatMap { $0.topology.ports.map(\.queueDepthMax) }.min() ?? 1
  }

  /// The largest body whose packets wait in half of the smallest queue: from a fast bus to a slow
  /// one nearly all of them do.
  private var byteCountMax: Int {
    max(80, min(8192, plan.board.transmissionUnitBytesMin * queueDepthMin / 2))
  }

  func calls(of required: [Int], _ round: RollCall.Round) -> [RollCall.Call] {
    if round == .fromRouters { return routerCalls(of: required) }
    var calls = pairs(of: required)
    guard round == .sizes else { return calls }
    var largeLeft = Self.largeCountMax
    var more: [RollCall.Call] = []
    for index in calls.indices {
      calls[index].byteCount = min(traffic.draw(Self.sizes) ?? 80, byteCountMax)
      let types = devices[calls[index].target].echoedTypes
      calls[index].messageType = types.first ?? 0x7E
      for type in types.dropFirst() {
        more.append(
          .init(
            sender: calls[index].sender, target: calls[index].target, byteCount: 80,
            messageType: type))
      }
      guard largeLeft > 0, byteCountMax > 1000, traffic.draw([true, false]) == true else {
        continue
      }
      largeLeft -= 1
      calls[index].byteCount = min(traffic.draw(Self.largeSizes) ?? 2048, byteCountMax)
    }
    return calls + more
  }

  /// Each is asked by the router on its own wire, and by the one on top of the board. Choice: with
  /// what fits one packet of 64 bytes, because a port may carry more than a device on it takes.
  private func routerCalls(of required: [Int]) -> [RollCall.Call] {
    required.flatMap { target in
      let joint = plan.board.joints.first { $0.wire == devices[target].part.wire }
      let own = joint?.router ?? 0
      return (own == 0 ? [0] : [own, 0]).map {
        RollCall.Call(sender: devices.count + $0, target: target, byteCount: 48)
      }
    }
  }

  /// Each is asked by another one of its network; where nobody else may begin, it is not.
  private func pairs(of required: [Int]) -> [RollCall.Call] {
    var calls: [RollCall.Call] = []
    for network in Set(required.map(network)).sorted() {
      let members = required.filter { self.network(of: $0) == network }
      let beginners = members.filter(canBegin)
      for (position, target) in members.enumerated() {
        // Half way round the board: more often from another bus than a neighbour.
        let opposite = members[(position + (members.count + 1) / 2) % members.count]
        let others = [opposite] + beginners[(position % max(beginners.count, 1))...] + beginners
        if let sender = others.first(where: { isOutside($0, of: target) && canBegin($0) }) {
          calls.append(RollCall.Call(sender: sender, target: target))
        }
      }
    }
    return calls
  }

  /// Another device, and not inside the same neighbour: what those say to each other is theirs.
  func isOutside(_ device: Int, of other: Int) -> Bool {
    (devices[device].part.behind ?? device) != (devices[other].part.behind ?? other)
  }

  /// What a good board needs at most: the usual time, and four times what the message and its
  /// echo take on the slowest wire.
  func timeoutMs(of call: RollCall.Call) -> UInt32 {
    let packets = UInt64(call.byteCount / plan.board.transmissionUnitBytesMin + 1)
    return RollCall.requestTimeoutMs + UInt32(8 * packets * slowestPacketNanoseconds / 1_000_000)
  }

  /// A packet of the smallest unit with its medium's frame, on the slowest wire.
  private var slowestPacketNanoseconds: UInt64 {
    let byteCount = UInt64(plan.board.transmissionUnitBytesMin + PacketHeader.byteCount + 9)
    return plan.board.wires.map { wire in
      switch wire.medium {
      case .i2c(let clockHz), .i3c(let clockHz): byteCount * 9 * 1_000_000_000 / UInt64(clockHz)
      case .serial(let baudRate): byteCount * 10 * 1_000_000_000 / UInt64(baudRate)
      }
    }.max() ?? 0
  }
}
