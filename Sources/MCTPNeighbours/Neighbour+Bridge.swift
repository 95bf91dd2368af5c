/// What a bridge does beside a device: a pool, EIDs for what is behind it, routes and packets.
extension Neighbour {
  struct BridgeState {
    struct Route {
      var type: UInt8
      var count: UInt8
      var first: UInt8
      var address: [UInt8]

      func contains(_ eid: UInt8) -> Bool { eid >= first && Int(eid) < Int(first) + Int(count) }
    }

    var poolCount: UInt8 = 0
    var poolFirst: UInt8 = 0
    /// When the children get their EIDs; nil: there is nothing to wait for.
    var settlesAt: UInt64?
    var routes: [Route] = []
    /// Readings of its table from the start.
    var readingCount: UInt32 = 0
    var isMissingChildren = false
  }

  /// EIDs that it wants: 0 for what is no bridge.
  private var poolWish: UInt8 {
    guard isBridge else { return 0 }
    if habits.poolWish != 0 { return habits.poolWish }
    var count = 0
    for child in children where child.configuration.eid == 0 { count += 1 }
    return UInt8(min(count, 246))
  }

  /// What it says that it holds, true or not.
  private var heldPool: (count: UInt8, first: UInt8) {
    if bridge.poolCount == 0, let claimed = habits.claimedPool {
      return (claimed.count, claimed.first)
    }
    return (bridge.poolCount, bridge.poolFirst)
  }

  /// Low bits of the status of Set Endpoint ID.
  var allocationStatus: UInt8 {
    guard isBridge, !habits.saysNoPool else { return 0 }
    if heldPool.count > 0 { return habits.neverSaysAllocated ? 1 : 2 }
    return poolWish > 0 ? 1 : 0
  }

  var poolSize: UInt8 {
    guard isBridge, !habits.saysNoPool else { return 0 }
    if habits.tellsWishWhileHeld { return max(poolWish, heldPool.count) }
    return heldPool.count > 0 && !habits.neverSaysAllocated ? heldPool.count : poolWish
  }

  // ---- Allocate Endpoint IDs ---------------------------------------------------------------

  func allocate(_ operation: UInt8, _ count: UInt8, _ first: UInt8) -> [UInt8] {
    let isForced = operation & 3 == 1
    switch operation & 3 {
    case 2: return allocateAnswer(habits.poolInformation, status: 0)
    case 3: return [Code.invalidValue]
    default: break
    }
    if count > 0 {
      guard count <= max(poolWish, heldPool.count), first >= 8, Int(first) + Int(count) <= 0xFF
      else { return [Code.invalidValue] }
    }
    if !isForced, bridge.poolCount > 0, habits.refusesSecondAllocate {
      return [Code.success, 1, bridge.poolCount, bridge.poolFirst]
    }
    let isSame =
      bridge.poolCount == count && bridge.poolFirst == (count == 0 ? 0 : first)
    if isForced || !isSame { renumber(count, first) }
    return allocateAnswer(habits.allocateAnswer, status: 0)
  }

  private func allocateAnswer(
    _ form: NeighbourHabits.PoolAnswer, status: UInt8
  ) -> [UInt8] {
    let held = heldPool
    switch form {
    case .held: return [Code.success, status, held.count, held.first]
    case .zero: return [Code.success, status, 0, held.first]
    case .wish: return [Code.success, status, poolWish, held.first]
    case .fixed(let count, let first): return [Code.success, status, count, first]
    }
  }

  private func renumber(_ count: UInt8, _ first: UInt8) {
    bridge.poolCount = count
    bridge.poolFirst = count == 0 ? 0 : first
    for child in children where child.configuration.eid == 0 { child.changeEID(0) }
    let settlesAt = clock + UInt64(habits.settlesMs) * 1_000_000
    bridge.settlesAt = settlesAt
    if habits.settlesMs == 0 { settleChildren() } else { due(settlesAt) }
  }

  func settleChildren() {
    guard let at = bridge.settlesAt, at <= clock else { return }
    bridge.settlesAt = nil
    var next = Int(bridge.poolFirst)
    let end = next + Int(bridge.poolCount)
    for child in children where child.configuration.eid == 0 && next < end {
      child.changeEID(UInt8(next))
      next += 1
    }
  }

  // ---- routes ------------------------------------------------------------------------------

  func updateRouting(_ body: [UInt8]) -> [UInt8] {
    if let code = habits.updateRefusal { return [code] }
    guard body.count >= 4 else { return [Code.invalidLength] }
    let count = Int(body[3])
    let rest = body.count - 4
    guard count > 0 else { return [rest == 0 ? Code.success : Code.invalidLength] }
    let entryByteCount = rest / count
    guard rest == entryByteCount * count, hasRightAddress(entryByteCount - 3) else {
      return [Code.invalidLength]
    }
    for index in 0..<count {
      let start = 4 + index * entryByteCount
      let entry = BridgeState.Route(
        type: body[start] & 0x0F, count: body[start + 1], first: body[start + 2],
        address: Array(body[(start + 3)..<(start + entryByteCount)]))
      bridge.routes.removeAll { $0.first == entry.first && $0.count == entry.count }
      bridge.routes.append(entry)
    }
    return [Code.success]
  }

  /// I2C has one byte and a line none; what I3C has is not known to the reference.
  func hasRightAddress(_ byteCount: Int) -> Bool {
    switch configuration.medium {
    case .i2c: return byteCount == 1
    case .serial: return byteCount == 0
    case .i3c: return byteCount >= 0 && byteCount <= 6
    }
  }

  /// Its own address as control messages have it: bits 7:1.
  private var ownAddress: [UInt8] {
    if case .i2c(let address) = configuration.medium { return [address << 1] }
    return []
  }

  func resolve(_ target: UInt8) -> [UInt8] {
    if target != 0, target == eid || child(target) != nil {
      return [Code.success, eid] + ownAddress
    }
    for route in bridge.routes where route.contains(target) {
      return [Code.success, route.type == 3 ? 0 : route.first] + route.address
    }
    return [Code.invalidValue]
  }

  func queryHop(_ target: UInt8, _ type: UInt8) -> [UInt8] {
    let next: UInt8
    if target == 0 || target == 0xFF {
      return [Code.invalidValue]
    } else if child(target) != nil {
      next = target
    } else if target == eid || bridge.routes.contains(where: { $0.contains(target) }) {
      next = 0
    } else {
      return [Code.invalidValue]
    }
    let unit = UInt16((configuration.transmissionUnitBytes - 64) / 16)
    let high = UInt8(unit >> 8)
    let low = UInt8(unit & 0xFF)
    return [Code.success, next, type, high, low, high, low]
  }

  // ---- Get Routing Table Entries -----------------------------------------------------------

  func routingTable(_ handle: UInt8) -> [UInt8] {
    if case .refused(let code) = habits.tableForm { return [code] }
    if handle == 0 {
      bridge.readingCount &+= 1
      let each = habits.tableMissesChildrenEach
      bridge.isMissingChildren = each > 0 && bridge.readingCount % each == 0
    }
    let entries = tableEntries()
    guard handle == 0 || Int(handle) < entries.count else { return [Code.invalidValue] }
    var page: [UInt8] = []
    var index = Int(handle)
    var count: UInt8 = 0
    while index < entries.count, 6 + page.count + entries[index].count <= 64 {
      page.append(contentsOf: entries[index])
      index += 1
      count += 1
    }
    return [Code.success, index >= entries.count ? 0xFF : UInt8(index), count] + page
  }

  private func tableEntries() -> [[UInt8]] {
    if case .none = habits.tableForm { return [] }
    let poolFollows = Int(bridge.poolFirst) == Int(eid) + 1
    if case .bridgeRange = habits.tableForm, bridge.poolCount > 0, poolFollows, eid != 0,
      !bridge.isMissingChildren
    {
      return [entry(bridge.poolCount + 1, eid, type: 1, port: 0, ownAddress)]
        + staticEntries()
    }
    var entries: [[UInt8]] = []
    if eid != 0 { entries.append(entry(1, eid, type: 2, port: 0, ownAddress)) }
    guard !bridge.isMissingChildren else { return entries }
    switch habits.tableForm {
    case .singles:
      for (index, child) in children.enumerated() where child.eid != 0 {
        let isStatic = child.eid == child.configuration.eid
        entries.append(
          entry(
            1, child.eid, type: 0, port: 1, childAddress(index), isStatic: isStatic))
      }
    case .poolRange, .bridgeRange:
      if bridge.poolCount > 0 {
        entries.append(entry(bridge.poolCount, bridge.poolFirst, type: 3, port: 1, []))
      }
      entries += staticEntries()
    case .bridgeOnly, .none, .refused: break
    }
    return entries
  }

  private func staticEntries() -> [[UInt8]] {
    children.enumerated().compactMap { index, child in
      guard child.configuration.eid != 0, child.eid != 0 else { return nil }
      return entry(1, child.eid, type: 0, port: 1, childAddress(index), isStatic: true)
    }
  }

  /// Those behind it sit on an I2C bus of its own.
  private func childAddress(_ index: Int) -> [UInt8] { [UInt8(0x40 + index * 2 & 0x7E)] }

  private func entry(
    _ count: UInt8, _ first: UInt8, type: UInt8, port: UInt8, _ address: [UInt8],
    isStatic: Bool = false
  ) -> [UInt8] {
    var binding: UInt8 = 0x01
    var media: UInt8 = 0x04
    if port == 0 {
      switch configuration.medium {
      case .i2c: break
      case .i3c: (binding, media) = (0x06, 0x30)
      case .serial: (binding, media) = (0x05, 0x24)
      }
    }
    return [count, first, type << 6 | (isStatic ? 0x20 : 0) | port, binding, media]
      + [UInt8(address.count)] + address
  }

  // ---- packets -----------------------------------------------------------------------------

  /// The child's next packet that is for the router. What is for the bridge or for another child
  /// goes there; null and broadcast stay on the child's bus.
  func nextPacketUpward(from child: Neighbour) -> Outgoing? {
    while let out = child.nextPacket(now: clock) {
      guard out.packet.count >= 4 else { continue }
      let destination = out.packet[1]
      if destination == 0 || destination == 0xFF || out.packet[2] == 0 { continue }
      if let other = self.child(destination) {
        other.receive(out.packet, from: nil, now: clock)
      } else if destination == eid {
        isHearingInside = true
        receive(out.packet, from: nil, now: clock)
        isHearingInside = false
      } else if let way = way(to: destination) {
        return Outgoing(packet: out.packet, to: way.link)
      }
    }
    return nil
  }
}
