import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Questions to a bridge about the way and about versions", .spec("DSP0236 1.3.3 §12"))
struct BridgeQueryTests {
  @Test(
    "Query Hop tells both transmission units, and the path's where it is less",
    .spec("DSP0236 1.3.3 §12, command 0x0F"))
  func units() throws {
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [.test(0, eid: 8, unit: 80), .test(1, eid: 9, unit: 4096)]),
      routes: [
        .test(0x20, port: 1, at: .i2c(0x40)), .test(0x21, port: 1, at: .i2c(0x41), unit: 255),
        .test(0x30, port: 0, at: .i2c(0x42)),
      ])
    // (4096 - 64) / 16 = 252; 255 rounds down to 240: 11.
    var answer = rig.ask(request(0x0F, [0x20, 0], from: 0x50))
    #expect(answer == hex("01 50 08 C0 00 00 0F 00 20 FF 00 01 00 FC"))
    answer = rig.ask(request(0x0F, [0x21, 0], from: 0x50))
    #expect(answer == hex("01 50 08 C0 00 00 0F 00 21 FF 00 01 00 0B"))
    answer = rig.ask(request(0x0F, [0x30, 0], from: 0x50))
    #expect(answer == hex("01 50 08 C0 00 00 0F 00 00 FF 00 01 00 01"))
    answer = rig.ask(request(0x0F, [0x30, 0], from: 0x50, to: 0x09), on: 1)
    #expect(answer == hex("01 50 09 C0 00 00 0F 00 30 FF 00 FC 00 01"))
  }

  @Test(
    "A range without its bridge leads to the bridge at the same address on the same port",
    .spec("DSP0236 1.3.3 §12, commands 0x07 and 0x0F"))
  func rangeBehindBridge() throws {
    let rig = try Rig(
      EngineConfiguration(eidPolicy: .perPort, ports: [.test(0, eid: 8), .test(1, eid: 9)]),
      routes: [
        .test(0x20, port: 1, at: .i2c(0x40), type: .bridge),
        .test(0x21, port: 0, at: .i2c(0x41), type: .bridge),
        .test(0x22, port: 1, at: .i2c(0x41), type: .bridge),
        .test(0x30, 4, port: 1, at: .i2c(0x41), type: .range),
      ])
    var answer = rig.ask(request(0x0F, [0x32, 0], from: 0x50), on: 0)
    #expect(answer == hex("01 50 08 C0 00 00 0F 00 22 FF 00 00 00 00"))
    answer = rig.ask(request(0x07, [0x32], from: 0x50, to: 0x09), on: 1)
    #expect(answer == hex("01 50 09 C0 00 00 07 00 22 82"))
  }

  @Test(
    "Versions are those of the type that is asked for",
    .spec("DSP0236 1.3.3 §12, command 0x04"))
  func versions() throws {
    let rig = try Rig(
      ControlExchange.owner(types: [
        .init(type: .pldm, versions: [VersionNumber(rawValue: 0xF1F0_F000)]),
        .init(
          type: .spdm,
          versions: [VersionNumber(rawValue: 0xF1F0_FF00), VersionNumber(rawValue: 0xF1F1_FF00)]),
      ]))
    var answer = rig.ask(request(0x04, [0x01]))
    #expect(answer == hex("01 09 08 C0 00 00 04 00 01 F1 F0 F0 00"))
    answer = rig.ask(request(0x04, [0x05]))
    #expect(answer == hex("01 09 08 C0 00 00 04 00 02 F1 F0 FF 00 F1 F1 FF 00"))
    answer = rig.ask(request(0x04, [0x7E]))
    #expect(answer == hex("01 09 08 C0 00 00 04 80"))
  }
}
