internal import MCTPWire

// What was read of each section. Nil stands for a gap: absent, or wrong and reported.

struct RouterDraft {
  let fields: Fields
  let name: Located<String>?
  let uuid: EndpointUUID?
  let eidPolicy: Located<Topology.EIDPolicy>?
  let eid: Located<EID>?
  let messageTypes: [MessageType]
  let vendorMessages: [Topology.VendorMessage]
}

struct NetworkDraft {
  let number: Located<UInt8>
  let uuid: EndpointUUID?
}

struct PortDraft {
  enum Device: Hashable {
    case simulated
    case path(String)
  }

  let fields: Fields
  let name: Located<String>?
  let bus: Topology.Bus?
  let device: Located<Device>?
  let address: Located<PhysicalAddress>?
  let role: Located<Topology.Role>?
  let network: UInt8?
  let givenEID: Located<EID>?
  let transmissionUnit: Located<UInt64>?
  let speed: UInt64?
  let queue: UInt64?
  let sourceCheck: Topology.SourceCheck?
  /// 0 to 31: what the file says, else the place in the list.
  let number: UInt8
  /// Set by the EID policy.
  var eid: EID?

  /// For messages.
  var title: String { name.map { "port `\($0.value)`" } ?? "the port" }
}

struct RouteDraft {
  let fields: Fields
  let eids: Located<ClosedRange<EID>>?
  let portIndex: Int?
  let address: Located<PhysicalAddress>?
  let type: Located<RoutingEntryType>?
  let uuid: EndpointUUID?
  let transmissionUnit: Located<UInt64>?

  var eidCount: Int {
    eids.map { Int($0.value.upperBound.rawValue) - Int($0.value.lowerBound.rawValue) + 1 } ?? 0
  }

  /// `9`, or `20-27`.
  var eidText: String {
    guard let range = eids?.value else { return "" }
    return eidCount == 1
      ? "\(range.lowerBound.rawValue)"
      : "\(range.lowerBound.rawValue)-\(range.upperBound.rawValue)"
  }
}

struct DeviceDraft {
  let fields: Fields
  let name: Located<String>?
  let portIndex: Int?
  let address: Located<PhysicalAddress>?
  let eid: Located<EID>?
  let uuid: EndpointUUID?
  let hasInterrupts: Bool?
  let messageTypes: [MessageType]
  let transmissionUnit: Located<UInt64>?

  /// For messages.
  var title: String { name.map { "device `\($0.value)`" } ?? "the device" }
}

/// One of the router's own EIDs and where it was given.
struct OwnEID {
  let eid: EID
  let position: SourcePosition
  /// Whose it is, for messages.
  let owner: String
}

/// Which route an EID takes in one network: indices in `TopologyLoader.routes`.
struct RouteTable {
  var singles: [EID: Int] = [:]
  var ranges: [EID: Int] = [:]

  /// A single EID beats the range that it lies in.
  func best(_ eid: EID) -> Int? { singles[eid] ?? ranges[eid] }
}
