import MCTPEngine
import MCTPWire
import Topology

@testable import MCTPWorld

/// A real engine and a checker that sees what the engine does; tests let the checker see other
/// things too. Ports a and b are in network 1, c is in network 2; all are up.
final class Watched {
  var engine: Engine
  let checker: InvariantChecker
  var now = Instant.zero

  static let topologyText = """
    version: 1
    router: { name: bridge, eid-policy: per-port }
    ports:
      - { name: a, bus: i2c, device: simulated, address: 0x10, eid: 8, queue: 4 }
      - { name: b, bus: i2c, device: simulated, address: 0x10, eid: 9, queue: 2 }
      - { name: c, bus: i2c, device: simulated, address: 0x10, eid: 8, network: 2 }
    routes:
      - { eids: 32, port: a, address: 0x31 }
      - { eids: 33, port: a, address: 0x32 }
      - { eids: 40, port: b, address: 0x41 }
      - { eids: 41, port: c, address: 0x42 }
    """

  static func board(_ text: String = Watched.topologyText) throws -> Board {
    let topology = try Topology.parse(text, fileName: "test.yaml")
    return Board(routers: [.init(name: "bridge", topology: topology)])
  }

  /// - Parameter isOwner: no routes; devices are expected at 0x31 and 0x32 of port a, and EIDs 10
  ///   to 20 are given out.
  init(queueDepthOfB: Int = 2, isOwner: Bool = false) throws {
    let discovery =
      isOwner
      ? DiscoveryPolicy(
        listed: [.init(address: .i2c(0x31)), .init(address: .i2c(0x32))], questions: .identity,
        healthCheckIntervalMs: 0)
      : nil
    func port(
      _ id: UInt8, _ network: UInt8, _ eid: UInt8, _ depth: Int, _ discovery: DiscoveryPolicy? = nil
    ) -> PortConfiguration {
      PortConfiguration(
        id: PortID(rawValue: id), network: network, binding: .smbus, medium: .i2c400kHz,
        address: .i2c(0x10), eid: EID(eid), queueDepth: depth, discovery: discovery)
    }
    engine = Engine(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [
          port(0, 1, 8, 4, discovery), port(1, 1, 9, queueDepthOfB), port(2, 2, 8, 256),
        ],
        busOwner: isOwner
          ? BusOwnerConfiguration(
            ranges: [NetworkEIDs(ranges: [EIDRange(EID(10), through: EID(20))!])])
          : nil))
    checker = InvariantChecker(board: try Watched.board())
    if !isOwner {
      for (eid, port, address) in [(32, 0, 0x31), (33, 0, 0x32), (40, 1, 0x41), (41, 2, 0x42)] {
        try engine.apply(
          adding: RoutingTableEntry(
            firstEID: EID(UInt8(eid)), type: .endpoint, port: PortID(rawValue: UInt8(port)),
            address: .i2c(UInt8(address)), isStatic: true))
      }
    }
    for port in 0..<3 as Range<UInt8> { setUp(port, true) }
  }

  var violation: Violation? { checker.violation }

  func setUp(_ port: UInt8, _ isUp: Bool) {
    engine.portChanged(PortID(rawValue: port), isUp: isUp, now: now)
    checker.portChanged(isUp: isUp, router: 0, port: PortID(rawValue: port))
  }

  func go(to ms: UInt32) {
    now = Instant.zero.advanced(byMs: ms)
    checker.timeAdvanced(to: now)
  }

  @discardableResult
  func receive(_ bytes: [UInt8], on port: UInt8 = 0, from address: UInt8 = 0x31) -> Disposition {
    let port = PortID(rawValue: port)
    let disposition = engine.receive(bytes.span, on: port, from: .i2c(address), now: now)
    checker.received(bytes.span, router: 0, port: port, from: .i2c(address), disposition)
    return disposition
  }

  /// What the checker is told of a packet that the engine never saw.
  func pretendReceived(_ bytes: [UInt8], forwardedTo egress: UInt8) {
    checker.received(
      bytes.span, router: 0, port: PortID(rawValue: 0), from: .i2c(0x31),
      .forwarded(PortID(rawValue: egress)))
  }

  /// Begins an attempt; the checker sees `bytes`, `address` and `failed` instead where they are
  /// given. Returns the real bytes and next hop.
  @discardableResult
  func begin(
    on port: UInt8 = 1, as bytes: [UInt8]? = nil, to address: UInt8? = nil, failed: UInt8? = nil
  ) -> (bytes: [UInt8], address: PhysicalAddress)? {
    guard let transmission = engine.nextTransmission(on: PortID(rawValue: port)) else { return nil }
    let real = copy(transmission, engine)
    let shown = bytes ?? real
    checker.transmitting(
      shown.span, router: 0, port: PortID(rawValue: port),
      to: address.map { .i2c($0) } ?? transmission.destination,
      failedAttempts: failed ?? transmission.failedAttempts)
    return (real, transmission.destination)
  }

  func finish(_ result: TransmissionResult = .sent, on port: UInt8 = 1) {
    engine.transmissionFinished(result, on: PortID(rawValue: port), now: now)
    checker.transmitted(result, router: 0, port: PortID(rawValue: port))
  }

  func step() { checker.stepped(router: 0, engine) }
  func ended() { checker.ended(router: 0, engine) }

  /// Sends a packet of the engine's own, as the bus owner does.
  func send(_ bytes: [UInt8], on port: UInt8 = 0, to address: UInt8) {
    _ = engine.send(bytes.span, on: PortID(rawValue: port), to: .i2c(address), now: now)
  }

  private func copy(_ transmission: Transmission, _ engine: borrowing Engine) -> [UInt8] {
    let packet = engine.packet(of: transmission)
    return packet.indices.map { packet[$0] }
  }

  /// Carries packets of port a to devices that answer Get and Set Endpoint ID, until all is quiet.
  func runBus(_ eids: inout [UInt8: UInt8]) {
    for _ in 0..<100 {
      engine.advance(to: now)
      guard let sent = begin(on: 0) else { break }
      finish(on: 0)
      let address = UInt8(sent.address.value)
      guard let eid = eids[address], sent.bytes[5] & 0x80 != 0 else { continue }
      var answer: [UInt8] = [0x05]
      if sent.bytes[6] == 0x01 {
        eids[address] = sent.bytes[8]
        answer = [0x00, 0x00, sent.bytes[8], 0x00]
      } else if sent.bytes[6] == 0x02 {
        answer = [0x00, eid, 0x00, 0x00]
      }
      let header: [UInt8] = [0x01, sent.bytes[2], eid, 0xC0 | sent.bytes[3] & 0x07]
      receive(
        header + [0x00, sent.bytes[5] & 0x1F, sent.bytes[6]] + answer, from: address)
    }
    step()
  }
}

/// A packet of a vendor-defined message.
func packet(
  _ source: UInt8, to destination: UInt8, number: UInt8 = 0, byteCount: Int = 12
) -> [UInt8] {
  [0x01, destination, source, 0xC8, 0x7E, number] + [UInt8](repeating: 0xA5, count: byteCount - 6)
}
