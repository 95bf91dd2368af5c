import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Answers of several pages", .spec("DSP0236 1.3.3 §12"))
struct PaginationTests {
  /// Walks all pages of a command: the bytes behind count, page by page, with the counts.
  private func pages(
    _ rig: Rig, command: UInt8, data: [UInt8] = [], on port: UInt8 = 0
  ) throws -> [(count: Int, bytes: [UInt8])] {
    var pages: [(count: Int, bytes: [UInt8])] = []
    var handle: UInt8 = 0
    repeat {
      let answer = try #require(
        rig.ask(request(command, data + [handle], from: 0xF0, to: 0x00), on: port))
      #expect(answer.count <= 68)
      #expect(answer[7] == 0)
      pages.append((Int(answer[9]), Array(answer[10...])))
      #expect(pages.count <= 256)
      guard pages.count <= 256 else { break }
      #expect(answer[8] != 0, "0 would start again")
      handle = answer[8]
    } while handle != 0xFF
    return pages
  }

  @Test(
    "Every entry once and in order of EID, with as many a page as fit",
    .spec("DSP0236 1.3.3 §12, command 0x0A"),
    // Bytes of an address; how many entries of six bytes and an address fit the body's 64.
    arguments: [(0, 9), (1, 8), (6, 4)])
  func routingTable(addressByteCount: Int, perPage: Int) throws {
    let address: PhysicalAddress =
      addressByteCount == 0 ? .none : addressByteCount == 1 ? .i2c(0x40) : .i3c(0x0123_4567_89AB)
    for entryCount in [0, 1, 7, 8, 9, 17, 35, 36, 100, 222] {
      let rig = try Rig(
        EngineConfiguration(eidPolicy: .perPort, ports: [.test(0, eid: 8, address: address)]))
      for index in (0..<entryCount).reversed() {
        try rig.engine.apply(adding: .test(UInt8(10 + index), port: 0, at: address))
      }
      let found = try pages(rig, command: 0x0A)
      var left = entryCount + 1
      for page in found {
        #expect(page.count == min(left, perPage))
        #expect(page.bytes.count == page.count * (6 + addressByteCount))
        left -= page.count
      }
      #expect(left == 0)
      let all = found.flatMap { page in
        (0..<page.count).map { page.bytes[$0 * (6 + addressByteCount) + 1] }
      }
      #expect(all == [8] + (0..<entryCount).map { UInt8(10 + $0) })
    }
  }

  @Test("A page is filled to the last of 64 bytes when the entries allow it")
  func exactFit() throws {
    // 3 + 3 bytes in front, 5 entries of 6 bytes and 4 of 7: exactly 64.
    let rig = try Rig(EngineConfiguration(ports: [.test(0)]))
    for index in UInt8(0)..<10 {
      let address = index < 5 ? PhysicalAddress.none : .i2c(0x40)
      try rig.engine.apply(adding: .test(20 + index, port: 0, at: address))
    }
    let found = try pages(rig, command: 0x0A)
    #expect(found.map(\.count) == [9, 1])
    #expect(found[0].bytes.count == 58)
  }

  @Test("A full table and 32 own EIDs: 254 entries, every one once")
  func fullest() throws {
    // 31 own EIDs 8 to 38 on ports of network 1, 216 entries 39 to 254, and ranges over them.
    let ports = (0..<32).map { PortConfiguration.test(UInt8($0), eid: UInt8(8 + $0)) }
    let rig = try Rig(EngineConfiguration(eidPolicy: .perPort, ports: ports))
    for eid in 40...254 { try rig.engine.apply(adding: .test(UInt8(eid), port: 0)) }
    for index in 0..<7 {
      try rig.engine.apply(adding: .test(UInt8(40 + 2 * index), 2, port: 1))
    }
    #expect(rig.error(adding: .test(60, 2, port: 1)) == .full)
    let found = try pages(rig, command: 0x0A)
    #expect(found.reduce(0) { $0 + $1.count } == 254)
    var keys: Set<[UInt8]> = []
    for page in found {
      var offset = 0
      for _ in 0..<page.count {
        keys.insert(Array(page.bytes[offset..<(offset + 3)]))
        offset += 6 + Int(page.bytes[offset + 5])
      }
      #expect(offset == page.bytes.count)
    }
    #expect(keys.count == 254)
  }

  @Test("Entries of another network are not listed, own EIDs of another network neither")
  func networks() throws {
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort, ports: [.test(0, eid: 8), .test(1, network: 2, eid: 9)]),
      routes: [.test(20, port: 0, at: .i2c(0x40)), .test(21, port: 1, at: .i2c(0x41))])
    let first = try pages(rig, command: 0x0A, on: 0)
    #expect(first.map(\.bytes) == [hex("01 08 A0 01 04 01 60 01 14 20 01 04 01 80")])
    let second = try pages(rig, command: 0x0A, on: 1)
    #expect(second.map(\.bytes) == [hex("01 09 A1 01 04 01 60 01 15 21 01 04 01 82")])
  }

  @Test("Own EIDs are static while the topology's, dynamic once assigned, each at its own port")
  func ownEIDs() throws {
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [
          .test(0, eid: 9), .test(1, network: 2, role: .endpoint, eid: 8),
          .test(2, network: 2, eid: 9),
        ]))
    var found = try pages(rig, command: 0x0A, on: 1)
    #expect(found.map(\.bytes) == [hex("01 08 A1 01 04 01 60 01 09 A2 01 04 01 60")])
    #expect(rig.ask(request(0x01, [0x00, 0x20], from: 0xF0, to: 0x00), on: 1) != nil)
    found = try pages(rig, command: 0x0A, on: 2)
    #expect(found.map(\.bytes) == [hex("01 09 A2 01 04 01 60 01 20 81 01 04 01 60")])
  }

  @Test("The EIDs of a UUID, every one once", .spec("DSP0236 1.3.3 §12, command 0x10"))
  func resolveUUID() throws {
    let other = EndpointUUID(high: 0, low: 1)
    for entryCount in [0, 1, 10, 11, 12, 60] {
      let rig = try Rig(
        EngineConfiguration(
          eidPolicy: .perPort, uuid: ControlExchange.uuid, ports: [.test(0, eid: 8)]))
      for index in 0..<entryCount {
        try rig.engine.apply(
          adding: .test(
            UInt8(10 + 2 * index), port: 0, at: .i2c(0x40), uuid: ControlExchange.uuid))
        try rig.engine.apply(
          adding: .test(UInt8(11 + 2 * index), port: 0, at: .i2c(0x41), uuid: other))
      }
      let found = try pages(rig, command: 0x10, data: ControlExchange.uuidBytes)
      let expected =
        hex("08 01 04 01 60")
        + (0..<entryCount).flatMap { [UInt8(10 + 2 * $0), 0x01, 0x04, 0x01, 0x80] }
      #expect(found.flatMap(\.bytes) == expected)
      #expect(found.dropLast().allSatisfy { $0.count == 11 })
    }
  }
}
