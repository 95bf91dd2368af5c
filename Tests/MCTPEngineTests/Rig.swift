import MCTPEngine
import MCTPWire

/// An engine whose ports are up, with what a test needs around it. A class, because the macros of
/// Swift Testing take no mutating calls on values that cannot be copied.
final class Rig {
  /// A packet that the medium took.
  struct Sent: Equatable {
    let destination: PhysicalAddress
    let bytes: [UInt8]
  }

  var engine: Engine
  var now = Instant.zero

  init(
    _ configuration: EngineConfiguration, routes: [RoutingTableEntry] = [], isUp: Bool = true
  ) throws {
    engine = Engine(configuration)
    for port in configuration.ports { engine.portChanged(port.id, isUp: isUp, now: .zero) }
    for route in routes { try engine.apply(adding: route) }
  }

  func receive(
    _ packet: [UInt8], on port: UInt8 = 0, from address: PhysicalAddress = .none
  ) -> Disposition {
    engine.receive(packet.span, on: PortID(rawValue: port), from: address, now: now)
  }

  /// Takes one packet of a port; the medium ends it with `result`.
  func transmit(
    on port: UInt8, _ result: TransmissionResult = .sent
  ) -> Sent? {
    let port = PortID(rawValue: port)
    guard let transmission = engine.nextTransmission(on: port) else { return nil }
    let sent = Sent(
      destination: transmission.destination, bytes: copyPacket(transmission, of: engine))
    engine.transmissionFinished(result, on: port, now: now)
    return sent
  }

  /// Everything that waits at a port; the medium takes it.
  func drain(_ port: UInt8) -> [Sent] {
    var all: [Sent] = []
    while let sent = transmit(on: port) { all.append(sent) }
    return all
  }

  /// Everything that waits anywhere, port by port.
  func drainAll() -> [[Sent]] {
    var all: [[Sent]] = []
    for port in 0..<engine.portCount { all.append(drain(UInt8(port))) }
    return all
  }

  /// The one packet that answers `packet` through the same port; nil when there is none or when
  /// it does not go to the sender's physical address.
  func ask(
    _ packet: [UInt8], on port: UInt8 = 0, from address: PhysicalAddress = .i2c(0x31)
  ) -> [UInt8]? {
    guard receive(packet, on: port, from: address) == .answered else { return nil }
    let sent = drain(port)
    guard sent.count == 1, sent[0].destination == address else { return nil }
    return sent[0].bytes
  }

  func counters(_ port: UInt8) -> PortCounters { engine.counters(of: PortID(rawValue: port)) }

  func setUp(_ port: UInt8, _ isUp: Bool) {
    engine.portChanged(PortID(rawValue: port), isUp: isUp, now: now)
  }

  private var taken: [EngineEvent] = []

  /// Takes the events that wait, as a shell does every turn, and keeps them for `events`.
  func takeEvents() {
    while let event = engine.nextEvent() { taken.append(event) }
  }

  func events() -> [EngineEvent] {
    takeEvents()
    defer { taken = [] }
    return taken
  }

  func ownEID(_ port: UInt8) -> EID { engine.ownEID(on: PortID(rawValue: port)) }
  func sourceEID(_ port: UInt8) -> EID { engine.sourceEID(on: PortID(rawValue: port)) }
  func queueDepth(_ port: UInt8) -> Int { engine.queueDepth(of: PortID(rawValue: port)) }
  var dropCount: UInt64 { engine.dropCount }
  var recentDropCount: Int { engine.recentDropCount }
  /// - Parameter index: 0 is the newest.
  func recentDrop(_ index: Int = 0) -> RecentDrop? {
    index < engine.recentDropCount ? engine.recentDrop(at: index) : nil
  }

  func verdict(
    source: UInt8, destination: UInt8, on port: UInt8, from address: PhysicalAddress,
    payloadByteCount: Int
  ) -> RoutingVerdict {
    engine.verdict(
      source: EID(source), destination: EID(destination), on: PortID(rawValue: port),
      from: address, payloadByteCount: payloadByteCount)
  }

  func isOwn(_ eid: UInt8, network: UInt8 = 1) -> Bool {
    engine.isOwn(EID(eid), network: network)
  }
  func hasTransmission(on port: UInt8) -> Bool {
    engine.hasTransmission(on: PortID(rawValue: port))
  }
  func nextTransmission(on port: UInt8) -> Transmission? {
    engine.nextTransmission(on: PortID(rawValue: port))
  }
  func bytes(of transmission: Transmission) -> [UInt8] { copyPacket(transmission, of: engine) }
  func finish(_ result: TransmissionResult, on port: UInt8) {
    engine.transmissionFinished(result, on: PortID(rawValue: port), now: now)
  }
  func remove(from port: UInt8, where condition: (RoutingTableEntry) -> Bool) -> Int {
    engine.apply(removingFrom: PortID(rawValue: port), where: condition)
  }

  /// Adds a routing table entry; nil when it was taken.
  func error(adding entry: RoutingTableEntry) -> RoutingTableError? {
    do throws(RoutingTableError) {
      try engine.apply(adding: entry)
      return nil
    } catch { return error }
  }

  func entry(for eid: UInt8, network: UInt8 = 1) -> RoutingTableEntry? {
    engine.entry(for: EID(eid), network: network)
  }

  /// Queues a packet that starts here.
  func send(
    _ packet: [UInt8], on port: UInt8 = 0, to address: PhysicalAddress = .none
  ) -> DropReason? {
    engine.send(packet.span, on: PortID(rawValue: port), to: address, now: now)
  }

  /// All routing table entries of all networks.
  func entries() -> [RoutingTableEntry] {
    var all: [RoutingTableEntry] = []
    engine.forEachEntry { _, entry in all.append(entry) }
    return all
  }
}

private func copyPacket(_ transmission: Transmission, of engine: borrowing Engine) -> [UInt8] {
  engine.packet(of: transmission).array
}

extension Span<UInt8> {
  var array: [UInt8] { withUnsafeBufferPointer { Array($0) } }
}

extension PortConfiguration {
  /// An I2C port unless told otherwise.
  static func test(
    _ id: UInt8, network: UInt8 = 1, role: PortRole = .owner, eid: UInt8? = nil,
    address: PhysicalAddress = .i2c(0x30), unit: Int = 64, queue: Int = 16,
    check: SourceCheck = .strict, binding: BindingType = .smbus, medium: MediumType = .i2c400kHz
  ) -> PortConfiguration {
    PortConfiguration(
      id: PortID(rawValue: id), network: network, role: role, binding: binding, medium: medium,
      address: address, eid: eid.map { EID($0) }, transmissionUnitBytes: unit, queueDepth: queue,
      sourceCheck: check)
  }
}

extension RoutingTableEntry {
  static func test(
    _ first: UInt8, _ count: UInt8 = 1, port: UInt8, at address: PhysicalAddress = .none,
    type: RoutingEntryType? = nil, isStatic: Bool = true, uuid: EndpointUUID? = nil,
    unit: UInt16? = nil
  ) -> RoutingTableEntry {
    RoutingTableEntry(
      firstEID: EID(first), eidCount: count, type: type ?? (count == 1 ? .endpoint : .range),
      port: PortID(rawValue: port), address: address, isStatic: isStatic, uuid: uuid,
      transmissionUnitBytes: unit)
  }
}

/// A packet of a message of vendor type 0x7E unless `payload` says otherwise.
func packet(
  _ source: UInt8, to destination: UInt8, flags: UInt8 = 0xC8,
  payload: [UInt8] = [0x7E, 0xAB, 0xCD]
) -> [UInt8] {
  [0x01, destination, source, flags] + payload
}

/// A control request in one packet, tag 0 and instance ID 0.
func request(
  _ command: UInt8, _ data: [UInt8] = [], from source: UInt8 = 0x09, to destination: UInt8 = 0x08
) -> [UInt8] {
  [0x01, destination, source, 0xC8, 0x00, 0x80, command] + data
}

/// A seeded source of test bytes (SplitMix64): the same seed gives the same run.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// 0 ..< `bound`.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
