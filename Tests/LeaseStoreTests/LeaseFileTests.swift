import LeaseTestSupport
import MCTPWire
import Testing

@testable import LeaseStore

@Suite("The lease file")
struct LeaseFileTests {
  /// The check was computed by a program of its own, bit by bit.
  private static let golden = """
    mctp-router leases 1
    # Written by the router and checked as a whole: a file that was edited is set aside.
    network=1 eid=9 pool=10-24 kind=bridge assigned=dynamic port=i2c1 address=0x1d \
    uuid=01020304-0506-0708-090a-0b0c0d0e0f10 types=00-01,05,7e contact=41
    network=1 eid=30 pool=- kind=simple assigned=fixed port=i3c-0 address=020800001234 \
    uuid=- types=- contact=0
    network=2 eid=9 pool=- kind=simple assigned=dynamic port=uart address=- \
    uuid=- types=00 contact=17
    end leases=3 contacts=42 crc32c=a74f7209

    """

  private func goldenBook() throws -> LeaseBook {
    var book = try Leases.book(
      try Leases.make(
        9, pool: 10...24, uuid: Leases.uuid, .i2c(0x1D),
        types: [.vendorPCI, .spdm, .control, .pldm], contact: 40),
      try Leases.make(30, port: "i3c-0", .i3c(0x0208_0000_1234), assignment: .fixed, types: []),
      try Leases.make(network: 2, 9, port: "uart", PhysicalAddress.none, contact: 17))
    book.noteContact(network: 1, eid: EID(9))
    book.noteContact(network: 1, eid: EID(30))
    // As if never heard: the golden line has 0.
    try book.enter(
      try Leases.make(30, port: "i3c-0", .i3c(0x0208_0000_1234), assignment: .fixed, types: []))
    return book
  }

  private func reason(_ bytes: [UInt8]) -> LeaseFileError.Reason? {
    do throws(LeaseFileError) {
      _ = try LeaseFile.decode(bytes, file: "leases")
      return nil
    } catch { return error.reason }
  }

  @Test("A book becomes exactly the golden text")
  func encodesGolden() throws {
    #expect(String(decoding: LeaseFile.encode(try goldenBook()), as: UTF8.self) == Self.golden)
  }

  @Test("The golden text becomes that book, which is what is on disk")
  func decodesGolden() throws {
    let book = try LeaseFile.decode(Array(Self.golden.utf8), file: "leases")
    #expect(book.leases == (try goldenBook()).leases)
    #expect(book.contactCount == 42)
    #expect(!book.differsInAnything)
  }

  @Test("An empty book is a file too")
  func empty() throws {
    let bytes = LeaseFile.encode(LeaseBook())
    #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("contacts=0 crc32c=d8f1a17e\n"))
    #expect(try LeaseFile.decode(bytes, file: "leases").isEmpty)
  }

  @Test("10,000 random books come back as they were, byte for byte")
  func randomBooks() throws {
    var random = LeaseRandom(seed: 10_000)
    var leaseCount = 0
    for round in 0..<10_000 {
      var book = LeaseBook()
      for _ in 0..<(round % 500 == 0 ? 200 : Int.random(in: 0...6, using: &random)) {
        _ = try? book.enter(Leases.random(using: &random))
      }
      leaseCount += book.count
      let bytes = LeaseFile.encode(book)
      let read = try LeaseFile.decode(bytes, file: "leases")
      #expect(read.leases == book.leases)
      #expect(read.contactCount == book.contactCount)
      #expect(LeaseFile.encode(read) == bytes)
    }
    #expect(leaseCount > 20_000)
  }

  @Test("Cut short anywhere it is known to be cut short")
  func everyPrefix() {
    let bytes = Array(Self.golden.utf8)
    for count in 0..<bytes.count {
      #expect(reason(Array(bytes[..<count])) == .cutShort, "\(count) bytes")
    }
  }

  @Test("One bit that is wrong anywhere is found")
  func everyBit() {
    let bytes = Array(Self.golden.utf8)
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << UInt8(bit)
        #expect(reason(damaged) != nil, "byte \(index) bit \(bit)")
      }
    }
  }

  @Test("A newer format is known as one, whatever follows its first line")
  func newer() {
    #expect(reason(Array("mctp-router leases 2\n\u{0}{}".utf8)) == .newerVersion(2))
    #expect(
      reason(Array("mctp-router leases 4294967295\n".utf8)) == .newerVersion(4_294_967_295))
    for head in ["0", "01", "-1", "4294967296", "1 ", "x", ""] {
      #expect(reason(Array("mctp-router leases \(head)\n".utf8)) == .notALeaseFile, "\(head)")
    }
    #expect(reason(Array("{\"leases\": []}\n".utf8)) == .notALeaseFile)
  }

  @Test(
    "A check that is right does not let through what cannot be",
    arguments: [
      ("eid=7 ", "8 to 254"), ("eid=09 ", "8 to 254"), ("eid=255 ", "8 to 254"),
      ("eid=+9 ", "8 to 254"), ("eid= ", "8 to 254"), ("network=0 ", "1 to 255"),
      ("network=256 ", "1 to 255"), ("network=18446744073709551617 ", "1 to 255"),
      ("pool=10-9 ", "first-last"), ("pool=10-255 ", "first-last"), ("pool=10 ", "first-last"),
      ("pool=9-12 ", "bridge's own"), ("kind=simple ", "only a bridge"), ("kind=Bridge ", "simple"),
      ("assigned=static ", "fixed"), ("port=1 ", "port name"), ("port= ", "port name"),
      ("port=\u{1b}[2J ", "\\x1b[2J"), ("address=0x80 ", "address"), ("address=0x1D ", "address"),
      ("address=1d ", "address"), ("uuid=00000000-0000-0000-0000-000000000000 ", "uuid"),
      ("uuid=01020304-0506-0708-090A-0b0c0d0e0f10 ", "lower case"), ("types=80 ", "types"),
      ("types=01,00 ", "types"), ("types=00,01 ", "types"), ("types= ", "types"),
      ("types=00-00 ", "types"), ("contact=43", "contact 43 of 42"), ("contact=4x", "contact"),
      ("contact=41 x=1", "after the last field"), ("contact=18446744073709551616", "contact"),
    ])
  func strict(field: String, words: String) throws {
    let fields = [
      "network=1 ", "eid=9 ", "pool=10-24 ", "kind=bridge ", "assigned=dynamic ", "port=i2c1 ",
      "address=0x1d ", "uuid=- ", "types=00-01 ", "contact=41",
    ]
    let key = field.prefix { $0 != "=" } + "="
    func file(_ fields: [String]) -> [UInt8] {
      Leases.sealed(
        "mctp-router leases 1\n" + fields.joined() + "\nend leases=1 contacts=42 crc32c=")
    }
    #expect(reason(file(fields)) == nil)
    let error = #expect(throws: LeaseFileError.self) {
      try LeaseFile.decode(
        file(fields.map { $0.hasPrefix(key) ? field : $0 }), file: "/var/leases")
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix(words.hasPrefix("contact 43") ? "/var/leases:3: " : "/var/leases:2: "))
    #expect(text.contains(words), "\(text)")
    #expect(text.utf8.allSatisfy { $0 >= 0x20 })
  }

  @Test("Lines out of order, twice, overlapping, and a wrong count are refused, with the line")
  func whole() {
    func line(_ eid: Int, _ address: String, _ pool: String = "-") -> String {
      "network=1 eid=\(eid) pool=\(pool) kind=bridge assigned=dynamic port=p address=\(address) "
        + "uuid=- types=00 contact=0\n"
    }
    func error(_ lines: [String], count: Int? = nil) -> LeaseFileError? {
      do throws(LeaseFileError) {
        _ = try LeaseFile.decode(
          Leases.sealed(
            "mctp-router leases 1\n" + lines.joined()
              + "end leases=\(count ?? lines.count) contacts=0 crc32c="), file: "f")
        return nil
      } catch { return error }
    }
    #expect(error([line(9, "0x10"), line(10, "0x11")]) == nil)
    #expect(error([line(10, "0x10"), line(9, "0x11")])?.line == 3)
    #expect(error([line(9, "0x10"), line(9, "0x11")])?.line == 3)
    #expect(error([line(9, "0x10"), line(10, "0x10")])?.line == 3)
    #expect(error([line(9, "0x10", "20-30"), line(25, "0x11")])?.line == 3)
    #expect(error([line(9, "0x10")], count: 2)?.line == 3)
    #expect(error([line(9, "0x10")], count: 0)?.line == 3)
  }

  @Test("Bytes after the last line are refused")
  func more() {
    #expect(reason(Array((Self.golden + "\n").utf8)) == .malformed("bytes after the last line"))
  }

  @Test("A file that is too long is refused before anything else")
  func tooLong() {
    let bytes = [UInt8](repeating: 0x23, count: LeaseFile.byteCountMax + 1)
    #expect(reason(bytes) == .tooLong(byteCount: LeaseFile.byteCountMax + 1))
  }

  @Test("10,000 files with right checks and wrong bytes never trap, and what is taken is canonical")
  func hostile() throws {
    var random = LeaseRandom(seed: 666)
    let base = Array(Self.golden.utf8.dropLast(9))
    var taken = 0
    for _ in 0..<10_000 {
      var bytes = base
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 21..<bytes.count, using: &random)
        switch UInt8.random(in: 0...3, using: &random) {
        case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[index] = UInt8.random(in: 0x30...0x39, using: &random)
        case 2: bytes.remove(at: index)
        default: bytes.insert(contentsOf: bytes[index...].prefix(5), at: index)
        }
      }
      let sealed = bytes + Array((hexDigits(UInt64(LeaseFile.check(bytes[...])), 8) + "\n").utf8)
      guard let book = try? LeaseFile.decode(sealed, file: "f") else { continue }
      taken += 1
      let again = LeaseFile.encode(book)
      #expect(try LeaseFile.decode(again, file: "f").leases == book.leases)
      func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: 0x0A).filter { $0.first != 0x23 }.dropLast()
      }
      #expect(lines(again) == lines(sealed))
    }
    #expect(taken > 100)
  }

  @Test("Every set of message types out of runs and holes has one spelling that reads back")
  func messageTypes() {
    var random = LeaseRandom(seed: 7)
    for _ in 0..<2_000 {
      let mask = random.next() & random.next()
      let types = (UInt8(0)...0x7F).filter { mask >> UInt64($0 / 2) & 1 == 1 }
        .map { MessageType(rawValue: $0) }
      let set = MessageTypeSet(types)
      #expect(set.types == types)
      #expect(MessageTypeSet(text: Array(set.text.utf8)[...]) == set)
    }
    #expect(MessageTypeSet().text == "-")
    #expect(MessageTypeSet([.vendorIANA, .vendorPCI, .control]).text == "00,7e-7f")
  }
}

extension Leases {
  /// A full stop after the lines: a last line whose check is right.
  fileprivate static func sealed(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    return bytes + Array((hexDigits(UInt64(LeaseFile.check(bytes[...])), 8) + "\n").utf8)
  }
}
