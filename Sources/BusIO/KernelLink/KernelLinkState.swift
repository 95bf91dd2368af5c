// What the kernel says about links, MCTP addresses and MCTP routes, at one moment.
//
// Owns values only. Filled from rtnetlink's messages one by one; whatever their bytes are, a
// message is taken or left.

/// Attribute types of links (linux/if_link.h).
enum LinkAttribute {
  static let address: UInt16 = 1
  static let name: UInt16 = 3
  static let mtu: UInt16 = 4
  static let details: UInt16 = 18
  static let statistics: UInt16 = 23
  static let families: UInt16 = 26
  static let extensionMask: UInt16 = 29
  static let mtuMax: UInt16 = 51

  /// Inside `details`.
  static let kind: UInt16 = 1
  /// Inside `families`, inside the family MCTP.
  static let mctpNetwork: UInt16 = 1
}

struct KernelLinkState: Hashable {
  struct Link: Hashable {
    /// ARPHRD_MCTP.
    static let mctpHardwareType: UInt16 = 290
    /// ARPHRD_NONE, the type of a tun link and of others.
    static let noHardwareType: UInt16 = 65_534

    var index: UInt32
    var name: String
    var isUp: Bool
    var hardwareType: UInt16
    /// `tun` and the like; empty for links of hardware.
    var kind: String
    /// The largest packet, MCTP header included.
    var kernelMTUBytes: Int
    /// What it can be raised to; nil where the kernel sets no bound.
    var kernelMTUBytesMax: Int?
    /// The link's own: one byte on I2C, six on I3C, none elsewhere.
    var address: [UInt8]
    /// Nil while the kernel's MCTP stack has nothing to do with the link.
    var network: UInt32?
    /// Only where it was asked for.
    var statistics: KernelLinkStatistics?

    /// True where frames on the link are MCTP packets behind the headers that we know.
    var carriesMCTP: Bool {
      hardwareType == Link.mctpHardwareType
        || hardwareType == Link.noHardwareType && kind == "tun"
    }
  }

  /// An EID that the kernel takes packets for.
  struct LocalAddress: Hashable {
    var eid: UInt8
    var linkIndex: UInt32
  }

  /// EIDs that the kernel sends, and forwards, to a link.
  struct Route: Hashable {
    var firstEID: UInt8
    var lastEID: UInt8
    /// Nil for a route through a gateway.
    var linkIndex: UInt32?
    /// The gateway and its network; nil for a route to a link.
    var gateway: Gateway?
  }

  struct Gateway: Hashable {
    var network: UInt32
    var eid: UInt8
  }

  var links: [Link] = []
  var addresses: [LocalAddress] = []
  var routes: [Route] = []

  func link(named name: String) -> Link? { links.first { $0.name == name } }

  /// The network of the link with this index; nil where it has none or is not there.
  func network(of linkIndex: UInt32?) -> UInt32? {
    guard let linkIndex else { return nil }
    return links.first { $0.index == linkIndex }?.network
  }

  /// The smallest network number that no link uses. Choice: from 2, because links that appear
  /// begin in network 1.
  var freeNetwork: UInt32 {
    let used = Set(links.compactMap(\.network)).union(routes.compactMap(\.gateway?.network))
    var number: UInt32 = 2
    while used.contains(number) { number += 1 }
    return number
  }
}

/// What the kernel counts for a link (struct rtnl_link_stats64).
struct KernelLinkStatistics: Hashable {
  var rxDropped: UInt64 = 0
  var txErrors: UInt64 = 0
  var txDropped: UInt64 = 0
  var rxLengthErrors: UInt64 = 0
  var rxOverErrors: UInt64 = 0
  var rxCRCErrors: UInt64 = 0
}

extension KernelLinkState {
  /// Takes in what a message of a list tells; messages of other kinds and families tell nothing.
  mutating func take(_ message: NetlinkMessage, _ bytes: Span<UInt8>) {
    switch message.type {
    case RouteRequest.newLink:
      if let link = Link(message.body, bytes) { links.append(link) }
    case RouteRequest.newAddress:
      if let address = LocalAddress(message.body, bytes) { addresses.append(address) }
    case RouteRequest.newRoute:
      if let route = Route(message.body, bytes) { routes.append(route) }
    default: break
    }
  }
}

extension KernelLinkState.Link {
  /// From struct ifinfomsg and what follows it; nil without a name or of another family.
  init?(_ body: Range<Int>, _ bytes: Span<UInt8>) {
    let start = body.lowerBound
    guard body.count >= 16, bytes[start] == 0,
      let hardwareType = bytes.number(at: start + 2, as: UInt16.self),
      let index = bytes.number(at: start + 4, as: UInt32.self),
      let flags = bytes.number(at: start + 8, as: UInt32.self)
    else { return nil }
    self.init(
      index: index, name: "", isUp: flags & RouteRequest.isUp != 0, hardwareType: hardwareType,
      kind: "", kernelMTUBytes: 0, address: [])
    var offset = start + 16
    while let attribute = NetlinkAttribute.next(bytes, &offset, end: body.upperBound) {
      take(attribute, bytes)
    }
    guard !name.isEmpty else { return nil }
  }

  private mutating func take(_ attribute: NetlinkAttribute, _ bytes: Span<UInt8>) {
    let payload = attribute.payload
    switch attribute.type {
    case LinkAttribute.address: address = payload.map { bytes[$0] }
    case LinkAttribute.name: name = attribute.text(bytes)
    case LinkAttribute.mtu:
      kernelMTUBytes = Int(attribute.number(bytes, as: UInt32.self) ?? 0)
    case LinkAttribute.mtuMax:
      let bound = attribute.number(bytes, as: UInt32.self) ?? 0
      kernelMTUBytesMax = bound == 0 ? nil : Int(bound)
    case LinkAttribute.details:
      let found = NetlinkAttribute.first(
        LinkAttribute.kind, bytes, from: payload.lowerBound, to: payload.upperBound)
      kind = found?.text(bytes) ?? ""
    case LinkAttribute.families: network = mctpNetwork(payload, bytes)
    case LinkAttribute.statistics: statistics = KernelLinkStatistics(payload, bytes)
    default: break
    }
  }

  private func mctpNetwork(_ families: Range<Int>, _ bytes: Span<UInt8>) -> UInt32? {
    let mctp = NetlinkAttribute.first(
      UInt16(RouteRequest.mctpFamily), bytes, from: families.lowerBound, to: families.upperBound)
    guard let inside = mctp?.payload else { return nil }
    let network = NetlinkAttribute.first(
      LinkAttribute.mctpNetwork, bytes, from: inside.lowerBound, to: inside.upperBound)
    return network?.number(bytes, as: UInt32.self)
  }
}

extension KernelLinkState.LocalAddress {
  /// From struct ifaddrmsg and what follows it.
  init?(_ body: Range<Int>, _ bytes: Span<UInt8>) {
    let start = body.lowerBound
    guard body.count >= 8, bytes[start] == RouteRequest.mctpFamily,
      let linkIndex = bytes.number(at: start + 4, as: UInt32.self),
      // IFA_LOCAL.
      let local = NetlinkAttribute.first(2, bytes, from: start + 8, to: body.upperBound),
      let eid = local.number(bytes, as: UInt8.self)
    else { return nil }
    self.init(eid: eid, linkIndex: linkIndex)
  }
}

extension KernelLinkState.Route {
  /// From struct rtmsg and what follows it. Only routes that send: those of type local belong to
  /// an address, which is told by itself.
  init?(_ body: Range<Int>, _ bytes: Span<UInt8>) {
    let start = body.lowerBound
    // Byte 7 is the type, 1 is RTN_UNICAST; RTA_DST is 1, RTA_OIF 4, RTA_GATEWAY 5.
    guard body.count >= 12, bytes[start] == RouteRequest.mctpFamily, bytes[start + 7] == 1,
      let target = NetlinkAttribute.first(1, bytes, from: start + 12, to: body.upperBound),
      let firstEID = target.number(bytes, as: UInt8.self)
    else { return nil }
    // MCTP's dst_len is no prefix length: it counts the EIDs after the first.
    let (lastEID, isBeyond) = firstEID.addingReportingOverflow(bytes[start + 1])
    self.init(firstEID: firstEID, lastEID: isBeyond ? .max : lastEID)
    linkIndex = NetlinkAttribute.first(4, bytes, from: start + 12, to: body.upperBound)?
      .number(bytes, as: UInt32.self)
    let gateway = NetlinkAttribute.first(5, bytes, from: start + 12, to: body.upperBound)
    if let gateway, gateway.payload.count >= 5,
      let network = gateway.number(bytes, as: UInt32.self)
    {
      self.gateway = .init(network: network, eid: bytes[gateway.payload.lowerBound + 4])
    }
  }
}

extension KernelLinkStatistics {
  /// Nil where the kernel tells fewer counters than we read.
  init?(_ payload: Range<Int>, _ bytes: Span<UInt8>) {
    func counter(_ place: Int) -> UInt64? {
      bytes.number(at: payload.lowerBound + 8 * place, as: UInt64.self)
    }
    guard payload.count >= 13 * 8, let txErrors = counter(5), let rxDropped = counter(6),
      let txDropped = counter(7), let rxLengthErrors = counter(10),
      let rxOverErrors = counter(11), let rxCRCErrors = counter(12)
    else { return nil }
    self.init(
      rxDropped: rxDropped, txErrors: txErrors, txDropped: txDropped,
      rxLengthErrors: rxLengthErrors, rxOverErrors: rxOverErrors, rxCRCErrors: rxCRCErrors)
  }
}
