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
  let eidRanges: EIDRangesDraft?
  let poolSizeMax: UInt8?
  let poolReserve: UInt8?
}

struct NetworkDraft {
  let number: Located<UInt8>
  let uuid: EndpointUUID?
  /// Nil when the router's count.
  let eidRanges: EIDRangesDraft?
}

struct PortDraft {
  enum Device: Hashable {
    case simulated
    /// On I2C the node to send with, on serial the line.
    case path(String)
    case link(String)
    /// The nodes are in `targets`.
    case nodes(Topology.I3CInterface)
  }

  enum Receive: Hashable {
    case slaveQueue
    case link(String)
  }

  let fields: Fields
  let name: Located<String>?
  let bus: Topology.Bus?
  let device: Located<Device>?
  /// Read on I2C only.
  let receive: Located<Receive>?
  let isQueueCreated: Bool?
  let targets: [TargetDraft]
  let kernelNetwork: UInt32?
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
  let discovery: DiscoveryDraft?
  /// Set by the EID policy.
  var eid: EID?

  /// For messages.
  var title: String { name.map { "port `\($0.value)`" } ?? "the port" }

  /// An unreadable role is a gap, not a reason for a second diagnostic.
  var mayOwn: Bool { role == nil || role?.value == .owner }
}

/// A device node of an I3C port.
struct TargetDraft {
  let fields: Fields
  let path: Located<String>?
  let address: Located<PhysicalAddress>?

  /// The provisioned ID in the node's file name; nil when it has another form. The driver calls
  /// its nodes bus number, dash, provisioned ID in hexadecimal without leading zeros.
  var namedID: UInt64? {
    guard let name = path?.value.split(separator: "/").last else { return nil }
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
      // `UInt64` would take a sign.
      parts[1].first?.isHexDigit == true, let id = UInt64(parts[1], radix: 16),
      TopologyKeys.provisionedIDValues.contains(id)
    else { return nil }
    return id
  }

  /// Nil when nothing gives it, which is reported.
  func provisionedID(_ interface: Topology.I3CInterface) -> UInt64? {
    address?.value.value ?? (interface == .device && !fields.has("address") ? namedID : nil)
  }
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
