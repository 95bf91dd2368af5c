// One state of a small board: routers, devices, the packets between them, the time. A value; two
// states share the routers that are the same in both.

internal import MCTPEngine
internal import MCTPWire

struct SmallWorld {
  struct Flight: Hashable {
    let packet: [UInt8]
    let sentAt: UInt64
  }

  /// Packets of one port on its bus; more wait in its queue.
  static let flightCountMax = 3
  /// How long a packet may be under way at most.
  ///
  /// Choice: longer than a request with all its repetitions (3 x 300 ms and jitter), so that
  /// answers come late in every way there is; much shorter than the time for which EIDs rest.
  static let latenessNanoseconds: UInt64 = 1_000_000_000
  /// Not 0, which is "at once" to an engine.
  static let startNanoseconds: UInt64 = 60_000_000_000

  let board: SmallBoard
  var now = SmallWorld.startNanoseconds
  var routers: [SmallRouter]
  var devices: [TinyDevice]
  var channels: [[Flight]]
  var faultsLeft: Int
  var pingsLeft: Int
  /// A router began without its leases: it cannot know who has what, if he cannot be heard.
  var hasForgotten = false
  /// Answers that accepted another EID than their sender had.
  var renamings = 0
  var violation: ExhaustiveViolation?
  /// What happened, for people; nil while nobody wants it.
  var story: [String]?
  /// What the times of the story count from.
  var storyStart = SmallWorld.startNanoseconds

  init(_ board: SmallBoard, faults: Int, pings: Int) {
    self.board = board
    routers = board.routers.map { SmallRouter($0.configuration) }
    devices = board.devices.indices.map { TinyDevice(number: $0, habit: board.devices[$0].habit) }
    channels = [[Flight]](repeating: [], count: board.channels.count)
    faultsLeft = faults
    pingsLeft = pings
    for router in routers.indices { bringUp(change(router), router) }
  }

  var instant: Instant { Instant(nanoseconds: now) }

  /// The router for a change of it. Ask once a step: who holds it makes it shared.
  mutating func change(_ index: Int) -> SmallRouter {
    if !isKnownUniquelyReferenced(&routers[index]) { routers[index] = routers[index].copy() }
    routers[index].touch()
    return routers[index]
  }

  mutating func fail(_ invariant: String, _ text: String) {
    if violation == nil { violation = ExhaustiveViolation(invariant: invariant, text: text) }
  }

  /// When a router next wants to be called.
  var nextDeadline: UInt64? {
    var earliest: UInt64?
    for router in routers where router.isAlive {
      guard let deadline = router.engine.nextDeadline?.nanoseconds else { continue }
      earliest = min(earliest ?? .max, deadline)
    }
    return earliest
  }

  /// Time may pass what is under way by `latenessNanoseconds`.
  var mayTimeOut: Bool {
    guard let deadline = nextDeadline else { return false }
    return channels.allSatisfy { channel in
      guard let oldest = channel.first else { return true }
      return deadline <= oldest.sentAt + SmallWorld.latenessNanoseconds
    }
  }

  // MARK: Routers

  /// After the engine is made: its ports come up.
  mutating func bringUp(_ router: SmallRouter, _ index: Int) {
    for port in 0..<router.engine.portCount {
      router.engine.portChanged(PortID(rawValue: UInt8(port)), isUp: true, now: instant)
    }
    settle(router, index)
  }

  /// What a daemon's loop does after each verb, until there is nothing more to do at this instant.
  ///
  /// - Parameter router: this state's own, from `change`.
  mutating func settle(_ router: SmallRouter, _ index: Int) {
    for _ in 0..<1000 {
      if let deadline = router.engine.nextDeadline, deadline <= instant {
        router.engine.advance(to: instant)
        if let next = router.engine.nextDeadline, next <= instant {
          return fail("deadline", "\(board.routers[index].name): its deadline stays in the past")
        }
      }
      var hasMoved = router.engine.takeReadyPorts() != 0
      for port in 0..<router.engine.portCount {
        while drainOne(router, index, port) { hasMoved = true }
      }
      takeEvents(router)
      guard hasMoved else { return checkBooks(index) }
    }
    fail("livelock", "\(board.routers[index].name) never comes to rest")
  }

  /// One packet of a port; false when none waits or as many are under way as may be.
  private mutating func drainOne(_ router: SmallRouter, _ index: Int, _ port: Int) -> Bool {
    let place = SmallBoard.Place.port(router: index, port: port)
    var underWay = 0
    for (number, channel) in board.channels.enumerated() where channel.from.place == place {
      underWay += channels[number].count
    }
    let id = PortID(rawValue: UInt8(port))
    guard underWay < SmallWorld.flightCountMax,
      let transmission = router.engine.nextTransmission(on: id)
    else { return false }
    let packet = bytes(router.engine.packet(of: transmission))
    guard let channel = board.channel(from: place, to: transmission.destination),
      hears(board.channels[channel].to.place)
    else {
      // A line does not tell that nobody listens.
      let isLine = transmission.destination == .none
      if isLine { router.sent[port] += 1 }
      router.engine.transmissionFinished(
        isLine ? .sent : .addressNotAcknowledged, on: id, now: instant)
      return true
    }
    checkLeaving(packet, router: index, port: port, channel: channel)
    router.sent[port] += 1
    router.engine.transmissionFinished(.sent, on: id, now: instant)
    channels[channel].append(Flight(packet: packet, sentAt: now))
    return true
  }

  private func bytes(_ span: Span<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(span.count)
    for position in span.indices { bytes.append(span[position]) }
    return bytes
  }

  func hears(_ place: SmallBoard.Place) -> Bool {
    guard case .port(let router, let port) = place else { return true }
    return routers[router].isAlive
      && routers[router].engine.isUp(PortID(rawValue: UInt8(port)))
  }

  private mutating func takeEvents(_ router: SmallRouter) {
    while let event = router.engine.nextEvent() {
      switch event {
      case .owner(.leaseChanged(let lease)):
        router.leases.removeAll { $0.network == lease.network && $0.eid == lease.eid }
        router.leases.append(lease)
      case .owner(.leaseDropped(let lease)): router.leases.removeAll { $0 == lease }
      default: break
      }
    }
  }

  // MARK: The state as a number

  var digest: UInt64 {
    var digest = StateDigest(now: now)
    for router in routers { digest.add(router.digest(now: now)) }
    for device in devices {
      digest.add(
        UInt64(device.eid) | UInt64(device.owner.map { $0 + 1 } ?? 0) << 8
          | UInt64(device.awaited) << 24 | (device.isConfirmed ? 1 << 32 : 0))
    }
    for channel in channels {
      digest.add(channel.count)
      for flight in channel {
        digest.add(now - flight.sentAt)
        digest.add(flight.packet.span)
      }
    }
    digest.add(
      UInt64(faultsLeft) | UInt64(pingsLeft) << 8 | (hasForgotten ? UInt64(1) << 16 : 0))
    return digest.value
  }
}
