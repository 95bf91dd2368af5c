import MCTPEngine
import MCTPWire

/// Engines and scripted devices on buses that lose nothing unless told to, in virtual time.
final class OwnerWorld {
  /// One packet on a bus.
  struct Crossing: Equatable {
    let bus: Int
    let from: PhysicalAddress
    let to: PhysicalAddress
    let bytes: [UInt8]
    let time: Instant
  }

  enum Member {
    case router(Rig, port: UInt8, address: PhysicalAddress)
    case device(ScriptedDevice)

    var address: PhysicalAddress {
      switch self {
      case .router(_, _, let address): address
      case .device(let device): device.address
      }
    }
  }

  private(set) var now = Instant.zero
  private(set) var routers: [Rig] = []
  private var buses: [[Member]] = []
  private(set) var log: [Crossing] = []
  /// Deadlines that had passed and were not met by `advance`.
  private(set) var staleDeadlines = 0
  /// Says which packets the medium loses.
  var loses: (Crossing) -> Bool = { _ in false }

  func addBus(_ members: Member...) -> Int {
    for case .router(let rig, _, _) in members { adopt(rig) }
    buses.append(members)
    return buses.count - 1
  }

  func add(_ member: Member, to bus: Int) {
    if case .router(let rig, _, _) = member { adopt(rig) }
    buses[bus].append(member)
  }

  func remove(_ rig: Rig) {
    routers.removeAll { $0 === rig }
    for bus in buses.indices {
      buses[bus].removeAll {
        if case .router(let other, _, _) = $0 { other === rig } else { false }
      }
    }
  }

  private func adopt(_ rig: Rig) {
    rig.now = now
    if !routers.contains(where: { $0 === rig }) { routers.append(rig) }
  }

  /// Carries packets, and time on to each deadline, until `ms` have passed.
  func run(ms: UInt32) {
    let end = now.advanced(byMs: ms)
    var turns = 0
    while turns < 200_000 {
      turns += 1
      while carry() {}
      for router in routers { router.takeEvents() }
      let next = routers.compactMap { $0.nextDeadline }.min()
      guard let next, next <= end else { break }
      now = max(next, now)
      for router in routers {
        router.advance(to: now)
        // A deadline that has passed and is not met would keep a daemon busy for nothing.
        if let next = router.nextDeadline, next <= now { staleDeadlines += 1 }
      }
      if staleDeadlines > 0 { now = now.advanced(byNanoseconds: 1000) }
    }
    precondition(turns < 200_000, "the routers never come to rest")
    now = end
    for router in routers { router.advance(to: now) }
    while carry() {}
  }

  /// Moves everything that waits one hop on; false when nothing waited.
  private func carry() -> Bool {
    var moved = false
    for bus in buses.indices {
      for (sender, member) in buses[bus].enumerated() {
        guard case .router(let rig, let port, let address) = member else { continue }
        while let sent = rig.transmit(on: port) {
          moved = true
          deliver(sent.bytes, on: bus, from: address, to: sent.destination, sender: sender)
        }
      }
    }
    return moved
  }

  private func deliver(
    _ bytes: [UInt8], on bus: Int, from: PhysicalAddress, to: PhysicalAddress, sender: Int
  ) {
    let crossing = Crossing(bus: bus, from: from, to: to, bytes: bytes, time: now)
    log.append(crossing)
    if loses(crossing) { return }
    // On a line without addresses everybody is `.none`; nobody hears itself.
    for (index, member) in buses[bus].enumerated() where member.address == to && index != sender {
      switch member {
      case .router(let rig, let port, _): _ = rig.receive(bytes, on: port, from: from)
      case .device(let device):
        guard device.isPresent else { continue }
        for answer in device.answers(to: bytes) {
          deliver(answer, on: bus, from: device.address, to: from, sender: index)
        }
      }
    }
  }

  /// The packets on one bus.
  func packets(on bus: Int) -> [[UInt8]] { log.filter { $0.bus == bus }.map(\.bytes) }

  /// Requests with a command that were sent to an address of a bus.
  func requests(_ command: UInt8, on bus: Int, to address: PhysicalAddress) -> [[UInt8]] {
    log.filter {
      $0.bus == bus && $0.to == address && $0.bytes.count >= 7 && $0.bytes[4] == 0
        && $0.bytes[5] & 0x80 != 0 && $0.bytes[6] == command
    }.map(\.bytes)
  }

  func clearLog() { log = [] }
}

/// A device that answers control requests with bytes as DSP0236 1.3.3 §12 gives them.
final class ScriptedDevice {
  let address: PhysicalAddress
  var eid: UInt8 = 0
  /// The endpoint type byte of Get Endpoint ID (command 0x02): 00 simple, 10 bridge, 02 static.
  var typeByte: UInt8 = 0x00
  var uuid: EndpointUUID?
  /// After the count: as listed.
  var types: [UInt8]? = [0x00]
  var isPresent = true
  /// EIDs that it asks for; with `pool` what it holds.
  var poolWanted: UInt8 = 0
  var pool: (first: UInt8, count: UInt8)?
  /// Routing table entries after the header, as on the wire; nil refuses the command.
  var table: [[UInt8]]?
  /// Endpoints behind it that it forwards to.
  var behind: [ScriptedDevice] = []
  /// Has the first word: nil for "as always", empty for no answer.
  var override: (_ command: UInt8, _ data: [UInt8]) -> [UInt8]? = { _, _ in nil }
  /// Bodies of the requests that reached it.
  private(set) var heard: [[UInt8]] = []

  init(_ address: PhysicalAddress, uuid: UInt64? = nil) {
    self.address = address
    self.uuid = uuid.map { EndpointUUID(high: 0x21F0_F554_7F7C_4211, low: $0) }
  }

  func answers(to packet: [UInt8]) -> [[UInt8]] {
    guard packet.count >= 7, packet[4] == 0, packet[5] & 0xC0 == 0x80 else { return [] }
    let destination = packet[1]
    if destination != 0, destination != eid {
      for device in behind where device.eid == destination && device.isPresent {
        return device.answers(to: packet)
      }
      return []
    }
    heard.append(Array(packet[4...]))
    guard let data = answer(packet[6], Array(packet[7...])) else { return [] }
    // Source: the EID in force; destination, tag with TO = 0, instance ID: by DSP0236 1.3.3 §11.
    return [
      [0x01, packet[2], eid, 0xC0 | (packet[3] & 0x07), 0x00, packet[5] & 0x1F, packet[6]] + data
    ]
  }

  /// Completion code and data; nil for silence.
  private func answer(_ command: UInt8, _ data: [UInt8]) -> [UInt8]? {
    if let scripted = override(command, data) { return scripted.isEmpty ? nil : scripted }
    switch command {
    case 0x01:
      eid = data[1]
      let status: UInt8 = poolWanted == 0 ? 0 : pool == nil ? 1 : 2
      return [0x00, status, eid, poolWanted]
    case 0x02: return [0x00, eid, typeByte, 0x00]
    case 0x03: return uuid.map { uuid in [0x00] + (0..<16).map { uuid.byte(at: $0) } } ?? [0x05]
    case 0x04: return [0x00, 0x01, 0xF1, 0xF3, 0xF1, 0x00]
    case 0x05: return types.map { [0x00, UInt8($0.count)] + $0 } ?? [0x05]
    case 0x08 where poolWanted > 0:
      if data[0] == 2 { return [0x00, 0x00, pool?.count ?? 0, pool?.first ?? 0] }
      if data[0] == 0, let pool { return [0x00, 0x01, pool.count, pool.first] }
      pool = (first: data[2], count: data[1])
      return [0x00, 0x00, data[1], data[2]]
    case 0x09 where poolWanted > 0: return [0x00]
    case 0x0A where table != nil: return [0x00, 0xFF, UInt8(table!.count)] + table!.flatMap { $0 }
    default: return [0x05]
    }
  }

  /// Power off and on again: a dynamic EID and pool are lost.
  func restart() {
    eid = 0
    pool = nil
  }
}

extension Rig {
  var ownerEvents: [OwnerEvent] {
    events().compactMap { if case .owner(let event) = $0 { event } else { nil } }
  }

  var nextDeadline: Instant? { engine.nextDeadline }
  func advance(to time: Instant) {
    now = time
    engine.advance(to: time)
  }
  func nextDiscovery(on port: UInt8) -> PlannedDiscovery? {
    engine.nextDiscovery(on: PortID(rawValue: port))
  }
  func routingUpdateState(of eid: UInt8) -> RoutingUpdateState? {
    engine.routingUpdateState(of: EID(eid))
  }
  func requesterCounters(_ port: UInt8 = 0) -> ControlRequesterCounters {
    engine.requesterCounters(of: PortID(rawValue: port)) ?? ControlRequesterCounters()
  }
  func adopt(_ lease: EIDLease) { engine.adopt(lease: lease, now: now) }
  func forget(_ eid: UInt8) throws { try engine.forget(EID(eid), now: now) }
  func recover(_ eid: UInt8) throws { try engine.recover(EID(eid), now: now) }
  func allocate(_ count: UInt8, to eid: UInt8) throws {
    try engine.allocate(count, to: EID(eid), now: now)
  }
  func assign(_ eid: UInt8, at address: PhysicalAddress, on port: UInt8 = 0) throws {
    try engine.assign(EID(eid), on: PortID(rawValue: port), at: address, now: now)
  }
  func discover(on port: UInt8 = 0) throws {
    try engine.discover(on: PortID(rawValue: port), now: now)
  }
  func deviceAppeared(_ address: PhysicalAddress, on port: UInt8 = 0) {
    engine.deviceAppeared(on: PortID(rawValue: port), at: address, now: now)
  }
  func deviceDisappeared(_ address: PhysicalAddress, on port: UInt8 = 0) {
    engine.deviceDisappeared(on: PortID(rawValue: port), at: address, now: now)
  }

  func endpoints() -> [KnownEndpoint] {
    var all: [KnownEndpoint] = []
    engine.forEachEndpoint { all.append($0) }
    return all
  }

  func endpoint(at address: PhysicalAddress, on port: UInt8 = 0) -> KnownEndpoint? {
    endpoints().first { $0.port.rawValue == port && $0.address == address && $0.isDirect }
  }

  func endpoint(_ eid: UInt8) -> KnownEndpoint? { engine.endpoint(EID(eid)) }
  func state(of eid: UInt8) -> EIDState? { engine.eidState(of: EID(eid)) }
  func violation() -> EIDSpaceViolation? { engine.ownerViolation() }
}

extension PortConfiguration {
  /// An owned I2C port, our address 0x30.
  static func owned(
    _ id: UInt8, eid: UInt8? = nil, address: PhysicalAddress = .i2c(0x30), queue: Int = 64,
    _ policy: DiscoveryPolicy
  ) -> PortConfiguration {
    var port = PortConfiguration.test(id, eid: eid, address: address, queue: queue)
    port.discovery = policy
    return port
  }
}

extension BusOwnerConfiguration {
  static func ranges(_ first: UInt8, _ last: UInt8) -> BusOwnerConfiguration {
    BusOwnerConfiguration(
      ranges: [NetworkEIDs(ranges: [EIDRange(EID(first), through: EID(last))!])])
  }
}
