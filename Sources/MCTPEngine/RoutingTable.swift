// The routing table of one network (DSP0236 1.3.3 §9).
//
// Owns its entries, sorted by first EID, and a map with one word for each of the 256 EIDs, so
// that forwarding costs one look-up however many entries there are. The map is made anew on every
// change: changes are rare, packets are not. Single EIDs beat ranges; two runs with different
// owners never overlap, so the order of insertion never matters.

public import MCTPWire

public struct RoutingTable: ~Copyable {
  /// What the table says of one EID.
  enum Lookup {
    case none
    /// One of this device's own EIDs.
    case own
    case entry(Int)
  }

  private static let noEntry: UInt8 = 0xFF
  private static let ownEntry: UInt8 = 0xFE

  private var entries: OwnedBuffer<RoutingTableEntry>
  // In memory of their own: reading an `InlineArray` behind an accessor copies all of it.
  private var map: OwnedBuffer<UInt8>
  private var own: OwnedBuffer<Bool>
  /// Entries held.
  public private(set) var count = 0

  init() {
    map = OwnedBuffer(count: 256) { _ in RoutingTable.noEntry }
    own = OwnedBuffer(count: 256) { _ in false }
    entries = OwnedBuffer(count: EngineLimits.routingTableEntryCountMax) { _ in
      RoutingTableEntry(
        firstEID: .null, type: .endpoint, port: PortID(rawValue: 0), address: .none)
    }
  }

  /// - Parameter index: 0 ..< `count`, in order of first EID.
  public func entry(at index: Int) -> RoutingTableEntry {
    precondition(index < count, "index out of range")
    return entries[index]
  }

  @inline(__always)
  func lookup(_ eid: EID) -> Lookup {
    let found = map[Int(eid.rawValue)]
    if found < RoutingTable.ownEntry { return .entry(Int(found)) }
    return found == RoutingTable.ownEntry ? .own : .none
  }

  /// The entry that packets to `eid` follow; nil when there is none or the EID is our own.
  public func entry(for eid: EID) -> RoutingTableEntry? {
    guard case .entry(let index) = lookup(eid) else { return nil }
    return entries[index]
  }

  func isOwn(_ eid: EID) -> Bool { own[Int(eid.rawValue)] }

  /// The port that packets to `entryAt` leave through, without copying the entry.
  @inline(__always)
  func port(ofEntry index: Int) -> PortID { entries[index].port }
  @inline(__always)
  func address(ofEntry index: Int) -> PhysicalAddress { entries[index].address }
  @inline(__always)
  func transmissionUnitBytes(ofEntry index: Int) -> UInt16? {
    entries[index].transmissionUnitBytes
  }

  /// Adds one entry, or throws and changes nothing.
  ///
  /// A single EID inside another owner's range is legal: it beats the range. Two ranges, or two
  /// single entries, with an EID in common need the same port and physical address.
  mutating func insert(_ entry: RoutingTableEntry) throws(RoutingTableError) {
    guard entry.eidCount > 0, entry.firstEID.isAssignable,
      Int(entry.firstEID.rawValue) + Int(entry.eidCount) - 1
        <= Int(EID.assignable.upperBound.rawValue)
    else { throw .eidNotAssignable }
    for value in entry.firstEID.rawValue...entry.lastEID.rawValue where own[Int(value)] {
      throw .containsOwnEID(EID(value))
    }
    for index in 0..<count {
      let other = entries[index]
      guard entry.overlaps(other), (entry.eidCount == 1) == (other.eidCount == 1) else { continue }
      if !entry.hasSameOwner(as: other) || entry.eidCount == 1 { throw .overlaps(existing: other) }
    }
    guard count < EngineLimits.routingTableEntryCountMax else { throw .full }

    var position = count
    while position > 0, entries[position - 1].firstEID > entry.firstEID {
      entries[position] = entries[position - 1]
      position -= 1
    }
    entries[position] = entry
    count += 1
    rebuild()
  }

  /// Removes every entry for which `condition` holds; returns how many.
  @discardableResult
  mutating func remove(where condition: (RoutingTableEntry) -> Bool) -> Int {
    var kept = 0
    for index in 0..<count {
      let entry = entries[index]
      if condition(entry) { continue }
      entries[kept] = entry
      kept += 1
    }
    let removed = count - kept
    count = kept
    if removed > 0 { rebuild() }
    return removed
  }

  /// Replaces the set of own EIDs. They beat every entry.
  mutating func setOwn(_ isOwn: (EID) -> Bool) {
    for value in 0..<256 { own[value] = isOwn(EID(UInt8(value))) }
    rebuild()
  }

  private mutating func rebuild() {
    for value in 0..<256 { map[value] = RoutingTable.noEntry }
    for pass in 0..<2 {
      for index in 0..<count where (entries[index].eidCount == 1) == (pass == 1) {
        let entry = entries[index]
        for value in entry.firstEID.rawValue...entry.lastEID.rawValue {
          map[Int(value)] = UInt8(index)
        }
      }
    }
    for value in 0..<256 where own[value] { map[value] = RoutingTable.ownEntry }
  }
}
