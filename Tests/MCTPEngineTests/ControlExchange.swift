import MCTPEngine
import MCTPWire
import TestSupport
import Testing

/// One request to a bridge and the bytes that it must answer.
struct ControlExchange: Sendable, CustomTestStringConvertible {
  let name: String
  let configuration: EngineConfiguration
  let request: [UInt8]
  /// Nil: no answer at all.
  let response: [UInt8]?
  var testDescription: String { name }

  init(_ name: String, _ configuration: EngineConfiguration, _ request: String, _ response: String?)
  {
    self.name = name
    self.configuration = configuration
    self.request = hex(request)
    self.response = response.map { hex($0) }
  }
}

extension ControlExchange {
  static let uuid = EndpointUUID(high: 0x21F0_F554_7F7C_4211, low: 0x9CA1_6D0F_000E_A9E7)

  /// A bus owner with EID 8.
  static func owner(
    types: [SupportedMessageType] = [], sets: [VendorMessageSet] = []
  ) -> EngineConfiguration {
    EngineConfiguration(
      uuid: uuid, messageTypes: types, vendorMessageSets: sets, ports: [.test(0, eid: 8)])
  }

  /// A device under a bus owner.
  static func device(eid: UInt8? = nil) -> EngineConfiguration {
    EngineConfiguration(eidPolicy: .perPort, ports: [.test(0, role: .endpoint, eid: eid)])
  }

  private static let iana = VendorMessageSet(vendor: .iana(0x1234_ABCD), version: 0x5678)
  private static let pci = VendorMessageSet(vendor: .pci(0xABCD), version: 0x5678)

  /// The vectors of control.hex that a bridge can be asked, under their names there. V3 is a
  /// table without own EIDs and V30 has a pool: neither can come from this engine. V5 and V7 have
  /// the type byte of a simple endpoint (02); a bridge sends 10 to 13.
  static let vectors: [ControlExchange] = [
    .init("V1", device(), "01 00 0A CF 00 91 01 00 1D", "01 0A 1D C7 00 11 01 00 00 1D 00"),
    .init("V2", device(), "01 00 0A C8 00 9A 01 00 43", "01 0A 43 C0 00 1A 01 00 00 43 00"),
    .init(
      "V4 and V18", owner(), "01 00 09 C8 00 80 04 00",
      "01 09 08 C0 00 00 04 00 04 F1 F0 FF 00 F1 F1 FF 00 F1 F2 FF 00 F1 F3 F3 00"),
    .init(
      "V18 for the base specification", owner(), "01 08 09 C8 00 80 04 FF",
      "01 09 08 C0 00 00 04 00 04 F1 F0 FF 00 F1 F1 FF 00 F1 F2 FF 00 F1 F3 F3 00"),
    .init("V5 of a bridge", device(), "01 00 09 C8 00 80 02", "01 09 00 C0 00 00 02 00 00 10 00"),
    .init("V6", device(), "01 00 09 C8 00 80 01 00 42", "01 09 42 C0 00 00 01 00 00 42 00"),
    .init(
      "V7 of a bridge", owner(), "01 00 09 C8 00 80 02", "01 09 08 C0 00 00 02 00 08 12 00"),
    .init(
      "V8 where there is no discovery", owner(), "01 00 09 C8 00 80 0B", "01 09 08 C0 00 00 0B 05"),
    .init(
      "V9 where there is no discovery", owner(), "01 00 09 C8 00 80 0C", "01 09 08 C0 00 00 0C 05"),
    .init("V10", owner(), "01 08 09 C8 00 80 0B", "01 09 08 C0 00 00 0B 05"),
    .init("V11", owner(), "01 08 09 C8 00 80 05", "01 09 08 C0 00 00 05 00 01 00"),
    .init(
      "V12", owner(types: [.init(type: .spdm)]), "01 08 09 C8 00 80 05",
      "01 09 08 C0 00 00 05 00 02 00 05"),
    .init(
      "V13", owner(types: [.init(type: .vendorPCI), .init(type: .vendorIANA)]),
      "01 08 09 C8 00 80 05", "01 09 08 C0 00 00 05 00 03 00 7E 7F"),
    .init("V14", owner(), "01 08 09 C8 00 80 06 00", "01 09 08 C0 00 00 06 02"),
    .init(
      "V15", owner(sets: [.init(vendor: .pci(0xABCD), version: 1)]), "01 08 09 C8 00 80 06 00",
      "01 09 08 C0 00 00 06 00 FF 00 AB CD 00 01"),
    .init(
      "V16, first", owner(sets: [iana, pci]), "01 08 09 C8 00 80 06 00",
      "01 09 08 C0 00 00 06 00 01 01 12 34 AB CD 56 78"),
    .init(
      "V16, last", owner(sets: [iana, pci]), "01 08 09 C8 00 80 06 01",
      "01 09 08 C0 00 00 06 00 FF 00 AB CD 56 78"),
    .init(
      "V16, beyond", owner(sets: [iana, pci]), "01 08 09 C8 00 80 06 02",
      "01 09 08 C0 00 00 06 02"),
    .init(
      "V16, the end marker as a selector", owner(sets: [iana, pci]), "01 08 09 C8 00 80 06 FF",
      "01 09 08 C0 00 00 06 02"),
    .init(
      "V17: most significant byte first",
      owner(types: [.init(type: .spdm, versions: [VersionNumber(rawValue: 0xF4F3_F2F1)])]),
      "01 08 09 C8 00 80 04 05", "01 09 08 C0 00 00 04 00 01 F4 F3 F2 F1"),
    .init("V31", device(), "01 00 08 C8 00 8A 01 00 00", "01 08 00 C0 00 0A 01 02"),
    .init(
      "V34, Prepare by broadcast", owner(), "01 FF 09 C8 00 86 0B", "01 09 08 C0 00 06 0B 05"),
    .init(
      "V34, Endpoint Discovery by broadcast", owner(), "01 FF 09 C9 00 87 0C",
      "01 09 08 C1 00 07 0C 05"),
    .init("V34, datagram", owner(), "01 FF 09 C8 00 C7 0C", nil),
    .init(
      "V35: Discovery Notify is not supported", owner(), "01 00 00 C8 00 80 0D",
      "01 00 08 C0 00 00 0D 05"),
    .init("V36", device(eid: 9), "01 09 08 C8 00 8B F2", "01 08 09 C0 00 0B F2 05"),
    .init("V37", device(eid: 9), "01 09 08 C8 00 80 04 05", "01 08 09 C0 00 00 04 80"),
    .init(
      "V37: a type that is announced without a version", owner(types: [.init(type: .pldm)]),
      "01 08 09 C8 00 80 04 01", "01 09 08 C0 00 00 04 80"),
    .init(
      "V38",
      EngineConfiguration(uuid: uuid, ports: [.test(0, eid: 9)]), "01 09 08 C8 00 82 03",
      "01 08 09 C0 00 02 03 00 21 F0 F5 54 7F 7C 42 11 9C A1 6D 0F 00 0E A9 E7"),
    .init(
      "V43",
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [
          .test(0, eid: 11), .test(1, eid: 8, address: .none, binding: .i3c, medium: .i3c),
        ]), "01 0B 09 C8 00 80 14", "01 09 0B C0 00 00 14 00 02 04 0B 30 08"),
  ]
}
