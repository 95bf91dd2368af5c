// What this program asks of the kernel over rtnetlink, as bytes.
//
// Owns its bytes; sent once and forgotten.

/// One request of NETLINK_ROUTE.
struct RouteRequest: Hashable {
  /// Message types (linux/rtnetlink.h).
  static let newLink: UInt16 = 16
  static let deleteLink: UInt16 = 17
  static let listLinks: UInt16 = 18
  static let newAddress: UInt16 = 20
  static let deleteAddress: UInt16 = 21
  static let listAddresses: UInt16 = 22
  static let newRoute: UInt16 = 24
  static let deleteRoute: UInt16 = 25
  static let listRoutes: UInt16 = 26

  /// AF_MCTP.
  static let mctpFamily: UInt8 = 45
  /// IFF_UP.
  static let isUp: UInt32 = 1

  private static let isRequest: UInt16 = 0x001
  private static let wantsAnswer: UInt16 = 0x004
  private static let wantsAll: UInt16 = 0x300
  /// RTEXT_FILTER_SKIP_STATS: a list of links without the largest part of each.
  private static let withoutStatistics: UInt32 = 1 << 3

  private(set) var bytes: [UInt8] = []

  private init(_ type: UInt16, flags: UInt16, sequence: UInt32, body: [UInt8]) {
    // The length is known at the end; the kernel fills in the sender.
    append(UInt32(0))
    append(type)
    append(flags | RouteRequest.isRequest)
    append(sequence)
    append(UInt32(0))
    bytes += body
    close(0, as: UInt32.self)
  }

  /// All links of the system with their MCTP networks.
  static func links(sequence: UInt32) -> RouteRequest {
    var request = RouteRequest(
      listLinks, flags: wantsAll, sequence: sequence, body: linkBody(0, flags: 0, change: 0))
    request.attribute(LinkAttribute.extensionMask) { $0.append(withoutStatistics) }
    return request.finished()
  }

  /// One link with its statistics.
  static func link(named name: String, sequence: UInt32) -> RouteRequest {
    var request = RouteRequest(
      listLinks, flags: 0, sequence: sequence, body: linkBody(0, flags: 0, change: 0))
    request.attribute(LinkAttribute.name) { $0.bytes += Array(name.utf8) + [0] }
    return request.finished()
  }

  /// All MCTP addresses of this machine.
  static func addresses(sequence: UInt32) -> RouteRequest {
    RouteRequest(
      listAddresses, flags: wantsAll, sequence: sequence,
      body: [mctpFamily] + [UInt8](repeating: 0, count: 7))
  }

  /// All MCTP routes of this machine.
  static func routes(sequence: UInt32) -> RouteRequest {
    RouteRequest(
      listRoutes, flags: wantsAll, sequence: sequence,
      body: [mctpFamily] + [UInt8](repeating: 0, count: 11))
  }

  /// Moves a link to another MCTP network.
  static func move(
    link index: UInt32, toNetwork network: UInt32, sequence: UInt32
  ) -> RouteRequest {
    var request = RouteRequest(
      newLink, flags: wantsAnswer, sequence: sequence,
      body: linkBody(index, flags: 0, change: 0))
    request.attribute(LinkAttribute.families | NetlinkAttribute.isNested) { families in
      families.attribute(UInt16(mctpFamily) | NetlinkAttribute.isNested) { mctp in
        mctp.attribute(LinkAttribute.mctpNetwork) { $0.append(network) }
      }
    }
    return request.finished()
  }

  /// Raises a link; nothing else of it changes.
  static func raise(link index: UInt32, sequence: UInt32) -> RouteRequest {
    RouteRequest(
      newLink, flags: wantsAnswer, sequence: sequence,
      body: linkBody(index, flags: isUp, change: isUp))
  }

  /// struct ifinfomsg.
  private static func linkBody(_ index: UInt32, flags: UInt32, change: UInt32) -> [UInt8] {
    [UInt8](repeating: 0, count: 4) + native(index) + native(flags) + native(change)
  }

  private mutating func attribute(_ type: UInt16, _ content: (inout RouteRequest) -> Void) {
    let start = bytes.count
    append(UInt16(0))
    append(type)
    content(&self)
    close(start, as: UInt16.self)
    bytes += [UInt8](repeating: 0, count: NetlinkMessage.padding(bytes.count - start))
  }

  private func finished() -> RouteRequest {
    var request = self
    request.close(0, as: UInt32.self)
    return request
  }

  /// Writes the length of what began at `start` there.
  private mutating func close<Length: FixedWidthInteger>(_ start: Int, as: Length.Type) {
    let length = Length(truncatingIfNeeded: bytes.count - start)
    bytes.replaceSubrange(start..<start + MemoryLayout<Length>.size, with: native(length))
  }

  private mutating func append(_ number: some FixedWidthInteger) { bytes += native(number) }
}

/// The bytes of `number` in the machine's order.
private func native(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number) { Array($0) }
}
