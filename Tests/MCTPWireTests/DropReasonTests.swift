import MCTPWire
import TestSupport
import Testing

@Suite("Drop reasons")
struct DropReasonTests {
  /// Append only: these numbers are in captures and counters that outlive a version.
  static let table: [(DropReason, UInt8, String)] = [
    (.frameTooShort, 1, "frameTooShort"), (.frameTooLong, 2, "frameTooLong"),
    (.frameLength, 3, "frameLength"), (.frameIntegrity, 4, "frameIntegrity"),
    (.frameNotMCTP, 5, "frameNotMCTP"), (.frameAddress, 6, "frameAddress"),
    (.frameRevision, 7, "frameRevision"), (.frameEscape, 8, "frameEscape"),
    (.frameTruncated, 9, "frameTruncated"), (.noise, 10, "noise"),
    (.packetTooShort, 20, "packetTooShort"), (.headerVersion, 21, "headerVersion"),
    (.sourceEIDIllegal, 22, "sourceEIDIllegal"),
    (.destinationEIDIllegal, 23, "destinationEIDIllegal"),
    (.nullSourceNotBridged, 24, "nullSourceNotBridged"),
    (.destinationUnroutable, 25, "destinationUnroutable"),
    (.sourceNotBehindPort, 26, "sourceNotBehindPort"),
    (.nextHopIsSender, 27, "nextHopIsSender"),
    (.transmissionUnitExceeded, 28, "transmissionUnitExceeded"),
    (.egressQueueFull, 29, "egressQueueFull"), (.portDown, 30, "portDown"),
    (.retriesExhausted, 31, "retriesExhausted"), (.sourceIsSelf, 32, "sourceIsSelf"),
    (.transmissionRefused, 33, "transmissionRefused"),
    (.unexpectedPacket, 40, "unexpectedPacket"), (.unexpectedTag, 41, "unexpectedTag"),
    (.messageTypeUnsupported, 42, "messageTypeUnsupported"),
    (.controlMalformed, 43, "controlMalformed"), (.outOfSequence, 44, "outOfSequence"),
    (.supersededByStart, 45, "supersededByStart"), (.assemblyTimeout, 46, "assemblyTimeout"),
    (.transmissionUnitMismatch, 47, "transmissionUnitMismatch"),
    (.messageTooLong, 48, "messageTooLong"), (.assemblyExhausted, 49, "assemblyExhausted"),
    (.messageIntegrity, 50, "messageIntegrity"), (.responseUnexpected, 51, "responseUnexpected"),
  ]

  @Test("Raw values and names never change", arguments: table)
  func stable(reason: DropReason, rawValue: UInt8, name: String) {
    #expect(reason.rawValue == rawValue)
    #expect(DropReason(rawValue: rawValue) == reason)
    #expect(reason.name == name)
    #expect(!reason.explanation.isEmpty)
  }

  @Test("No reason is missing from the table, and a table of tableSize holds them all")
  func complete() {
    let known = (UInt8.min...UInt8.max).compactMap { DropReason(rawValue: $0) }
    #expect(known == Self.table.map(\.0))
    #expect(DropReason.allCases == known)
    #expect(DropReason.tableSize == 52)
    #expect(known.allSatisfy { Int($0.rawValue) < DropReason.tableSize })
    var visited: [DropReason] = []
    func visit(reason: DropReason) { visited.append(reason) }
    DropReason.forEach(visit)
    #expect(visited == known)
  }

  @Test("Each reason is explained in words of its own")
  func explanations() {
    #expect(Set(DropReason.allCases.map(\.explanation)).count == DropReason.allCases.count)
  }
}
