// A capture file of the packets at the routers' ports: pcapng, as draft-ietf-opsawg-pcapng has it.
//
// One section; one interface a port, in the order of routers and ports, named `router/port`; one
// enhanced packet block a packet, with nanoseconds of virtual time, the direction, and a comment
// for people (next hop, attempt, reason of a drop).
//
// Choice: there is no registered link type for MCTP; 291, which some tools use for it, belongs to
// another protocol. Packets have the header of LINKTYPE_LINUX_SLL2 (276) with protocol 0x00FA,
// ETH_P_MCTP, and hardware type 290, ARPHRD_MCTP: what a Linux capture of an MCTP interface looks
// like, and where Wireshark's MCTP dissector looks for it.
//
// Holds nothing but where to write.

internal import MCTPWire
internal import Topology

public struct PacketCapture {
  /// Which packets are recorded.
  public enum Scope: Hashable, Sendable {
    /// Those that came in at a port. A packet that crosses a router is in the file once for each
    /// router: what reassembles messages by EIDs and tag alone sees each fragment once a router.
    case arrivals
    /// And those that leave, each attempt: a packet that crosses is there twice or more.
    case all
  }

  private static let linkType: UInt16 = 276
  private static let protocolMCTP: UInt16 = 0x00FA
  private static let hardwareMCTP: UInt16 = 290
  private static let cookedByteCount = 20

  private let scope: Scope
  private let write: ([UInt8]) -> Void
  /// The number of each router's first interface.
  private let firstInterface: [UInt32]
  private let ownAddresses: [[PhysicalAddress]]

  /// Writes the head of the file at once.
  ///
  /// - Parameter write: gets whole blocks, in the order of the file.
  public init(board: Board, scope: Scope, write: @escaping ([UInt8]) -> Void) {
    self.scope = scope
    self.write = write
    var first: [UInt32] = []
    var next: UInt32 = 0
    var head = PacketCapture.sectionHeader()
    for router in board.routers {
      first.append(next)
      for port in router.topology.ports {
        head += PacketCapture.interface("\(router.name)/\(port.name)")
        next += 1
      }
    }
    firstInterface = first
    ownAddresses = board.routers.map { $0.topology.ports.map(\.physicalAddress) }
    write(head)
  }

  // MARK: Packets

  func received(
    _ packet: Span<UInt8>, router: Int, port: PortID, from address: PhysicalAddress,
    at time: Instant, drop: DropReason?
  ) {
    record(
      packet, interface: firstInterface[router] + UInt32(port.rawValue), sender: address,
      isOutbound: false, time, comment: drop.map { "dropped: \($0.name)" })
  }

  func transmitting(
    _ packet: Span<UInt8>, router: Int, port: PortID, to address: PhysicalAddress,
    at time: Instant, failedAttempts: UInt8
  ) {
    guard scope == .all else { return }
    let attempt = failedAttempts == 0 ? "" : ", attempt \(failedAttempts + 1)"
    record(
      packet, interface: firstInterface[router] + UInt32(port.rawValue),
      sender: ownAddresses[router][Int(port.rawValue)], isOutbound: true, time,
      comment: "to \(address)\(attempt)")
  }

  private func record(
    _ packet: Span<UInt8>, interface: UInt32, sender: PhysicalAddress, isOutbound: Bool,
    _ time: Instant, comment: String?
  ) {
    var body = CaptureBlock(type: 6)
    body.append(interface)
    body.append(UInt32(truncatingIfNeeded: time.nanoseconds >> 32))
    body.append(UInt32(truncatingIfNeeded: time.nanoseconds))
    let byteCount = UInt32(PacketCapture.cookedByteCount + packet.count)
    body.append(byteCount)
    body.append(byteCount)
    // Cooked header, version 2; big-endian.
    body.appendBigEndian(PacketCapture.protocolMCTP)
    body.appendBigEndian(UInt16(0))
    body.appendBigEndian(interface + 1)
    body.appendBigEndian(PacketCapture.hardwareMCTP)
    body.append(UInt8(isOutbound ? 4 : 0))
    let addressBytes = PacketCapture.bytes(of: sender)
    body.append(UInt8(addressBytes.count))
    for index in 0..<8 { body.append(index < addressBytes.count ? addressBytes[index] : 0) }
    for index in packet.indices { body.append(packet[index]) }
    body.pad()
    // epb_flags: bits 1:0 are the direction, 1 in, 2 out.
    body.appendOption(2, [isOutbound ? 2 : 1, 0, 0, 0])
    if let comment { body.appendOption(1, Array(comment.utf8)) }
    body.endOptions()
    write(body.finished())
  }

  /// The link-layer address of the sender: an I2C address unshifted, a provisioned ID first byte
  /// first.
  private static func bytes(of address: PhysicalAddress) -> [UInt8] {
    switch address.form {
    case .none: []
    case .i2c: [UInt8(truncatingIfNeeded: address.value)]
    case .i3c: (0..<6).map { UInt8(truncatingIfNeeded: address.value >> (40 - 8 * UInt64($0))) }
    }
  }

  // MARK: Head

  private static func sectionHeader() -> [UInt8] {
    var block = CaptureBlock(type: 0x0A0D_0D0A)
    block.append(UInt32(0x1A2B_3C4D))
    block.append(UInt16(1))
    block.append(UInt16(0))
    // The length of the section is not known.
    block.append(UInt32.max)
    block.append(UInt32.max)
    return block.finished()
  }

  private static func interface(_ name: String) -> [UInt8] {
    var block = CaptureBlock(type: 1)
    block.append(linkType)
    block.append(UInt16(0))
    // No limit on the length of packets.
    block.append(UInt32(0))
    block.appendOption(2, Array(name.utf8))
    // if_tsresol: 10^-9 s.
    block.appendOption(9, [9])
    block.endOptions()
    return block.finished()
  }
}
