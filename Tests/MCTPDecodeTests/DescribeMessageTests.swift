import MCTPDecode
import TestSupport
import Testing

@Suite("describe(message:)")
struct DescribeMessageTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let body: String
    let lines: [String]
    var testDescription: String { name }

    init(_ name: String, _ body: String, _ lines: String...) {
      self.name = name
      self.body = body
      self.lines = lines
    }
  }

  private func check(_ vector: Vector) {
    let message = describe(message: hex(vector.body).span)
    #expect([message.summary] + message.details == vector.lines)
    #expect(message.text == vector.lines.joined(separator: "\n  "))
  }

  @Test(
    "Control messages", .spec("DSP0236 1.3.3 §12"),
    arguments: [
      Vector(
        "V5", "00 00 02 00 00 02 00", "control Get Endpoint ID response, instance 0, SUCCESS",
        "EID: none yet", "endpoint: simple endpoint", "EID kind: static, in use",
        "medium specific: 0x00"),
      Vector(
        "V10", "00 00 0B 05",
        "control Prepare for Endpoint Discovery response, instance 0, ERROR_UNSUPPORTED_CMD"),
      Vector(
        "V13", "00 00 05 00 03 00 7E 7F",
        "control Get Message Type Support response, instance 0, SUCCESS",
        "message types: control, vendor-pci, vendor-iana"),
      Vector(
        "V15", "00 00 06 00 FF 00 AB CD 00 01",
        "control Get Vendor Defined Message Support response, instance 0, SUCCESS",
        "next selector: none", "vendor: PCI 0xabcd", "command set: 0x0001"),
      Vector(
        "V16", "00 00 06 00 01 01 12 34 AB CD 56 78",
        "control Get Vendor Defined Message Support response, instance 0, SUCCESS",
        "next selector: 1", "vendor: IANA 305441741", "command set: 0x5678"),
      Vector(
        "V4", "00 80 04 00", "control Get MCTP Version Support request, instance 0",
        "of: control"),
      Vector(
        "versions sent last byte first", "00 00 04 00 01 00 F3 F2 F1",
        "control Get MCTP Version Support response, instance 0, SUCCESS",
        "versions: 1.2.3 (bytes in reverse order)"),
      Vector(
        "V17", "00 00 04 00 01 F4 F3 F2 F1",
        "control Get MCTP Version Support response, instance 0, SUCCESS",
        "versions: 0xf4f3f2f1"),
      Vector(
        "V18", "00 00 04 00 04 F1 F0 FF 00 F1 F1 FF 00 F1 F2 FF 00 F1 F3 F3 00",
        "control Get MCTP Version Support response, instance 0, SUCCESS",
        "versions: 1.0, 1.1, 1.2, 1.3.3"),
      Vector(
        "V22", "00 01 07 00 0A 0C", "control Resolve Endpoint ID response, instance 1, SUCCESS",
        "bridge EID: 10", "physical address: 0c"),
      Vector(
        "V24", "00 81 0F 08 00", "control Query Hop request, instance 1",
        "target EID: 8", "message type: control"),
      Vector(
        "V25", "00 80 09 01 00 01 09 12",
        "control Routing Information Update request, instance 0", "EID 9 endpoint, address 12"),
      Vector(
        "V30", "00 03 01 00 12 1E 10",
        "control Set Endpoint ID response, instance 3, SUCCESS",
        "assignment: rejected, another bus assigned it", "EID: 30",
        "pool: EID pool already allocated", "pool size: 16"),
      Vector(
        "V31, response", "00 0A 01 02",
        "control Set Endpoint ID response, instance 10, ERROR_INVALID_DATA"),
      Vector(
        "V32, request", "00 85 08 02 00 00", "control Allocate Endpoint IDs request, instance 5",
        "ask for the present allocation"),
      Vector(
        "V32, response", "00 05 08 00 00 04 1F",
        "control Allocate Endpoint IDs response, instance 5, SUCCESS", "allocation: accepted",
        "pool size: 4", "first EID: 31"),
      Vector(
        "V33", "00 84 08 01 04 1F", "control Allocate Endpoint IDs request, instance 4",
        "force allocation of 4 EIDs from 31"),
      Vector(
        "V38", "00 02 03 00 21 F0 F5 54 7F 7C 42 11 9C A1 6D 0F 00 0E A9 E7",
        "control Get Endpoint UUID response, instance 2, SUCCESS",
        "UUID: 21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"),
      Vector(
        "V43", "00 00 14 00 02 04 0B 30 08",
        "control Query Supported Interfaces response, instance 0, SUCCESS",
        "EID 11, SMBus/I2C 400 kHz", "EID 8, I3C"),
      Vector(
        "an unknown command", "00 80 42 AA", "control command 0x42 request, instance 0",
        "data: aa"),
      Vector(
        "a request that is too long", "00 80 07 09 00",
        "control Resolve Endpoint ID request, instance 0", "data, too long: 09 00"),
      Vector(
        "a refusal with data", "00 00 07 01 00",
        "control Resolve Endpoint ID response, instance 0, ERROR", "data: 00"),
      Vector(
        "no completion code", "00 00 02",
        "control Get Endpoint ID response, instance 0, no completion code"),
      Vector("two bytes", "00 80", "control, cut short", "data: 00 80"),
    ])
  func control(vector: Vector) { check(vector) }

  @Test(
    "PLDM, NVMe-MI, SPDM and the rest",
    arguments: [
      Vector("D2, GetTID", "01 80 00 02", "PLDM base GetTID request, instance 0"),
      Vector(
        "GetTID response", "01 00 00 02 00 05",
        "PLDM base GetTID response, instance 0, SUCCESS", "TID: 5"),
      Vector(
        "PLDM refusal", "01 03 05 15 05",
        "PLDM firmware RequestFirmwareData response, instance 3, ERROR_UNSUPPORTED_PLDM_CMD"),
      Vector(
        "PLDM event", "01 DF 02 0A 01", "PLDM platform PlatformEventMessage datagram, instance 31",
        "data: 01"),
      Vector(
        "PLDM of an unknown type", "01 80 22 7A FF",
        "PLDM type 0x22 command 0x7a request, instance 0", "data: ff"),
      Vector("PLDM cut short", "01 80 00", "PLDM, cut short", "data: 01 80 00"),
      Vector(
        "PLDM without completion code", "01 00 00 02",
        "PLDM base GetTID response, instance 0, no completion code"),
      Vector(
        "V42", "84 08 00 00 01 00 00 00 00 00 00 00 00 00 00 00 D2 D4 77 36",
        "NVMe-MI command NVM Subsystem Health Status Poll request, slot 0",
        "data: 00 00 00 00 00 00 00 00 00 00 00", "integrity check: d2 d4 77 36"),
      Vector(
        "NVMe-MI admin response", "84 91 00 00 04 00 00 00 01 02 03 04",
        "NVMe-MI admin command response, Invalid Parameter, slot 1", "data: 00 00 00",
        "integrity check: 01 02 03 04"),
      Vector(
        "NVMe-MI without check", "04 00 00 00 03",
        "NVMe-MI control primitive Get State request, slot 0",
        "no integrity check: every NVMe-MI message has one"),
      Vector(
        "NVMe-MI cut short", "84 08 00 00 01 00 00 00", "NVMe-MI, cut short",
        "data: 84 08 00 00 01 00 00 00"),
      Vector(
        "GET_VERSION", "05 10 84 00 00", "SPDM 1.0 GET_VERSION request",
        "parameters: 0x00 0x00"),
      Vector(
        "VERSION", "05 10 04 00 00 00 03 00 10 00 11 10 12", "SPDM 1.0 VERSION response",
        "versions: 1.0.0, 1.1.0, 1.2.1"),
      Vector(
        "VERSION, wrong count", "05 10 04 00 00 00 03 00 10", "SPDM 1.0 VERSION response",
        "data: 00 03 00 10"),
      Vector(
        "SPDM error", "05 12 7F 03 00", "SPDM 1.2 ERROR response", "error: Busy",
        "error data: 0x00"),
      Vector(
        "unknown SPDM code", "05 14 9A 01 02 FF", "SPDM 1.4 code 0x9a request",
        "parameters: 0x01 0x02", "data: ff"),
      Vector("secured", "06 01 00 FE FF 10 00", "secured message, session 0xfffe0001, 7 bytes"),
      Vector(
        "vendor, PCI", "7E 1B 4B 01 02", "vendor defined, PCI 0x1b4b, 5 bytes",
        "data: 01 02"),
      Vector(
        "vendor, IANA", "FF 00 00 01 9C", "vendor defined, IANA 412, 5 bytes",
        "integrity check bit set"),
      Vector(
        "vendor, cut short", "7F 00 00 01", "vendor defined, cut short",
        "data: 7f 00 00 01"),
      Vector(
        "a type without a name", "8A 01", "message type 0x0a, 2 bytes",
        "integrity check bit set", "data: 01"),
      Vector("a type byte alone", "03", "message type ethernet, 1 byte"),
      Vector("nothing", "", "message without a type byte"),
    ])
  func upperLayers(vector: Vector) { check(vector) }

  @Test("Every command with every mix of Rq, D and the reserved bit is put into words")
  func everyControlHeader() {
    for flags in stride(from: UInt8(0x00), through: 0xE0, by: 0x20) {
      for command in UInt8.min...UInt8.max {
        let message = describe(message: [0x00, flags, command, 0x00].span)
        #expect(message.summary.hasPrefix("control "))
      }
    }
  }

  @Test("Random bodies and packets never trap, and no byte of them breaks a line")
  func randomBytes() {
    var state: UInt64 = 4711
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let types: [UInt8] = [0x00, 0x01, 0x04, 0x05, 0x06, 0x7E, 0x7F, 0x84]
    for round in 0..<10_000 {
      var body = (0..<random(70)).map { _ in UInt8(random(256)) }
      if !body.isEmpty { body[0] = types[round % types.count] }
      if body.count > 4, round % 3 == 0 {
        // Responses that succeed, and counts that can be right.
        body[1] &= 0x1F
        body[2] = UInt8(random(0x16))
        body[3] = 0
        body[4] = UInt8(random(10))
      }
      let message = describe(message: body.span)
      #expect(!message.summary.isEmpty)
      #expect(!message.text.contains("\u{1B}"))
      let packet = describe(packet: ([0x01, 0x09, 0x08, UInt8(random(256))] + body).span)
      #expect(!packet.contains("\n"))
    }
  }
}
