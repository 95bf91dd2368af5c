import MCTPEngine
import MCTPWire
import Topology

@testable import MCTPWorld

/// A checker that is told what a router did, without any router: ports a and b of network 1 with
/// their own buses, c of network 2, d with an owner above. All are up.
final class Played {
  let checker: InvariantChecker
  var now = Instant.zero

  static let topologyText = """
    version: 1
    router: { name: bridge, eid-policy: per-port }
    ports:
      - { name: a, bus: i2c, device: simulated, address: 0x10, eid: 8, queue: 4 }
      - { name: b, bus: i2c, device: simulated, address: 0x10, eid: 9, speed: 400000, queue: 8 }
      - { name: c, bus: i2c, device: simulated, address: 0x10, eid: 8, network: 2 }
      - { name: d, bus: i2c, device: simulated, address: 0x20, role: endpoint }
    routes:
      - { eids: 32, port: a, address: 0x31 }
      - { eids: 40, port: b, address: 0x41, transmission-unit: 64 }
    """

  init(_ text: String = Played.topologyText) throws {
    let topology = try Topology.parse(text, fileName: "test.yaml")
    checker = InvariantChecker(
      board: Board(routers: [.init(name: "bridge", topology: topology)]))
    for port in topology.ports { checker.portChanged(isUp: true, router: 0, port: port.id) }
  }

  var found: String? { checker.violation?.invariant }

  func go(to ms: UInt32) {
    now = Instant.zero.advanced(byMs: ms)
    checker.timeAdvanced(to: now)
  }

  /// Waits until nothing explains any more what nothing has explained yet.
  func settle() {
    go(to: 5001)
    checker.settleSuspicions(0)
  }

  /// What the router made of a packet.
  func took(
    _ bytes: [UInt8], on port: UInt8 = 0, from address: UInt8 = 0x31, _ disposition: Disposition
  ) {
    checker.received(
      bytes.span, router: 0, port: PortID(rawValue: port), from: .i2c(address), disposition)
  }

  func forwarded(
    _ bytes: [UInt8], on port: UInt8 = 0, from address: UInt8 = 0x31, to egress: UInt8
  ) { took(bytes, on: port, from: address, .forwarded(PortID(rawValue: egress))) }

  /// A packet leaves and arrives.
  func sends(_ bytes: [UInt8], on port: UInt8 = 0, to address: UInt8) {
    checker.transmitting(
      bytes.span, router: 0, port: PortID(rawValue: port), to: .i2c(address), failedAttempts: 0)
    checker.transmitted(.sent, router: 0, port: PortID(rawValue: port))
  }

  /// Set Endpoint ID leaves, and the device takes the EID; then it is asked under it and answers.
  func assign(_ eid: UInt8, on port: UInt8 = 0, to address: UInt8, instanceID: UInt8 = 0) {
    let own: UInt8 = port == 0 ? 8 : 9
    sends([1, 0, own, 0xC8, 0, 0x80 | instanceID, 0x01, 0, eid], on: port, to: address)
    took(
      [1, own, 0, 0xC0, 0, instanceID, 0x01, 0, 0, eid, 0], on: port, from: address, .answered)
  }
}
