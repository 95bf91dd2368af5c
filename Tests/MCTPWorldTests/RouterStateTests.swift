import BusIO
import Glibc
import LeaseStore
import MCTPSimulation
import MCTPWire
import Testing

@testable import MCTPWorld

/// What a router's disk holds after kills at any time, beside the books that were written.
@Suite struct RouterStateTests {
  private func book(_ eids: UInt8...) throws -> LeaseBook {
    var book = LeaseBook()
    for eid in eids {
      _ = try book.enterLatest(
        Lease(
          network: 1, eid: EID(eid), uuid: EndpointUUID(high: 7, low: UInt64(eid)), port: "i2c",
          address: .i2c(eid), kind: .simple, assignment: .dynamic))
    }
    return book
  }

  private func eids(_ book: LeaseBook) -> [UInt8] { book.leases.map(\.eid.rawValue) }

  private func at(_ ms: UInt32) -> Instant { Instant.zero.advanced(byMs: ms) }

  /// A disk with a book that was written and is there.
  private func state(seed: UInt64, with book: LeaseBook) -> RouterState {
    let state = RouterState(seed: seed)
    state.nextFate = .done
    state.beginWrite(book, now: at(0))
    #expect(state.endWrite()?.error == nil)
    return state
  }

  @Test func a_torn_write_is_set_aside_and_the_older_file_is_used() throws {
    let (old, new) = (try book(9, 10), try book(9, 10, 11))
    var tornCount = 0
    for seed in 0..<80 as Range<UInt64> {
      let state = state(seed: seed, with: old)
      state.nextFate = .torn
      state.beginWrite(new, now: at(1_000))
      #expect(state.endWrite()?.error == nil)
      #expect(state.durable(new).map(\.eid.rawValue) == [9, 10])
      state.losesPower = true
      state.cut(new, now: at(1_500))
      let (read, notices) = state.load()
      #expect([[9, 10], [9, 10, 11]].contains(eids(read)))
      guard notices.contains(where: { $0.contains("set aside as leases.damaged-1") }) else {
        continue
      }
      tornCount += 1
      #expect(eids(read) == [9, 10])
      #expect(notices.contains { $0.contains("starting with the previous leases") })
      #expect(state.disk.bytes("leases.damaged-1") != nil)
      // Told once: the next start finds nothing damaged.
      #expect(state.load().notices.count == 1)
    }
    #expect(tornCount > 4)
  }

  @Test func a_lost_write_gives_the_older_EIDs_after_a_loss_of_power_only() throws {
    for seed in 0..<15 as Range<UInt64> {
      for losesPower in [false, true] {
        let state = state(seed: seed, with: try book(9))
        state.nextFate = .lost
        state.beginWrite(try book(9, 20), now: at(1_000))
        #expect(state.endWrite()?.error == nil)
        state.losesPower = losesPower
        state.cut(try book(9, 20), now: at(1_500))
        let (read, notices) = state.load()
        #expect(eids(read) == (losesPower ? [9] : [9, 20]))
        #expect(notices.isEmpty)
      }
    }
  }

  @Test func a_lost_write_is_on_the_disk_when_the_next_one_begins() throws {
    let state = state(seed: 1, with: try book(9))
    state.nextFate = .lost
    state.beginWrite(try book(20), now: at(1_000))
    #expect(state.endWrite()?.error == nil)
    #expect(state.durable(try book(20)).isEmpty)
    state.nextFate = .full(roomBytes: 0)
    state.beginWrite(try book(20, 21), now: at(2_000))
    #expect(state.endWrite()?.error?.code == ENOSPC)
    #expect(state.durable(try book(20, 21)).map(\.eid.rawValue) == [20])
    state.losesPower = true
    state.cut(try book(20, 21), now: at(2_500))
    #expect(eids(state.load().book) == [20])
  }

  @Test func a_full_disk_keeps_the_older_file_wherever_the_room_ends() throws {
    for room in stride(from: 0, through: 250, by: 10) {
      let state = state(seed: 3, with: try book(9))
      state.nextFate = .full(roomBytes: room)
      state.beginWrite(try book(9, 20), now: at(1_000))
      #expect(state.endWrite()?.error?.code == ENOSPC)
      #expect(eids(state.load().book) == [9])
      #expect(state.disk.bytes("leases.new") == nil)
    }
  }

  @Test(arguments: [false, true])
  func a_kill_at_any_time_of_a_write_leaves_one_book_or_the_other(losesPower: Bool) throws {
    var seen: Set<[UInt8]> = []
    var partCount = 0
    for seed in 0..<20 as Range<UInt64> {
      for ms in stride(from: 0, to: 200, by: 9) as StrideTo<UInt32> {
        let state = state(seed: seed, with: try book(9, 10))
        state.nextFate = .done
        state.beginWrite(try book(10, 30), now: at(1_000))
        guard let end = state.writeEndsAt, at(1_000 + ms) < end else { break }
        state.losesPower = losesPower
        state.cut(try book(10, 30), now: at(1_000 + ms))
        #expect(state.writeEndsAt == nil)
        if state.disk.bytes("leases.new") != nil { partCount += 1 }
        let read = eids(state.load().book)
        seen.insert(read)
      }
    }
    #expect(seen == [[9, 10], [10, 30]])
    #expect(partCount > 0)
  }

  /// The obligation of `durable`, over many lives with drawn fates: each lease of it is read.
  @Test func what_is_certain_is_read_after_every_kill() throws {
    var certainCount = 0
    var reads: Set<Int> = []
    for seed in 0..<60 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let state = RouterState(seed: seed)
      var book = LeaseBook()
      var ms: UInt32 = 0
      for _ in 0..<12 {
        for _ in 0..<generator.index(4) + 1 {
          let eid = UInt8(8 + generator.index(12))
          let place = UInt8(0x20 + generator.index(12))
          _ = try book.enterLatest(
            Lease(
              network: 1, eid: EID(eid), port: "i2c", address: .i2c(place), kind: .simple,
              assignment: .dynamic))
          ms += 1_000
          if state.writeEndsAt == nil { state.beginWrite(book, now: at(ms)) }
          if generator.index(4) > 0 { _ = state.endWrite() }
        }
        let durable = state.durable(book)
        certainCount += durable.count
        state.cut(book, now: at(ms + UInt32(generator.index(200))))
        let read = state.load().book
        reads.insert(read.count)
        for lease in durable {
          let found = read.lease(network: 1, eid: lease.eid)
          #expect(found?.address == lease.address, "seed \(seed): \(lease)")
        }
        book = read
      }
    }
    #expect(certainCount > 500)
    #expect(reads.count > 3)
  }

  @Test func an_emptied_disk_holds_nothing_and_nothing_is_certain() throws {
    let state = state(seed: 1, with: try book(9))
    state.removeAll()
    #expect(eids(state.load().book).isEmpty)
    #expect(state.durable(try book(9)).isEmpty)
  }
}
