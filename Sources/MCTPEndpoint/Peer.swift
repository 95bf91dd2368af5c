public import MCTPWire

/// The other end of an exchange, and how its packets get there.
public struct Peer: Hashable, Sendable {
  public enum NextHop: Hashable, Sendable {
    /// By routing table look-up of the remote EID.
    case routed
    /// Straight to a device on one bus; needed when the remote EID is null or broadcast, and
    /// right for responses, which go back to where the request came from.
    case physical(port: PortID, address: PhysicalAddress)
  }

  /// See `PacketOrigin.network`.
  public let network: UInt8
  /// The source EID of the packets sent; may be null.
  public let local: EID
  /// The destination EID of the packets sent; may be null or broadcast with a physical next hop.
  public let remote: EID
  public let nextHop: NextHop

  @inlinable public init(
    network: UInt8 = 1, local: EID, remote: EID, nextHop: NextHop = .routed
  ) {
    self.network = network
    self.local = local
    self.remote = remote
    self.nextHop = nextHop
  }

  /// The sender of `message`, at the physical address that it was sent from.
  ///
  /// - Parameter local: the EID to answer from: usually the message's destination, this device's
  ///   own EID when that was null or broadcast.
  public init(senderOf message: Message, local: EID) {
    self.init(
      network: message.terminus.network, local: local, remote: message.terminus.source,
      nextHop: .physical(port: message.origin.port, address: message.origin.address))
  }
}

/// Which responses a tag waits for (DSP0236 1.3.3 §8; null and broadcast destinations are
/// answered from an EID that the requester does not know).
struct TagScope: Hashable {
  /// Where a null-addressed or broadcast request went.
  struct Place: Hashable {
    let port: PortID
    /// Nil for broadcast: anybody on the bus may answer.
    let address: PhysicalAddress?
  }

  let network: UInt8
  let local: EID
  /// Nil: any EID may answer.
  let remote: EID?
  let place: Place?

  /// Nil when the remote EID names nobody: null or broadcast without a physical next hop.
  init?(_ peer: Peer) {
    network = peer.network
    local = peer.local
    guard peer.remote == .null || peer.remote == .broadcast else {
      remote = peer.remote
      place = nil
      return
    }
    guard case .physical(let port, let address) = peer.nextHop else { return nil }
    remote = nil
    place = Place(port: port, address: peer.remote == .null ? address : nil)
  }

  var isBroadcast: Bool { place.map { $0.address == nil } ?? false }

  /// True when one response could answer both, so that they must not share a tag.
  func conflicts(with other: TagScope) -> Bool {
    guard network == other.network, local == other.local else { return false }
    if let remote, let theirs = other.remote { return remote == theirs }
    guard let place, let theirs = other.place else { return true }
    guard place.port == theirs.port else { return false }
    guard let address = place.address, let their = theirs.address else { return true }
    return address == their
  }

  /// True when a packet with this header is from somebody this scope waits for.
  func isAnswered(by header: PacketHeader, from origin: PacketOrigin) -> Bool {
    guard network == origin.network, local == header.destination else { return false }
    if let remote { return remote == header.source }
    guard let place, place.port == origin.port else { return false }
    return place.address.map { $0 == origin.address } ?? true
  }
}
