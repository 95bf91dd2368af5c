internal import MCTPWire

extension LeaseFile {
  /// Reads the bytes of a file, strictly. Whatever they are, it returns or throws.
  ///
  /// - Parameter file: its name, for the error.
  /// - Returns: a book that does not differ from what is on disk.
  public static func decode(_ bytes: [UInt8], file: String) throws(LeaseFileError) -> LeaseBook {
    var reader = LeaseFileReader(bytes)
    do throws(LeaseFileError.Reason) {
      return try reader.book()
    } catch {
      throw LeaseFileError(file: file, line: max(1, reader.lineNumber), reason: error)
    }
  }
}

/// One pass over the bytes of a file.
private struct LeaseFileReader {
  private let bytes: [UInt8]
  private var next = 0
  /// Of the line that was read last; 0 before the first.
  private(set) var lineNumber = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func book() throws(LeaseFileError.Reason) -> LeaseBook {
    guard bytes.count <= LeaseFile.byteCountMax else { throw .tooLong(byteCount: bytes.count) }
    try head()
    var book = LeaseBook()
    while true {
      let line = try line()
      if line.starts(with: "# ".utf8) { continue }
      if line.starts(with: "end ".utf8) {
        book.noteRead(contactCount: try contactCount(of: book, endedBy: line))
        return book
      }
      try enter(try lease(line), into: &book)
    }
  }

  /// The next line without its end.
  private mutating func line() throws(LeaseFileError.Reason) -> ArraySlice<UInt8> {
    lineNumber += 1
    guard let end = bytes[next...].firstIndex(of: UInt8(ascii: "\n")) else { throw .cutShort }
    defer { next = end + 1 }
    return bytes[next..<end]
  }

  private mutating func head() throws(LeaseFileError.Reason) {
    let words = Array(LeaseFile.headWords.utf8)
    guard bytes.starts(with: words) else {
      // Fewer bytes than the head has, and those are right.
      throw words.starts(with: bytes) ? .cutShort : .notALeaseFile
    }
    let line = try line()
    guard let version = decimal(line.dropFirst(words.count), in: 1...UInt64(UInt32.max)) else {
      throw .notALeaseFile
    }
    guard version <= UInt64(LeaseFile.version) else {
      throw .newerVersion(UInt32(truncatingIfNeeded: version))
    }
  }

  /// Enters a lease. One that displaces or overlaps another was never written.
  private func enter(
    _ lease: Lease, into book: inout LeaseBook
  ) throws(LeaseFileError.Reason) {
    if let last = book.leases.last, (last.network, last.eid) >= (lease.network, lease.eid) {
      throw .impossible("\(lease) comes after \(last)")
    }
    do throws(LeaseBookError) {
      if let other = try book.enter(lease).first {
        throw LeaseBookError.overlap(lease, with: other)
      }
    } catch { throw .impossible("\(error)") }
  }

  /// Judges the last line: the check first, because it covers the numbers.
  private func contactCount(
    of book: LeaseBook, endedBy line: ArraySlice<UInt8>
  ) throws(LeaseFileError.Reason) -> UInt64 {
    var fields = LeaseFields(line.dropFirst("end ".utf8.count))
    let count = try fields.number("leases", in: 0...UInt64(LeaseFile.byteCountMax))
    let contacts = try fields.number("contacts", in: 0...UInt64.max)
    let digits = try fields.value("crc32c")
    try fields.finish()
    guard let stated = hexNumber(digits, digitCount: 8) else {
      throw .malformed("`crc32c` must be 8 hex digits, not \(quoted(digits))")
    }
    guard next == bytes.endIndex else { throw .malformed("bytes after the last line") }
    let computed = LeaseFile.check(bytes[..<digits.startIndex])
    guard stated == computed else {
      throw .checkFails(stated: UInt32(truncatingIfNeeded: stated), computed: computed)
    }
    guard count == UInt64(book.count) else {
      throw .impossible("\(book.count) leases, the last line says \(count)")
    }
    guard book.contactCount <= contacts else {
      throw .impossible("a lease has contact \(book.contactCount) of \(contacts)")
    }
    return contacts
  }

  private func lease(_ line: ArraySlice<UInt8>) throws(LeaseFileError.Reason) -> Lease {
    var fields = LeaseFields(line)
    let network = UInt8(truncatingIfNeeded: try fields.number("network", in: 1...255))
    let eid = EID(UInt8(truncatingIfNeeded: try fields.number("eid", in: 8...254)))
    let pool = try fields.pool()
    let kind = try fields.word("kind", Lease.Kind.self)
    let assignment = try fields.word("assigned", Lease.Assignment.self)
    let port = try fields.value("port")
    let address = try fields.address()
    let uuid = try fields.uuid()
    let types = try fields.value("types")
    guard let messageTypes = MessageTypeSet(text: types) else {
      throw .malformed("`types` must be like 00-01,05, not \(quoted(types))")
    }
    let contact = try fields.number("contact", in: 0...UInt64.max)
    try fields.finish()
    guard Lease.isPortName(port) else {
      throw .malformed("`port`: \(Lease.Defect.portNameIllegal); not \(quoted(port))")
    }
    do throws(Lease.Defect) {
      return try Lease(
        network: network, eid: eid, pool: pool, uuid: uuid,
        port: String(decoding: port, as: UTF8.self), address: address, kind: kind,
        assignment: assignment, messageTypes: messageTypes, contact: contact)
    } catch { throw .impossible("\(error)") }
  }
}
