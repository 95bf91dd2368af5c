// The leases as bytes of a file, and back. No I/O.
//
//   mctp-router leases 1
//   # Written by the router and checked as a whole: ...
//   network=1 eid=9 pool=10-24 kind=bridge assigned=dynamic port=i2c1 address=0x1d uuid=- ...
//   end leases=1 contacts=17 crc32c=0123abcd
//
// Choice: `key=value` and not JSON. The keys are a closed list, no value needs an escape, one line
// is one device for grep, and strictness costs no JSON parser. Every line has all keys in one
// order, and each value has one spelling; `-` is none.

internal import MCTPEndpoint
internal import MCTPWire

/// The text form of a `LeaseBook`.
public enum LeaseFile {
  /// The format that is written, and the newest that is read.
  public static let version: UInt32 = 1
  /// The longest file, in bytes.
  ///
  /// Choice: 64 KiB, for a full network of 247 leases with long port names, UUIDs and the usual
  /// message types; a BMC has some sixty endpoints.
  public static let byteCountMax = 64 << 10
  /// What the lines of leases may take of it: the rest is for the head and the last line.
  static let leaseBytesMax = byteCountMax - 512

  static let headWords = "mctp-router leases "
  static let remark =
    "# Written by the router and checked as a whole: a file that was edited is set aside.\n"

  /// The bytes of a book: a head, a line a lease, a last line with CRC-32C over all before the
  /// check's own digits. At most `byteCountMax`.
  public static func encode(_ book: LeaseBook) -> [UInt8] {
    var bytes = Array((headWords + "\(version)\n" + remark).utf8)
    bytes.reserveCapacity(bytes.count + book.count * 160 + 80)
    for lease in book.leases { bytes += Array(lease.line.utf8) }
    bytes += Array("end leases=\(book.count) contacts=\(book.contactCount) crc32c=".utf8)
    bytes += Array("\(hexDigits(UInt64(check(bytes[...])), 8))\n".utf8)
    precondition(bytes.count <= byteCountMax, "the book bounds its file")
    return bytes
  }

  static func check(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes.span)
    return crc.value
  }
}

extension Lease {
  /// One line of the file, its end included.
  var line: String { keys + "contact=\(contact)\n" }

  /// The longest that the line gets while only contacts change.
  var lineBytesMax: Int { keys.utf8.count + "contact=18446744073709551615\n".utf8.count }

  private var keys: String {
    let run = pool.map { "\($0.firstEID.rawValue)-\($0.lastEID.rawValue)" } ?? "-"
    return "network=\(network) eid=\(eid.rawValue) pool=\(run) kind=\(kind.rawValue) "
      + "assigned=\(assignment.rawValue) port=\(port) address=\(address) "
      + "uuid=\(uuid?.description ?? "-") types=\(messageTypes.text) "
  }
}
