import BusIO
import LeaseStore
import LeaseTestSupport
import MCTPWire
import Testing

@testable import RouterDaemon

@Suite("What is kept of EIDs while the router runs")
struct LeaseKeeperTests {
  private let folder: StateFolder

  init() throws { folder = try StateFolder() }

  private func keeper() throws -> LeaseKeeper {
    try folder.waitUntilFree()
    return try LeaseKeeper(DirectoryStorage(path: folder.path))
  }

  @Test("What the owner says last is true: older leases of the same EIDs are void")
  func voidLeases() throws {
    let keeper = try keeper()
    let absent = [try Leases.make(10), try Leases.make(12)]
    for lease in absent { #expect(try keeper.enter(lease, now: .zero) == []) }
    let other = try Leases.make(20)
    _ = try keeper.enter(other, now: .zero)
    let bridge = try Leases.make(9, pool: 10...14)
    let void = try keeper.enter(bridge, now: .zero)
    #expect(void.map(\.eid) == absent.map(\.eid))
    #expect(keeper.leases.map(\.eid) == [bridge.eid, other.eid])
    #expect(keeper.finish(now: .zero) == nil)
  }

  @Test("What is kept is there at the next start, and nothing is told then")
  func nextStart() throws {
    do {
      let keeper = try keeper()
      _ = try keeper.enter(try Leases.make(9), now: .zero)
      _ = try keeper.enter(try Leases.make(10), now: .zero)
      keeper.forget(network: 1, eid: EID(9), now: .zero)
      #expect(keeper.finish(now: .zero) == nil)
    }
    let next = try keeper()
    #expect(next.leases.map(\.eid) == [EID(10)])
    #expect(next.notices == [])
    #expect(next.unlockedReason == nil)
    #expect(next.nextDeadline == nil)
    #expect(next.finish(now: .zero) == nil)
  }
}
