import MCTPEngine
import MCTPWire

/// What becomes of a packet by the rules of DSP0236 1.3.3 §8 and §9, one after the other, without
/// any of the engine's tables.
struct RoutingRules: Sendable {
  struct Port: Sendable {
    var network: UInt8
    var check: SourceCheck
    var unit: Int
    var isUp: Bool
  }

  var ports: [Port]
  /// Own EIDs by network.
  var own: [UInt8: Set<UInt8>]
  var routes: [RoutingTableEntry]

  func route(_ eid: UInt8, network: UInt8) -> RoutingTableEntry? {
    func holds(_ entry: RoutingTableEntry) -> Bool {
      ports[Int(entry.port.rawValue)].network == network
        && (Int(entry.firstEID.rawValue)..<Int(entry.firstEID.rawValue) + Int(entry.eidCount))
          .contains(Int(eid))
    }
    return routes.first { $0.eidCount == 1 && holds($0) } ?? routes.first { holds($0) }
  }

  func verdict(
    source: UInt8, destination: UInt8, on ingress: Int, from address: PhysicalAddress,
    payloadByteCount: Int
  ) -> RoutingVerdict {
    let port = ports[ingress]
    let own = own[port.network] ?? []
    if source == 0xFF || (1...7).contains(source) { return .drop(.sourceEIDIllegal) }
    if (1...7).contains(destination) { return .drop(.destinationEIDIllegal) }
    if own.contains(source) { return .drop(.sourceIsSelf) }
    if destination == 0 || destination == 0xFF || own.contains(destination) { return .local }
    if source == 0 { return .drop(.nullSourceNotBridged) }
    guard let way = route(destination, network: port.network) else {
      return .drop(.destinationUnroutable)
    }
    let back = own.contains(source) ? nil : route(source, network: port.network)
    let belongs =
      switch port.check {
      case .off: true
      case .loose: back != nil
      case .strict: back.map { Int($0.port.rawValue) == ingress } ?? false
      }
    if !belongs { return .drop(.sourceNotBehindPort) }
    if Int(way.port.rawValue) == ingress && way.address == address {
      return .drop(.nextHopIsSender)
    }
    let egress = ports[Int(way.port.rawValue)]
    if payloadByteCount > min(egress.unit, way.transmissionUnitBytes.map { Int($0) } ?? egress.unit)
    {
      return .drop(.transmissionUnitExceeded)
    }
    if !egress.isUp { return .drop(.portDown) }
    return .forward(port: way.port, address: way.address)
  }
}
