import MCTPEndpoint
import MCTPWire
import TestSupport
import Testing

@Suite("TagTable: eight tags a peer, then a queue", .spec("DSP0236 1.3.3 §8"))
struct TagTableTests {
  let peer = Peer(local: EID(8), remote: EID(9))

  func null(_ address: UInt8, on number: UInt8 = 0) -> Peer {
    Peer(
      local: EID(8), remote: .null,
      nextHop: .physical(port: PortID(rawValue: number), address: .i2c(address)))
  }
  func broadcast(on number: UInt8 = 0) -> Peer {
    Peer(
      local: EID(8), remote: .broadcast,
      nextHop: .physical(port: PortID(rawValue: number), address: .none))
  }

  /// Takes `count` tags that must be there at once.
  func take(_ count: Int, _ table: inout TagTable, _ peer: Peer, at now: Instant = .zero) -> [UInt8]
  {
    (0..<count).compactMap { _ in
      guard case .allocated(let tag) = table.allocate(for: peer, now: now) else { return nil }
      return tag.tagOwner ? tag.tag : nil
    }
  }

  func isWaiting(_ allocation: TagAllocation) -> TagTicket? {
    if case .waiting(let ticket) = allocation { ticket } else { nil }
  }

  @Test("Tags go round: a released tag is the last to come again")
  func roundRobin() {
    var table = TagTable()
    #expect(take(3, &table, peer) == [0, 1, 2])
    table.release(MessageTag(0, tagOwner: true), of: peer)
    #expect(take(6, &table, peer) == [3, 4, 5, 6, 7, 0])
  }

  @Test("The ninth request waits, and the oldest that waits gets the tag that is released")
  func nine() {
    var table = TagTable()
    #expect(take(8, &table, peer) == [0, 1, 2, 3, 4, 5, 6, 7])
    let first = isWaiting(table.allocate(for: peer, now: .zero))
    let second = isWaiting(table.allocate(for: peer, now: .zero))
    #expect(first != nil && second != nil && first != second)
    #expect(table.nextReady(now: .zero) == nil)
    table.release(MessageTag(5, tagOwner: true), of: peer)
    // Who comes now does not overtake.
    let third = isWaiting(table.allocate(for: peer, now: .zero))
    #expect(third != nil)
    let ready = table.nextReady(now: .zero)
    #expect(ready?.ticket == first)
    #expect(ready?.tag == MessageTag(5, tagOwner: true))
    #expect(table.nextReady(now: .zero) == nil)
    #expect(table.waitingCount == 2)
    second.map { table.cancel($0) }
    table.release(MessageTag(2, tagOwner: true), of: peer)
    #expect(table.nextReady(now: .zero)?.ticket == third)
    #expect(table.waitingCount == 0)
  }

  @Test("A tag that nobody releases is free again after six seconds")
  func expiry() {
    var table = TagTable()
    #expect(take(4, &table, peer, at: ms(0)).count == 4)
    #expect(take(4, &table, peer, at: ms(1000)).count == 4)
    #expect(table.nextDeadline == nil)
    let ticket = isWaiting(table.allocate(for: peer, now: ms(2000)))
    #expect(table.nextDeadline == ms(6000))
    #expect(table.isInUse(MessageTag(0, tagOwner: true), of: peer, now: ms(5999)) == true)
    #expect(table.isInUse(MessageTag(0, tagOwner: true), of: peer, now: ms(6000)) == false)
    #expect(table.nextReady(now: ms(5999)) == nil)
    let ready = table.nextReady(now: ms(6000))
    #expect(ready?.ticket == ticket)
    #expect(ready?.tag == MessageTag(0, tagOwner: true))
    #expect(table.nextDeadline == nil)
  }

  @Test("The deadline lies ahead as soon as everything due was polled")
  func noBusyLoop() {
    var table = TagTable()
    let other = Peer(local: EID(8), remote: EID(10))
    _ = take(1, &table, other, at: ms(0))
    _ = take(8, &table, peer, at: ms(1000))
    _ = table.allocate(for: peer, now: ms(1000))
    #expect(table.nextDeadline == ms(6000))
    #expect(table.nextReady(now: ms(6000)) == nil)
    #expect(table.nextDeadline == ms(7000))
  }

  @Test("A tag can be kept longer or shorter")
  func keep() {
    var table = TagTable()
    _ = take(2, &table, peer)
    table.keep(MessageTag(0, tagOwner: true), of: peer, until: ms(20_000))
    table.keep(MessageTag(1, tagOwner: true), of: peer, until: ms(10))
    #expect(table.isInUse(MessageTag(0, tagOwner: true), of: peer, now: ms(19_999)) == true)
    #expect(table.isInUse(MessageTag(1, tagOwner: true), of: peer, now: ms(10)) == false)
  }

  @Test("Peers, local EIDs and networks have tags of their own")
  func separate() {
    var table = TagTable()
    let peers = [
      peer, Peer(local: EID(8), remote: EID(10)), Peer(local: EID(7), remote: EID(9)),
      Peer(network: 2, local: EID(8), remote: EID(9)),
    ]
    for peer in peers {
      #expect(take(8, &table, peer).count == 8)
      #expect(isWaiting(table.allocate(for: peer, now: .zero)) != nil)
    }
  }

  @Test("A route does not make another peer")
  func route() {
    var table = TagTable()
    _ = take(8, &table, peer)
    let direct = Peer(
      local: EID(8), remote: EID(9),
      nextHop: .physical(port: PortID(rawValue: 1), address: .i2c(0x20)))
    #expect(isWaiting(table.allocate(for: direct, now: .zero)) != nil)
  }

  @Test("Null-addressed requests to two devices share tags, to one device and its EID they do not")
  func nullPeers() {
    var table = TagTable()
    #expect(take(2, &table, null(0x1D)) == [0, 1])
    #expect(take(2, &table, null(0x1E)) == [0, 1])
    #expect(take(2, &table, null(0x1D, on: 1)) == [0, 1])
    // Any of the three devices may answer from EID 9.
    #expect(take(1, &table, peer) == [2])
    #expect(take(1, &table, null(0x1D)) == [3])
  }

  @Test("A broadcast shares tags with nobody on its bus")
  func broadcasts() {
    var table = TagTable()
    #expect(take(1, &table, broadcast()) == [0])
    #expect(take(1, &table, broadcast(on: 1)) == [0])
    #expect(take(1, &table, null(0x1D)) == [1])
    #expect(take(1, &table, null(0x1D, on: 2)) == [0])
    #expect(take(1, &table, peer) == [2])
  }

  @Test("Null and broadcast without a physical next hop are refused")
  func unaddressable() {
    var table = TagTable()
    #expect(table.allocate(for: Peer(local: EID(8), remote: .null), now: .zero) == .refused)
    #expect(table.allocate(for: Peer(local: EID(8), remote: .broadcast), now: .zero) == .refused)
  }

  @Test("No more may wait than the bound says")
  func waitingBound() {
    var table = TagTable(limits: TagLimits(peersMax: 4, waitingMax: 3))
    _ = take(8, &table, peer)
    for _ in 0..<3 { #expect(isWaiting(table.allocate(for: peer, now: .zero)) != nil) }
    #expect(table.allocate(for: peer, now: .zero) == .refused)
    #expect(table.waitingCount == 3)
  }

  @Test("With every record in use a new peer waits until another's tags are back")
  func peersBound() {
    var table = TagTable(limits: TagLimits(peersMax: 2, waitingMax: 3))
    let others = (10..<12).map { Peer(local: EID(8), remote: EID($0)) }
    for other in others { #expect(take(1, &table, other) == [0]) }
    let ticket = isWaiting(table.allocate(for: peer, now: .zero))
    #expect(ticket != nil)
    // A peer that has a record is not held up.
    #expect(take(1, &table, others[1]) == [1])
    table.release(MessageTag(0, tagOwner: true), of: others[0])
    #expect(table.nextReady(now: .zero)?.ticket == ticket)
  }

  @Test("A request to any EID is not starved by later ones to single peers")
  func fairness() {
    var table = TagTable()
    let other = Peer(local: EID(8), remote: EID(10))
    #expect(take(4, &table, peer) == [0, 1, 2, 3])
    #expect(take(8, &table, other) == [0, 1, 2, 3, 4, 5, 6, 7])
    let any = isWaiting(table.allocate(for: null(0x1D), now: .zero))
    let later = isWaiting(table.allocate(for: peer, now: .zero))
    #expect(any != nil && later != nil)
    #expect(table.nextReady(now: .zero) == nil)
    table.release(MessageTag(6, tagOwner: true), of: other)
    let ready = table.nextReady(now: .zero)
    #expect(ready?.ticket == any)
    #expect(ready?.tag.tag == 6)
    #expect(table.nextReady(now: .zero)?.ticket == later)
  }
}
