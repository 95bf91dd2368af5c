// What leaves, and when: order, budgets, instance IDs, tags, time-outs.

public import MCTPWire

extension ControlRequester {
  /// Room that `nextTransmission` needs: the header and the largest control body.
  public static var packetByteCountMax: Int { PacketHeader.byteCount + ControlBody.byteCountMax }

  /// Writes the packet that leaves next; nil when none does now. The time for its answer runs from
  /// `now` on.
  ///
  /// Repetitions come first, then the highest priority, then the oldest request.
  ///
  /// - Parameter packet: at least `packetByteCountMax` bytes.
  public mutating func nextTransmission(
    into packet: inout MutableSpan<UInt8>, now: Instant
  ) -> ControlTransmission? {
    precondition(packet.count >= ControlRequester.packetByteCountMax, "no room for a packet")
    advance(to: now)
    let index: Int
    if let due = requests.firstIndex(where: { $0.state == .retryDue }) {
      index = due
    } else {
      guard let next = nextWaiting() else { return nil }
      index = next
      assignIdentifiers(index)
    }
    charge(index, now: now)
    let request = requests[index]
    let header = PacketHeader(
      destination: request.destination.eid, source: request.source, som: true, eom: true,
      messageTag: request.tag)
    (packet[0], packet[1], packet[2], packet[3]) = header.bytes
    let body = request.body.span
    for position in body.indices { packet[PacketHeader.byteCount + position] = body[position] }
    let transmission = ControlTransmission(
      ticket: request.ticket, port: request.destination.port,
      address: request.destination.address, byteCount: PacketHeader.byteCount + body.count,
      isRetry: request.transmissions > 1)
    if request.options.isDatagram { finish(index, .sent) }
    return transmission
  }

  /// Ends what has waited too long for its answer, and makes repetitions due.
  public mutating func advance(to now: Instant) {
    tell(now)
    for index in peers.indices { peers[index].instanceIDs.advance(to: now) }
    for index in requests.indices.reversed() {
      let request = requests[index]
      switch request.state {
      case .waiting: continue
      case .awaiting(let until): if now < until { continue }
      case .retryDue: break
      }
      if request.isCancelled {
        remove(index)
      } else if request.isBroadcast {
        finish(index, .broadcastEnded)
      } else if request.transmissions <= request.retryCount, now <= expiry(of: request) {
        requests[index].state = .retryDue
      } else {
        finish(index, request.undelivered == request.transmissions ? .undelivered : .timedOut)
      }
    }
  }

  /// When `advance` or `nextTransmission` has something to do next; past for at once, nil when
  /// there is nothing to wait for.
  public var nextDeadline: Instant? {
    var earliest: Instant?
    func consider(_ time: Instant) {
      if time < earliest ?? Instant(nanoseconds: .max) { earliest = time }
    }
    for request in requests {
      switch request.state {
      case .waiting: continue
      case .awaiting(let until): consider(until)
      case .retryDue: consider(.zero)
      }
    }
    if let time = earliestWaiting() { consider(time) }
    return earliest
  }

  /// The bus could not deliver the last packet to a device on it: nobody acknowledged, or the port
  /// did not take it. Requests to it and to endpoints behind it are the ones meant.
  ///
  /// Choice: it is no end by itself unless the request says so, because busy devices do not
  /// acknowledge either; the repetitions go on in their time. Without any left it ends at once.
  public mutating func undelivered(on port: PortID, address: PhysicalAddress, now: Instant) {
    tell(now)
    for index in requests.indices.reversed() {
      let request = requests[index]
      guard request.destination.port == port, request.destination.address == address,
        case .awaiting = request.state, request.undelivered < request.transmissions
      else { continue }
      ports[request.portIndex].counters.undeliveredPackets += 1
      requests[index].undelivered += 1
      let isAll = requests[index].undelivered == request.transmissions
      guard isAll, request.options.endsWhenUndelivered || request.transmissions > request.retryCount
      else { continue }
      if request.isCancelled {
        remove(index)
      } else {
        finish(index, .undelivered)
      }
    }
  }

  // MARK: Inside

  private func expiry(of request: PendingRequest) -> Instant {
    request.firstSent.advanced(byMs: ports[request.portIndex].timing.instanceIDExpiryMsMax)
  }

  private mutating func charge(_ index: Int, now: Instant) {
    let (port, peer) = (requests[index].portIndex, requests[index].peer)
    let isRetry = requests[index].transmissions > 0
    if !isRetry { requests[index].firstSent = now }
    requests[index].transmissions += 1
    if requests[index].transmissionsOfAll < .max { requests[index].transmissionsOfAll += 1 }
    requests[index].lastSent = now
    ports[port].bucket.charge(now: now)
    peers[peer].bucket.charge(now: now)
    peers[peer].instanceIDs.note(requests[index].instanceID)
    peers[peer].lastUse = now
    peers[peer].transmissions += 1
    ports[port].counters.transmissions += 1
    if isRetry {
      peers[peer].retransmissions += 1
      ports[port].counters.retransmissions += 1
    }
    let shortest = now.advanced(byMs: requests[index].responseTimeoutMs)
    var until = shortest.advanced(byNanoseconds: jitter())
    // Chance must not push a repetition that is still to come out of MT4.
    if requests[index].transmissions <= requests[index].retryCount {
      let later = requests[index].retryCount - requests[index].transmissions
      let needed = UInt64(later) * UInt64(requests[index].responseTimeoutMs) * 1_000_000
      let end = expiry(of: requests[index]).nanoseconds
      let latest = Instant(nanoseconds: end > needed ? end - needed : 0)
      until = min(until, max(shortest, latest))
    }
    requests[index].state = .awaiting(until: until)
  }

  /// A new instance ID and tag, counted on from the last of the port.
  private mutating func assignIdentifiers(_ index: Int) {
    let port = requests[index].portIndex
    var taken = peers[requests[index].peer].instanceIDs.recent
    var tagsTaken: UInt8 = 0
    for other in requests.indices
    where requests[other].isOutstanding && requests[other].portIndex == port {
      taken |= 1 << UInt32(requests[other].instanceID.rawValue)
      tagsTaken |= 1 << requests[other].tag.tag
    }
    var id = ports[port].nextInstanceID
    while taken & (1 << UInt32(id.rawValue)) != 0 { id = id.next }
    var tag = ports[port].nextTag
    while tagsTaken & (1 << tag) != 0 { tag = (tag + 1) & 7 }
    ports[port].nextInstanceID = id.next
    ports[port].nextTag = (tag + 1) & 7
    requests[index].instanceID = id
    requests[index].tag = MessageTag(tag, tagOwner: true)
    requests[index].transmissions = 0
    requests[index].undelivered = 0
    let flags: UInt8 = requests[index].options.isDatagram ? 0xC0 : 0x80
    requests[index].body.replace(at: 1, with: flags | id.rawValue)
  }

  /// The waiting request that may leave now.
  private func nextWaiting() -> Int? {
    var found: Int?
    forEachUnblocked { index, readyAt in
      guard readyAt <= clock else { return true }
      found = index
      return false
    }
    return found
  }

  private func earliestWaiting() -> Instant? {
    var earliest: Instant?
    forEachUnblocked { _, readyAt in
      if readyAt < earliest ?? Instant(nanoseconds: .max) { earliest = readyAt }
      return true
    }
    return earliest
  }

  /// Calls `visit` for each waiting request that waits for time alone, highest priority first and
  /// oldest first in each, until it returns false.
  ///
  /// A broadcast asks every responder of its bus, so it waits until none there has anything to
  /// answer, and others wait for it; what comes after a broadcast that could leave but for that
  /// waits too, or its turn would never come.
  private func forEachUnblocked(_ visit: (Int, Instant) -> Bool) {
    let present = occupancy()
    guard present.waiting > 0, present.outstanding < outstandingMax else { return }
    var held = present.broadcasting
    var priority = ControlPriority.high.rawValue + 1
    while priority > 0 {
      priority -= 1
      for index in requests.indices
      where requests[index].state == .waiting
        && requests[index].options.priority.rawValue == priority
      {
        let port = requests[index].portIndex
        if held & (1 << UInt32(port)) != 0 { continue }
        if requests[index].isBroadcast, present.counts[port] > 0 {
          if requests[index].notBefore <= clock { held |= 1 << UInt32(port) }
          continue
        }
        let isFree = present.counts[port] < ports[port].outstandingMax
        guard isFree, !present.busyPeers[requests[index].peer] else { continue }
        guard visit(index, readyAt(index, present.instanceIDs[port])) else { return }
      }
    }
  }

  /// Who has something to answer now.
  private struct Occupancy {
    var waiting = 0
    var outstanding = 0
    /// By port.
    var counts: [Int]
    /// By port: one bit an instance ID.
    var instanceIDs: [UInt32]
    var busyPeers: [Bool]
    /// One bit a port.
    var broadcasting: UInt32 = 0
  }

  private func occupancy() -> Occupancy {
    var found = Occupancy(
      counts: [Int](repeating: 0, count: ports.count),
      instanceIDs: [UInt32](repeating: 0, count: ports.count),
      busyPeers: [Bool](repeating: false, count: peers.count))
    for index in requests.indices {
      guard requests[index].isOutstanding else {
        found.waiting += 1
        continue
      }
      let port = requests[index].portIndex
      found.outstanding += 1
      found.counts[port] += 1
      found.instanceIDs[port] |= 1 << UInt32(requests[index].instanceID.rawValue)
      found.busyPeers[requests[index].peer] = true
      if requests[index].isBroadcast { found.broadcasting |= 1 << UInt32(port) }
    }
    return found
  }

  /// - Parameter taken: instance IDs under way on the port.
  private func readyAt(_ index: Int, _ taken: UInt32) -> Instant {
    let (port, peer) = (requests[index].portIndex, requests[index].peer)
    let budget = max(ports[port].bucket.readyAt, peers[peer].bucket.readyAt)
    let ready = max(requests[index].notBefore, budget)
    guard peers[peer].instanceIDs.recent | taken == .max else { return ready }
    return max(ready, peers[peer].instanceIDs.nextForgotten)
  }
}
