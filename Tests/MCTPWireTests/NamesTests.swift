import MCTPWire
import TestSupport
import Testing

@Suite("Names and text forms")
struct NamesTests {
  @Test("A UUID is written in groups of 8, 4, 4, 4 and 12 and read back in either case")
  func uuid() {
    let text = "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"
    #expect(sampleUUID.description == text)
    #expect(EndpointUUID(text) == sampleUUID)
    #expect(EndpointUUID(text.uppercased()) == sampleUUID)
    #expect(EndpointUUID.nil.description == "00000000-0000-0000-0000-000000000000")
  }

  @Test(
    "Other text is no UUID",
    arguments: [
      "", "21f0f554-7f7c-4211-9ca1-6d0f000ea9e", "21f0f554-7f7c-4211-9ca1-6d0f000ea9e77",
      "21f0f5547f7c-4211-9ca1-6d0f000ea9e7-", "21f0f554-7f7c-4211-9ca1-6d0f000ea9eg",
      "{1f0f554-7f7c-4211-9ca1-6d0f000ea9e7", "21f0f554+7f7c-4211-9ca1-6d0f000ea9e7",
      "21f0f554-7f7c-4211-9ca1-6d0f000ea\u{E9}7", "21f0f5547f7c42119ca16d0f000ea9e7",
      "２1f0f554-7f7c-4211-9ca1-6d0f000ea9",
    ])
  func notUUID(text: String) {
    #expect(EndpointUUID(text) == nil)
  }

  @Test("Physical addresses are written as people write them on each bus")
  func addresses() {
    #expect(PhysicalAddress.none.description == "-")
    #expect(PhysicalAddress.i2c(0x1D).description == "0x1d")
    #expect(PhysicalAddress.i2c(0x08).description == "0x08")
    #expect(PhysicalAddress.i3c(0x02AE_0000_0000).description == "02ae00000000")
    #expect(address("").description == "-")
    #expect(address("3A00").description == "3a00")
  }

  @Test("EIDs are decimal, headers are one line")
  func headers() {
    #expect(EID(0x1D).description == "29")
    let header = PacketHeader(
      destination: EID(16), source: EID(9), som: true, eom: true, sequence: 2,
      messageTag: MessageTag(3, tagOwner: true))
    #expect(header.description == "9 > 16 SOM EOM seq 2 tag 3 TO")
    let middle = PacketHeader(bytes: (0x02, 0x08, 0x09, 0x14))
    #expect(middle.description == "version 2 9 > 8 seq 1 tag 4")
  }

  @Test(
    "Message types have the words of topologies",
    arguments: [
      (0x00, "control"), (0x01, "pldm"), (0x02, "ncsi"), (0x03, "ethernet"), (0x04, "nvme-mi"),
      (0x05, "spdm"), (0x06, "secured-messages"), (0x07, "cxl-fm-api"), (0x08, "cxl-cci"),
      (0x09, "pcie-mi"), (0x7E, "vendor-pci"), (0x7F, "vendor-iana"),
    ] as [(UInt8, String)])
  func messageTypes(rawValue: UInt8, name: String) {
    #expect(MessageType(rawValue: rawValue).name == name)
    #expect(MessageType(name: name)?.rawValue == rawValue)
  }

  @Test("Unknown code points show their number")
  func unknown() {
    #expect(MessageType(rawValue: 0x0A).name == "0x0a")
    #expect(MessageType(name: "0x0a") == nil)
    #expect(CompletionCode(rawValue: 0x81).name == "0x81")
    #expect(ControlCommand(rawValue: 0x15).name == "command 0x15")
    #expect(ControlCommand(rawValue: 0xF2).name == "transport specific 0xf2")
    #expect(MediumType(rawValue: 0x07).name == "medium 0x07")
    #expect(BindingType(rawValue: 0x0A).name == "binding 0x0a")
    #expect(RoutingEntryType(rawValue: 9).name == "type 9")
  }

  @Test("Every command from 0x01 to 0x14 has a name of its own")
  func commands() {
    let names = (UInt8(0x01)...0x14).map { ControlCommand(rawValue: $0).name }
    #expect(Set(names).count == 20)
    #expect(!names.contains { $0.hasPrefix("command") })
    #expect(ControlCommand(rawValue: 0x0F).name == "Query Hop")
    #expect(ControlCommand(rawValue: 0x12).name == "Request TX Rate Limit")
  }

  @Test("Completion code 0x80 depends on its command")
  func completionCodes() {
    let code = CompletionCode(rawValue: 0x80)
    #expect(code.name(for: .getVersionSupport) == "message type not supported")
    #expect(code.name(for: .routingInformationUpdate) == "not enough table space")
    #expect(code.name(for: .getEndpointID) == "0x80")
    let shared = (UInt8(0)...5).map { CompletionCode(rawValue: $0).name }
    #expect(
      shared == [
        "SUCCESS", "ERROR", "ERROR_INVALID_DATA", "ERROR_INVALID_LENGTH", "ERROR_NOT_READY",
        "ERROR_UNSUPPORTED_CMD",
      ])
  }

  @Test("Media and bindings have words")
  func media() {
    #expect(MediumType(rawValue: 0x04).name == "SMBus/I2C 400 kHz")
    #expect(MediumType(rawValue: 0x24).name == "serial")
    #expect(MediumType(rawValue: 0x30).name == "I3C")
    #expect(BindingType(rawValue: 0x01).name == "SMBus/I2C")
    #expect(BindingType(rawValue: 0x06).name == "I3C")
    #expect(RoutingEntryType(rawValue: 1).name == "bridge-range")
  }

  @Test("Vendor IDs are written in their registry's way")
  func vendors() {
    #expect(VendorID.pci(0xABCD).description == "PCI 0xabcd")
    #expect(VendorID.iana(412).description == "IANA 412")
    #expect(VendorID.pci(1).messageType == .vendorPCI)
    #expect(VendorID.iana(1).messageType == .vendorIANA)
  }
}
