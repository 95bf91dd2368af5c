// All leases of this router. Owns what is to last, knows what of it is on disk, does no I/O.
//
// In one network no EID is leased twice, pools overlap nothing; no place (port and physical
// address) has two leases. A UUID may have several: a device with two media, or two devices that
// claim one UUID, which is for the bus owner to judge.

public import MCTPWire

/// Why a lease cannot be entered.
public enum LeaseBookError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The new one would own an EID that another one owns, in at least one pool.
  case overlap(Lease, with: Lease)
  /// The file would be longer than `LeaseFile.byteCountMax`.
  case full(Lease)

  public var description: String {
    switch self {
    case .overlap(let lease, let other): "\(lease) overlaps \(other)"
    case .full(let lease):
      "no room for \(lease): the leases would take more than \(LeaseFile.byteCountMax) bytes; "
        + "forget those that are no longer needed"
    }
  }
}

/// The leases, in the order of network and EID. At most 247 a network (each has its own EID), and
/// in all no more than fit a file.
public struct LeaseBook: Sendable {
  /// Sorted by network, then EID.
  public private(set) var leases: [Lease] = []
  /// How many contacts were ever noted: the clock of `Lease.contact`. A BMC has no wall clock at
  /// boot, and its monotonic one begins anew.
  public private(set) var contactCount: UInt64 = 0

  /// Goes up with every change other than a contact.
  public private(set) var revision: UInt64 = 0
  private var savedRevision: UInt64 = 0
  private var savedContactCount: UInt64 = 0
  /// Every EID that is leased or in a pool, by network and EID, with the EID of its lease.
  private var owners: [UInt16: EID] = [:]
  /// The longest that the lines of all leases can be.
  private var lineBytes = 0

  public init() {}

  public var isEmpty: Bool { leases.isEmpty }
  public var count: Int { leases.count }

  /// True when a lease was entered, changed or forgotten since what is on disk.
  public var differsFromDisk: Bool { revision != savedRevision }
  /// True when anything differs, contacts too.
  ///
  /// Choice: contacts alone are no reason to write. Every answer of every device is one; they go
  /// along with the next change and with an orderly stop, and only order the leases by age.
  public var differsInAnything: Bool { differsFromDisk || contactCount != savedContactCount }

  /// What is on disk now is the book as it was at `revision` and `contactCount`: a copy was
  /// written while this one may have moved on.
  public mutating func noteSaved(revision: UInt64, contactCount: UInt64) {
    savedRevision = revision
    savedContactCount = contactCount
  }

  /// The leases were entered out of a file that ends with this count, at least that of every lease:
  /// the book counts on from there, and is what is on disk.
  public mutating func noteRead(contactCount: UInt64) {
    self.contactCount = max(self.contactCount, contactCount)
    noteSaved(revision: revision, contactCount: contactCount)
  }
}

extension LeaseBook {
  public func lease(network: UInt8, eid: EID) -> Lease? {
    let index = position(network, eid)
    guard index < leases.count, leases[index].network == network, leases[index].eid == eid else {
      return nil
    }
    return leases[index]
  }

  public func lease(port: String, address: PhysicalAddress) -> Lease? {
    leases.first { $0.port == port && $0.address == address }
  }

  /// All leases of one UUID; none for the nil UUID.
  public func leases(uuid: EndpointUUID) -> [Lease] {
    uuid == .nil ? [] : leases.filter { $0.uuid == uuid }
  }

  /// The lease that owns an EID: its own or one in its pool.
  public func owner(network: UInt8, eid: EID) -> Lease? {
    owners[key(network, eid)].flatMap { lease(network: network, eid: $0) }
  }

  /// The dynamic lease of a network that was heard the longest ago: the one to forget when there
  /// is no EID left.
  public func leastRecent(network: UInt8) -> Lease? {
    leases.filter { $0.network == network && $0.assignment == .dynamic }
      .min { ($0.contact, $0.eid) < ($1.contact, $1.eid) }
  }

  /// The index of the first lease that is not before `network` and `eid`.
  private func position(_ network: UInt8, _ eid: EID) -> Int {
    let wanted = key(network, eid)
    var (low, high) = (0, leases.count)
    while low < high {
      let middle = (low + high) / 2
      if key(leases[middle].network, leases[middle].eid) < wanted {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  private func key(_ network: UInt8, _ eid: EID) -> UInt16 {
    UInt16(network) << 8 | UInt16(eid.rawValue)
  }
}

extension LeaseBook {
  /// Enters a lease. Those of the same EID and of the same place make way for it.
  ///
  /// - Returns: what made way, at most two; empty also when the same lease was there already.
  /// - Throws: `LeaseBookError`; then nothing has changed.
  @discardableResult
  public mutating func enter(_ lease: Lease) throws(LeaseBookError) -> [Lease] {
    if let same = self.lease(network: lease.network, eid: lease.eid) {
      var aged = same
      aged.contact = lease.contact
      if aged == lease {
        contactCount = max(contactCount, lease.contact)
        leases[position(lease.network, lease.eid)].contact = lease.contact
        return []
      }
    }
    var replaced: [Lease] = []
    if let same = self.lease(network: lease.network, eid: lease.eid) { replaced.append(same) }
    if let same = self.lease(port: lease.port, address: lease.address), !replaced.contains(same) {
      replaced.append(same)
    }
    for eid in lease.ownedEIDs {
      guard let owner = owner(network: lease.network, eid: eid) else { continue }
      guard replaced.contains(owner) else { throw .overlap(lease, with: owner) }
    }
    let room = lineBytes - replaced.reduce(0) { $0 + $1.lineBytesMax } + lease.lineBytesMax
    guard room <= LeaseFile.leaseBytesMax else { throw .full(lease) }

    for old in replaced { take(old) }
    leases.insert(lease, at: position(lease.network, lease.eid))
    for eid in lease.ownedEIDs { owners[key(lease.network, eid)] = lease.eid }
    lineBytes += lease.lineBytesMax
    contactCount = max(contactCount, lease.contact)
    revision += 1
    return replaced
  }

  /// Forgets the lease of an EID.
  ///
  /// - Returns: the lease; nil when there was none.
  @discardableResult
  public mutating func forget(network: UInt8, eid: EID) -> Lease? {
    guard let lease = lease(network: network, eid: eid) else { return nil }
    take(lease)
    revision += 1
    return lease
  }

  /// Notes that a device was heard just now. Does nothing without a lease.
  public mutating func noteContact(network: UInt8, eid: EID) {
    guard lease(network: network, eid: eid) != nil else { return }
    // Saturates: a count out of a file can be anything.
    contactCount += contactCount == .max ? 0 : 1
    leases[position(network, eid)].contact = contactCount
  }

  private mutating func take(_ lease: Lease) {
    leases.remove(at: position(lease.network, lease.eid))
    for eid in lease.ownedEIDs { owners[key(lease.network, eid)] = nil }
    lineBytes -= lease.lineBytesMax
  }
}

extension Lease {
  /// The leased EID and those of the pool.
  fileprivate var ownedEIDs: [EID] {
    guard let pool else { return [eid] }
    return [eid] + (pool.firstEID.rawValue...pool.lastEID.rawValue).map { EID($0) }
  }
}
