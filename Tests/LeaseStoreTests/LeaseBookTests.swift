import LeaseTestSupport
import MCTPWire
import TestSupport
import Testing

@testable import LeaseStore

@Suite("A lease and the book of them")
struct LeaseBookTests {
  @Test(
    "Only EIDs 8 to 254 can be leased or pooled", .spec("DSP0236 1.3.3 §8"),
    arguments: UInt8.min...UInt8.max)
  func assignable(eid: UInt8) throws {
    let isAssignable = (8...254).contains(eid)
    #expect((try? Leases.make(eid)) != nil || !isAssignable)
    if !isAssignable {
      #expect(throws: Lease.Defect.eidNotAssignable(EID(eid))) { try Leases.make(eid) }
    }
    #expect((Lease.Pool(firstEID: EID(eid), eidCount: 1) != nil) == isAssignable)
  }

  @Test("A pool ends at 254 at the latest and is never empty")
  func pools() {
    #expect(Lease.Pool(firstEID: EID(8), eidCount: 247)?.lastEID == EID(254))
    #expect(Lease.Pool(firstEID: EID(8), eidCount: 248) == nil)
    #expect(Lease.Pool(firstEID: EID(254), eidCount: 2) == nil)
    #expect(Lease.Pool(firstEID: EID(9), eidCount: 0) == nil)
  }

  @Test("What cannot be is refused: a simple endpoint's pool, a pool with its owner, odd names")
  func defects() throws {
    #expect(throws: Lease.Defect.poolWithoutBridge) {
      try Leases.make(9, pool: 10...11, kind: .simple)
    }
    #expect(throws: Lease.Defect.poolHoldsOwnEID(EID(9))) { try Leases.make(9, pool: 9...11) }
    #expect(throws: Lease.Defect.networkZero) { try Leases.make(network: 0, 9) }
    for name in ["", "1a", "a b", "a=b", "ä", "a\n", String(repeating: "x", count: 33)] {
      #expect(throws: Lease.Defect.portNameIllegal) { try Leases.make(9, port: name) }
    }
  }

  @Test("The nil UUID is none", .spec("DSP0236 1.3.3 §12"))
  func nilUUID() throws {
    let lease = try Leases.make(9, uuid: .nil)
    #expect(lease.uuid == nil)
    #expect(try Leases.book(lease).leases(uuid: .nil).isEmpty)
  }

  @Test("A lease is found by EID, by place, by UUID, and by an EID of its pool")
  func lookUp() throws {
    let bridge = try Leases.make(9, pool: 10...12, uuid: Leases.uuid, .i2c(0x1D))
    let other = try Leases.make(
      network: 2, 9, uuid: Leases.uuid, port: "uart", PhysicalAddress.none)
    let book = try Leases.book(bridge, other)
    #expect(book.lease(network: 1, eid: EID(9)) == bridge)
    #expect(book.lease(network: 1, eid: EID(10)) == nil)
    #expect(book.lease(port: "i2c1", address: .i2c(0x1D)) == bridge)
    #expect(book.lease(port: "i2c1", address: .i2c(0x1E)) == nil)
    #expect(book.leases(uuid: Leases.uuid) == [bridge, other])
    #expect(book.owner(network: 1, eid: EID(12)) == bridge)
    #expect(book.owner(network: 1, eid: EID(13)) == nil)
    #expect(book.owner(network: 2, eid: EID(10)) == nil)
  }

  @Test("A lease of the same EID and one of the same place make way, and are returned")
  func replaces() throws {
    let first = try Leases.make(9, .i2c(0x10))
    let second = try Leases.make(10, .i2c(0x11))
    var book = try Leases.book(first, second)
    let newcomer = try Leases.make(9, .i2c(0x11))
    #expect(try book.enter(newcomer) == [first, second])
    #expect(book.leases == [newcomer])
    #expect(book.owner(network: 1, eid: EID(10)) == nil)
    // The same again is no change.
    let revision = book.revision
    #expect(try book.enter(newcomer).isEmpty)
    #expect(book.revision == revision)
  }

  @Test("No EID is owned twice: what overlaps a pool is refused, names both, changes nothing")
  func overlap() throws {
    let bridge = try Leases.make(20, pool: 21...30)
    var book = try Leases.book(bridge)
    for newcomer in [
      try Leases.make(21), try Leases.make(30), try Leases.make(40, pool: 15...21),
      try Leases.make(40, pool: 30...31), try Leases.make(40, pool: 19...20),
    ] {
      #expect(throws: LeaseBookError.overlap(newcomer, with: bridge)) { try book.enter(newcomer) }
      #expect(book.leases == [bridge])
    }
    try book.enter(try Leases.make(network: 2, 21))
    // A bridge's new pool may overlap its own old one.
    try book.enter(try Leases.make(20, pool: 25...35, .i2c(20)))
    #expect(book.owner(network: 1, eid: EID(21)) == nil)
    #expect(book.owner(network: 1, eid: EID(35))?.eid == EID(20))
  }

  @Test("It differs from what is on disk after each change until that change was saved")
  func differs() throws {
    var book = LeaseBook()
    #expect(!book.differsInAnything)
    try book.enter(try Leases.make(9))
    let copy = book
    #expect(book.differsFromDisk)
    try book.enter(try Leases.make(10))
    // The copy of before was written; the second lease was not in it.
    book.noteSaved(revision: copy.revision, contactCount: copy.contactCount)
    #expect(book.differsFromDisk)
    book.noteSaved(revision: book.revision, contactCount: book.contactCount)
    #expect(!book.differsInAnything)
    book.noteContact(network: 1, eid: EID(9))
    #expect(!book.differsFromDisk)
    #expect(book.differsInAnything)
    book.forget(network: 1, eid: EID(99))
    #expect(!book.differsFromDisk)
    book.forget(network: 1, eid: EID(9))
    #expect(book.differsFromDisk)
  }

  @Test("Contacts order the leases; the one heard the longest ago is the dynamic one to forget")
  func contacts() throws {
    var book = try Leases.book(
      try Leases.make(8, assignment: .fixed), try Leases.make(9), try Leases.make(10),
      try Leases.make(network: 2, 11))
    for eid: UInt8 in [9, 10, 9] { book.noteContact(network: 1, eid: EID(eid)) }
    #expect(book.leastRecent(network: 1)?.eid == EID(10))
    book.noteContact(network: 1, eid: EID(77))
    #expect(book.contactCount == 3)
    #expect(book.leastRecent(network: 3) == nil)
  }

  @Test("A contact counter at its end stays there")
  func contactEnd() throws {
    var book = try Leases.book(try Leases.make(9, contact: .max))
    book.noteContact(network: 1, eid: EID(9))
    #expect(book.contactCount == .max)
  }

  @Test("A full network fits with long port names, UUIDs and fourteen scattered message types")
  func fullNetwork() throws {
    var book = LeaseBook()
    let types = (0..<14).map { MessageType(rawValue: $0 * 2) }
    for eid: UInt8 in 8...254 {
      try book.enter(
        try Leases.make(
          eid, uuid: Leases.uuid, port: "p" + String(repeating: "x", count: 31),
          .i3c(UInt64(eid)), types: types, contact: UInt64(eid) << 32))
    }
    #expect(book.count == 247)
    #expect(LeaseFile.encode(book).count <= 64 << 10)
  }

  @Test("A book that is full says so and stays as it is; its file has at most 64 KiB")
  func full() throws {
    var book = LeaseBook()
    var refused: Lease?
    filling: for network: UInt8 in 1...255 {
      for eid: UInt8 in 8...254 {
        let lease = try Leases.make(
          network: network, eid, port: "p\(network)", .i3c(UInt64(eid)), contact: .max)
        do throws(LeaseBookError) {
          try book.enter(lease)
        } catch {
          #expect(error == .full(lease))
          refused = lease
          break filling
        }
      }
    }
    let lease = try #require(refused)
    let bytes = LeaseFile.encode(book)
    #expect(bytes.count <= 64 << 10)
    #expect(bytes.count > 60 << 10)
    #expect(try LeaseFile.decode(bytes, file: "leases").leases == book.leases)
    // Another line of the same length makes room.
    book.forget(network: 1, eid: lease.eid)
    try book.enter(lease)
  }

  @Test("A long random life agrees with a plain table of who owns which EID")
  func model() throws {
    var random = LeaseRandom(seed: 0x1EA5E)
    var book = LeaseBook()
    var model: [Lease] = []
    var overlaps = 0
    for _ in 0..<5_000 {
      let lease = Leases.random(using: &random)
      if UInt8.random(in: 0...9, using: &random) == 0,
        let victim = model.randomElement(using: &random)
      {
        #expect(book.forget(network: victim.network, eid: victim.eid)?.eid == victim.eid)
        model.removeAll { $0.network == victim.network && $0.eid == victim.eid }
      }
      let left = model.filter {
        !($0.network == lease.network && $0.eid == lease.eid)
          && !($0.port == lease.port && $0.address == lease.address)
      }
      let mayEnter = !left.contains { overlap($0, lease) }
      if mayEnter {
        let replaced = try book.enter(lease)
        #expect(replaced.count == model.count - left.count)
        model = left + [lease]
      } else {
        overlaps += 1
        #expect(throws: LeaseBookError.self) { try book.enter(lease) }
      }
      #expect(book.count == model.count)
    }
    #expect(book.leases == model.sorted { ($0.network, $0.eid) < ($1.network, $1.eid) })
    #expect(overlaps > 100)
  }

  private func overlap(_ left: Lease, _ right: Lease) -> Bool {
    func eids(_ lease: Lease) -> Set<UInt8> {
      var eids: Set<UInt8> = [lease.eid.rawValue]
      if let pool = lease.pool {
        for eid in pool.firstEID.rawValue...pool.lastEID.rawValue { eids.insert(eid) }
      }
      return eids
    }
    return left.network == right.network && !eids(left).isDisjoint(with: eids(right))
  }
}

@Suite("A device that is back")
struct LeaseMatchTests {
  private let there = PhysicalAddress.i2c(0x1D)
  private let other = EndpointUUID(high: 1, low: 2)

  private func claim(
    network: UInt8 = 1, port: String = "i2c1", _ address: PhysicalAddress,
    uuid: EndpointUUID? = nil, types: [MessageType] = [.control]
  ) -> LeaseClaim {
    LeaseClaim(
      network: network, port: port, address: address, uuid: uuid,
      messageTypes: MessageTypeSet(types))
  }

  @Test("Its UUID finds its lease wherever it is now in the network")
  func moved() throws {
    let lease = try Leases.make(9, uuid: Leases.uuid, there)
    let book = try Leases.book(lease, try Leases.make(10, port: "i2c2", .i2c(0x20)))
    #expect(book.match(claim(there, uuid: Leases.uuid)) == lease)
    #expect(book.match(claim(.i2c(0x33), uuid: Leases.uuid)) == lease)
    #expect(book.match(claim(port: "i2c2", .i2c(0x20), uuid: Leases.uuid)) == lease)
    #expect(book.match(claim(network: 2, port: "u", .none, uuid: Leases.uuid)) == nil)
  }

  @Test("Of two leases of one UUID the one at its place is its own, then the one on its port")
  func twoMedia() throws {
    let first = try Leases.make(9, uuid: Leases.uuid, port: "i2c1", there)
    let second = try Leases.make(10, uuid: Leases.uuid, port: "i3c1", .i3c(5))
    let book = try Leases.book(first, second)
    #expect(book.match(claim(there, uuid: Leases.uuid)) == first)
    #expect(book.match(claim(port: "i3c1", .i3c(6), uuid: Leases.uuid)) == second)
    #expect(book.match(claim(port: "uart", .none, uuid: Leases.uuid)) == nil)
  }

  @Test("Without a UUID its place and its message types must agree")
  func place() throws {
    let lease = try Leases.make(9, there, types: [.control, .pldm])
    let book = try Leases.book(lease)
    #expect(book.match(claim(there, types: [.pldm, .control])) == lease)
    #expect(book.match(claim(there, types: [.control])) == nil)
    #expect(book.match(claim(.i2c(0x1E), types: [.control, .pldm])) == nil)
    #expect(book.match(claim(network: 2, there, types: [.control, .pldm])) == nil)
  }

  @Test("Another UUID at the place is another device; one that is not known there is not")
  func uuids() throws {
    let known = try Leases.book(try Leases.make(9, uuid: Leases.uuid, there))
    #expect(known.match(claim(there, uuid: other)) == nil)
    #expect(known.match(claim(there, uuid: .nil))?.eid == EID(9))
    #expect(known.match(claim(there))?.eid == EID(9))
    let unknown = try Leases.book(try Leases.make(9, there))
    #expect(unknown.match(claim(there, uuid: other))?.eid == EID(9))
  }
}
