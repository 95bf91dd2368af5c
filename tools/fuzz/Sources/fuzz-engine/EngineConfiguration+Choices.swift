// Configurations as a topology could give them: whatever the choices are, nothing contradicts
// itself.

import Fuzzing
import MCTPEngine
import MCTPWire

extension EngineConfiguration {
  /// The EIDs that are given out; those above are for static routes and for nobody.
  static let firstEID: UInt8 = 12
  static let lastEID: UInt8 = 44

  init(choosing choices: inout Choices) {
    let policy = choices.one(of: [EIDPolicy.single, .perUpstreamPort, .perPort])
    let portCount = 1 + choices.below(4)
    let owning = choices.byte()
    var ports: [PortConfiguration] = []
    for index in 0..<portCount {
      ports.append(
        EngineConfiguration.port(UInt8(index), policy, isOwning: owning & 1 != 0, &choices))
    }
    var ranges: [NetworkEIDs] = []
    if owning & 2 == 0, let range = EIDRange(EID(Self.firstEID), through: EID(Self.lastEID)) {
      ranges = [NetworkEIDs(ranges: [range])]
      if owning & 4 == 0 { ranges.append(NetworkEIDs(network: 2, ranges: [range])) }
    }
    self.init(
      eidPolicy: policy, uuid: owning & 8 == 0 ? nil : EndpointUUID(high: 9, low: 9),
      messageTypes: [SupportedMessageType(type: MessageType(rawValue: 1))], ports: ports,
      busOwner: owning & 1 == 0
        ? nil
        : BusOwnerConfiguration(
          ranges: ranges,
          fixedEIDs: [FixedEID(uuid: EndpointUUID(high: 1, low: 3), eid: EID(43))],
          poolSizeMax: [64, 4, 0, 16][Int(owning >> 4 & 3)],
          bridgeRunCount: [16, 4, 0, 1][Int(owning >> 6 & 3)]))
  }

  private static func port(
    _ index: UInt8, _ policy: EIDPolicy, isOwning: Bool, _ choices: inout Choices
  ) -> PortConfiguration {
    let (shape, detail) = (choices.byte(), choices.byte())
    let role = [PortRole.owner, .endpoint, .owner, .peer][Int(shape & 3)]
    let binding = [BindingType.smbus, .i3c, .serial, .usb][Int(shape >> 2 & 3)]
    var port = PortConfiguration(
      id: PortID(rawValue: index), network: shape & 0x10 == 0 ? 1 : 2, role: role,
      binding: binding,
      medium: [MediumType.i2c400kHz, .i3c, .serial, .usb2][Int(shape >> 2 & 3)],
      address: address(0, binding), transmissionUnitBytes: shape & 0x20 == 0 ? 64 : 96,
      queueDepth: [16, 1, 2, 64][Int(shape >> 6)],
      sourceCheck: [SourceCheck.strict, .loose, .off, .strict][Int(detail & 3)],
      sendsDiscoveryNotify: detail & 4 != 0)
    if policy == .single { port.eid = EID(8) }
    if policy == .perPort { port.eid = EID(8 + index) }
    if policy == .perUpstreamPort, role != .owner { port.eid = EID(8 + index) }
    // An EID that the bus owner above has yet to give.
    if role == .endpoint, detail & 8 != 0, policy != .single { port.eid = nil }
    if isOwning, role == .owner { port.discovery = discovery(index, binding, detail) }
    return port
  }

  private static func discovery(
    _ index: UInt8, _ binding: BindingType, _ detail: UInt8
  ) -> DiscoveryPolicy {
    guard binding == .smbus || binding == .i3c else {
      return DiscoveryPolicy(probesPointToPoint: true, healthCheckIntervalMs: 4000)
    }
    let fixed = ListedDevice(
      address: address(1, binding), fixedEID: detail & 0x10 == 0 ? EID(36 + index) : nil)
    return DiscoveryPolicy(
      listed: [fixed, ListedDevice(address: address(2, binding), poolSizeExpected: 4)],
      scanned: detail & 0x20 == 0 ? [address(3, binding), address(4, binding)] : [],
      takesReportedDevices: binding == .i3c, takesDiscoveryNotify: detail & 0x40 == 0,
      parallelismMax: detail & 0x80 == 0 ? 4 : 1,
      healthCheckIntervalMs: 4000)
  }

  /// A place on a bus: 0 is this device's own.
  static func address(_ place: UInt8, _ binding: BindingType) -> PhysicalAddress {
    switch binding {
    case .smbus: .i2c(0x30 + place)
    case .i3c: .i3c(0x02AE_0000_0000 + UInt64(place))
    default: .none
    }
  }
}
