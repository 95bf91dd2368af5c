import MCTPWire
import TestSupport
import Testing

@Suite("Packet header", .spec("DSP0236 1.3.3 §8"))
struct PacketHeaderTests {
  @Test("All 256 values of byte 3 are read bit by bit and written back")
  func flags() {
    for byte in UInt8.min...UInt8.max {
      let header = PacketHeader(bytes: (0x01, 0x09, 0x08, byte))
      let digits = String(byte, radix: 2)
      let bits = (String(repeating: "0", count: 8 - digits.count) + digits).map { $0 == "1" }
      #expect(header.som == bits[0])
      #expect(header.eom == bits[1])
      #expect(header.sequence == (bits[2] ? 2 : 0) + (bits[3] ? 1 : 0))
      #expect(header.messageTag.tagOwner == bits[4])
      #expect(header.messageTag.tag == byte % 8)
      #expect(header.flags == byte)
      #expect(header.bytes == (0x01, 0x09, 0x08, byte))
    }
  }

  @Test("All 256 values of byte 0 keep the version and lose the reserved bits")
  func versions() {
    for byte in UInt8.min...UInt8.max {
      let header = PacketHeader(bytes: (byte, 0, 0, 0))
      #expect(header.version == byte % 16)
      #expect(header.bytes.0 == byte % 16)
    }
  }

  @Test("Bits beyond a field never leak into its neighbours")
  func masks() {
    var header = PacketHeader(
      destination: EID(9), source: EID(8), som: false, eom: false,
      messageTag: MessageTag(0, tagOwner: false))
    header.sequence = 0xFD
    header.version = 0xA1
    #expect(header.flags == 0x10)
    #expect(header.bytes == (0x01, 0x09, 0x08, 0x10))
  }

  @Test("Fewer than four bytes are no header")
  func short() {
    for count in 0..<4 {
      let bytes = [UInt8](repeating: 1, count: count)
      #expect(packetHeader(bytes) == nil)
    }
  }

  @Test(
    "The quick values of byte 3",
    arguments: [
      (0xC8, true, true, 0, true), (0xC0, true, true, 0, false), (0x88, true, false, 0, true),
      (0x18, false, false, 1, true), (0x68, false, true, 2, true),
    ] as [(UInt8, Bool, Bool, UInt8, Bool)])
  func quickValues(byte: UInt8, som: Bool, eom: Bool, sequence: UInt8, tagOwner: Bool) {
    let header = PacketHeader(
      destination: EID(9), source: EID(8), som: som, eom: eom, sequence: sequence,
      messageTag: MessageTag(0, tagOwner: tagOwner))
    #expect(header.bytes == (0x01, 0x09, 0x08, byte))
  }

  @Test("Golden packets decode to what they say")
  func golden() throws {
    for vector in testVectors("packet") {
      let header = try #require(packetHeader(vector.bytes))
      let isAccepted = header.version == PacketHeader.supportedVersion
      #expect(isAccepted == vector.expectation.hasPrefix("accepted"), "\(vector.name)")
      if vector.expectation.hasSuffix("start") { #expect(header.som && !header.eom) }
      if vector.expectation.hasSuffix("middle") { #expect(!header.som && !header.eom) }
      if vector.expectation.hasSuffix("end") { #expect(!header.som && header.eom) }
      if vector.expectation.hasSuffix("single") { #expect(header.som && header.eom) }
    }
    let vector = try #require(testVectors("packet").first { $0.name == "V20" })
    #expect(
      packetHeader(vector.bytes)
        == PacketHeader(
          destination: EID(93), source: EID(13), som: true, eom: true, sequence: 3,
          messageTag: MessageTag(4, tagOwner: false)))
  }

  @Test("A reply has the same tag and the other owner")
  func replies() {
    for raw in UInt8(0)..<16 {
      let tag = MessageTag(headerByte: raw)
      #expect(tag.reply.tag == tag.tag)
      #expect(tag.reply.tagOwner != tag.tagOwner)
      #expect(MessageTag(tag.tag, tagOwner: tag.tagOwner) == tag)
    }
  }
}

@Suite("Small values", .spec("DSP0236 1.3.3 §8"))
struct SmallValueTests {
  @Test("Every EID has exactly one class")
  func eids() {
    for raw in UInt8.min...UInt8.max {
      let eid = EID(raw)
      #expect((eid == .null) == (raw == 0))
      #expect(eid.isReserved == (1...7).contains(raw))
      #expect(eid.isAssignable == (8...254).contains(raw))
      #expect((eid == .broadcast) == (raw == 255))
      #expect(EID.assignable.contains(eid) == eid.isAssignable)
      let classes = [eid == .null, eid.isReserved, eid.isAssignable, eid == .broadcast]
      #expect(classes.count { $0 } == 1)
    }
  }

  @Test("All 256 message type bytes: seven bits of type and the integrity bit")
  func messageTypeBytes() {
    for raw in UInt8.min...UInt8.max {
      let byte = MessageTypeByte(rawValue: raw)
      #expect(byte.type.rawValue == raw % 128)
      #expect(byte.hasIntegrityCheck == (raw >= 128))
      #expect(MessageTypeByte(byte.type, hasIntegrityCheck: byte.hasIntegrityCheck) == byte)
      #expect(MessageTypeSelector(rawValue: raw).messageType == (raw < 128 ? byte.type : nil))
    }
  }

  @Test("All 256 control flag bytes: request, datagram, instance", .spec("DSP0236 1.3.3 §11"))
  func controlFlags() throws {
    for raw in UInt8.min...UInt8.max {
      let bytes: [UInt8] = [0, raw, 0x02]
      let header = try #require(controlHeader(bytes))
      #expect(header.isRequest == (raw >= 0x80))
      #expect(header.isDatagram == (raw / 64 % 2 == 1))
      #expect(header.instanceID.rawValue == raw % 32)
      var body = ControlBody()
      try header.encode(into: &body)
      #expect(body.bytes == [0, raw & 0b1101_1111, 0x02])
    }
    for count in 0..<3 { #expect(controlHeader([UInt8](repeating: 0, count: count)) == nil) }
  }

  @Test("Instance IDs wrap after 31")
  func instanceIDs() {
    #expect(InstanceID(rawValue: 31).next == InstanceID(rawValue: 0))
    #expect(InstanceID(rawValue: 7).next == InstanceID(rawValue: 8))
  }

  @Test("Entry types have four bits")
  func entryTypes() {
    for raw in UInt8.min...UInt8.max {
      #expect(RoutingEntryType(rawValue: raw).rawValue == raw % 16)
    }
  }

  @Test("A control body takes 64 bytes and no more")
  func controlBody() throws {
    var body = ControlBody()
    for byte in UInt8(0)..<64 { try body.append(byte) }
    #expect(body.freeByteCount == 0)
    #expect(throws: WireError.noRoom) { try body.append(0 as UInt8) }
    #expect(body.bytes == Array(0..<64))
    body.replace(at: 63, with: 0xFF)
    #expect(body.bytes.last == 0xFF)
  }

  @Test("A bounded list refuses what it cannot hold")
  func boundedList() throws {
    var list = BoundedList<2, UInt8>()
    #expect(list.isEmpty)
    try list.append(1)
    try list.append(2)
    #expect(list.isFull)
    #expect(throws: WireError.noRoom) { try list.append(3) }
    #expect(list.count == 2 && list[0] == 1 && list[1] == 2)
    #expect(list != BoundedList([1]))
    #expect(list == BoundedList([1, 2]))
  }
}
