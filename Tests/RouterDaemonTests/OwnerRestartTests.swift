import AdminProtocol
import BusIO
import Foundation
import MCTPWire
import Testing

@testable import RouterDaemon

/// Simulated devices are new with each router: only a lease can give them the EID that they had.
@Suite("EIDs over restarts of the router")
struct OwnerRestartTests {
  private let folder: StateFolder

  init() throws { folder = try StateFolder() }

  private func start(_ text: String) throws -> DaemonBench {
    try folder.waitUntilFree()
    return try DaemonBench(text, stateDirectory: folder.path)
  }

  /// A first router, which stops in order.
  private func runOnce(_ text: String, _ names: [String]) throws -> [UInt8] {
    let bench = try start(text)
    try bench.waitUntilUp(names)
    return try names.map { try bench.eid($0) }
  }

  @Test("Every device gets its EID back, whoever was there before it is asked first now")
  func keepsEIDs() throws {
    let before = try runOnce(
      OwnerTopology.slots(["disk": 0x1E, "card": 0x1F]), ["disk", "card"])
    #expect(before == [9, 10])
    // Without leases EID 9 would be the fan's.
    let bench = try start(
      OwnerTopology.slots(["fan": 0x1D, "card": 0x1F, "disk": 0x1E]))
    #expect(bench.router.endpointRows().first { $0.eid == 9 }?.reason?.known == .lease)
    try bench.waitUntilUp(["fan", "disk", "card"])
    #expect(try bench.eid("disk") == 9)
    #expect(try bench.eid("card") == 10)
    #expect(try bench.eid("fan") == 11)
    let client = try bench.client()
    for eid: UInt8 in [9, 10, 11] {
      #expect(try client.ask(PingRequest(eid: eid, timeoutMs: 10_000)).get().responder == eid)
    }
  }

  @Test("All buses: the same devices have the same EIDs after each of several starts")
  func severalStarts() throws {
    let names = OwnerTopology.threeBusesNames
    let before = try runOnce(OwnerTopology.threeBuses, names)
    for _ in 0..<2 { #expect(try runOnce(OwnerTopology.threeBuses, names) == before) }
    // One more, which is asked before all others on its bus.
    let more = OwnerTopology.threeBuses
      .replacingOccurrences(of: "[0x1d, 0x1e,", with: "[0x23, 0x1d, 0x1e,")
      .replacingOccurrences(
        of: "devices:\n", with: "devices:\n  - { name: early, port: slots, address: 0x23 }\n")
    #expect(try runOnce(more, names) == before)
    #expect(!before.contains(try runOnce(more, ["early"])[0]))
  }

  @Test("A device with a UUID keeps its EID at another place")
  func otherPlace() throws {
    let uuid = ", uuid: \(OwnerTopology.fanID)"
    let first = OwnerTopology.slots(["disk": 0x1D, "fan": 0x1E])
      .replacingOccurrences(of: "address: 30", with: "address: 30\(uuid)")
    let before = try runOnce(first, ["disk", "fan"])
    #expect(before == [9, 10])
    // Without a lease it would get EID 9, because it is asked first.
    let second = OwnerTopology.slots(["fan": 0x2A, "disk": 0x1D])
      .replacingOccurrences(of: "address: 42", with: "address: 42\(uuid)")
    #expect(try runOnce(second, ["disk", "fan"]) == before)
  }

  @Test("Leases are on disk soon after the devices are up, without an orderly stop")
  func writtenSoon() throws {
    let bench = try start(OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E]))
    try bench.waitUntilUp(["fan", "disk"])
    let isWritten = bench.run {
      let text = (try? folder.text("leases")) ?? ""
      return text.contains("0x1d") && text.contains("0x1e")
    }
    #expect(isWritten, "\((try? folder.text("leases")) ?? "no file")")
  }

  @Test("An EID that the topology keeps for a device is no longer for its former holder")
  func fixedNow() throws {
    // Without the disk: whether that has an EID, too, before the first run ends, is chance.
    #expect(try runOnce(OwnerTopology.slots(["fan": 0x1D]), ["fan"]) == [9])
    let fixed = OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E])
      .replacingOccurrences(of: "[29, 30]", with: "[29, { address: 30, eid: 9 }]")
    do {
      let bench = try start(fixed)
      let refused = try #require(bench.allEvents().first { $0.kind.known == .leaseRefused })
      #expect(refused.fields.eid == 9)
      #expect(refused.fields.address == "0x1d")
      try bench.waitUntilUp(["fan", "disk"])
      #expect(try bench.eid("disk") == 9)
      #expect(try bench.eid("fan") == 10)
    }
    // It is kept as what it is now, and nothing clashes any more.
    #expect(try folder.text("leases").contains("fixed"))
    let bench = try start(fixed)
    #expect(!bench.eventKinds().contains(.leaseRefused))
    try bench.waitUntilUp(["fan", "disk"])
    #expect(try bench.eid("disk") == 9)
  }

  @Test("A device whose EID the topology has moved gets the new one")
  func movedByTopology() throws {
    #expect(try runOnce(OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E]), ["fan"]) == [9])
    let moved = OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E])
      .replacingOccurrences(of: "[29, 30]", with: "[{ address: 29, eid: 20 }, 30]")
    #expect(try runOnce(moved, ["fan", "disk"]) == [20, 10])
    #expect(try runOnce(moved, ["fan", "disk"]) == [20, 10])
  }

  @Test("A state directory in use keeps a second router from starting, whoever asked for it")
  func inUse() throws {
    let text = OwnerTopology.slots(["fan": 0x1D])
    let first = try start(text)
    for needsState in [true, false] {
      let error = #expect(throws: RouterError.self) {
        try DaemonBench(text, stateDirectory: folder.path, needsState: needsState)
      }
      #expect(error?.kind == .state)
      #expect(error?.description.contains("another router uses this state directory") ?? false)
      #expect(error?.description.contains("--state-dir") ?? false)
    }
    withExtendedLifetime(first) {}
  }

  @Test("A damaged lease file is set aside, told, and the router starts and gives EIDs")
  func damaged() throws {
    try folder.write(Array("mctp-router leases 1\nnonsense".utf8), to: "leases")
    let bench = try start(OwnerTopology.slots(["fan": 0x1D]))
    let told = bench.allEvents().filter { $0.kind.known == .stateSetAside }
    #expect(told.count == 2)
    #expect(told[0].text.contains("set aside as leases.damaged-1"))
    #expect(told[1].text.contains("starting without leases"))
    #expect(folder.names.contains("leases.damaged-1"))
    try bench.waitUntilUp(["fan"])
    #expect(try bench.eid("fan") == 9)
    let isWritten = bench.run { folder.names.contains("leases") }
    #expect(isWritten)
  }

  @Test("A directory that cannot be used is fatal only to who asked for it")
  func unusable() throws {
    let text = OwnerTopology.slots(["fan": 0x1D])
    try folder.write([], to: "file")
    let path = folder.path + "/file"
    let error = #expect(throws: RouterError.self) {
      try DaemonBench(text, stateDirectory: path)
    }
    #expect(error?.kind == .state)
    #expect(error?.description.contains(path) ?? false)
    let bench = try DaemonBench(text, stateDirectory: path, needsState: false)
    let event = try #require(bench.allEvents().first)
    #expect(event.kind.known == .stateNotWritten)
    #expect(event.text.contains("not kept over a restart"))
    try bench.waitUntilUp(["fan"])
  }

  @Test("A router that gives no EIDs does not touch the state directory")
  func noOwner() throws {
    let bench = try DaemonBench(
      "version: 1\nrouter: { name: plain, eid: 8 }\nports:\n"
        + "  - { name: slots, bus: i2c, device: simulated, address: 0x10 }\n",
      stateDirectory: folder.path)
    bench.settle()
    #expect(folder.names == [])
  }

  @Test("A lease whose port is gone or whose EID is another's now is told and not used")
  func clashes() throws {
    let before = try runOnce(
      OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E]), ["fan", "disk"])
    #expect(before == [9, 10])
    // EID 9 is the router's own now.
    let own = OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E])
      .replacingOccurrences(of: "eid: 8", with: "eid: 9")
    do {
      let bench = try start(own)
      let refused = try #require(bench.allEvents().first)
      #expect(refused.kind.known == .leaseRefused)
      #expect(refused.fields.eid == 9)
      #expect(refused.fields.port == "slots")
      try bench.waitUntilUp(["fan", "disk"])
      #expect(try bench.eid("disk") == 10)
      #expect(try bench.eid("fan") == 8)
    }
    let renamed = OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E])
      .replacingOccurrences(of: "name: slots", with: "name: bays")
      .replacingOccurrences(of: "port: slots", with: "port: bays")
    let bench = try start(renamed)
    let refused = bench.allEvents().filter { $0.kind.known == .leaseRefused }
    #expect(refused.allSatisfy { $0.fields.port == "slots" })
    #expect(refused.count >= 2)
    #expect(refused.allSatisfy { $0.text.contains("no port has that name") })
    try bench.waitUntilUp(["fan", "disk"])
  }
}
