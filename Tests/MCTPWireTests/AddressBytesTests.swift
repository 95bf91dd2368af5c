import MCTPWire
import TestSupport
import Testing

@Suite("Physical addresses in control payloads")
struct AddressBytesTests {
  @Test("Every SMBus address goes out in bits 7:1 and comes back", .spec("DSP0237 1.1.0 §6.8"))
  func smbus() throws {
    for raw in UInt8(0)..<128 {
      let bytes = AddressBytes(.i2c(raw))
      #expect(bytes.count == 1)
      #expect(bytes[0] == raw * 2)
      #expect(PhysicalAddress(bytes, binding: .smbus) == .i2c(raw))
      let withBit0 = try AddressBytes([raw * 2 + 1].span)
      #expect(PhysicalAddress(withBit0, binding: .smbus) == .i2c(raw))
    }
  }

  @Test("An I3C address is the provisioned ID, most significant byte first")
  func i3c() {
    let bytes = AddressBytes(.i3c(0x02AE_0000_0001))
    #expect(bytes == address("02 AE 00 00 00 01"))
    #expect(PhysicalAddress(bytes, binding: .i3c) == .i3c(0x02AE_0000_0001))
  }

  @Test(
    "Point-to-point media have no address bytes",
    arguments: [BindingType.serial, .usb, .kcs])
  func none(binding: BindingType) {
    #expect(AddressBytes(.none).count == 0)
    #expect(PhysicalAddress(AddressBytes(), binding: binding) == PhysicalAddress.none)
    #expect(PhysicalAddress(address("60"), binding: binding) == nil)
  }

  @Test("Another length than the binding's, or an unknown binding, is no address")
  func refused() {
    #expect(PhysicalAddress(AddressBytes(), binding: .smbus) == nil)
    #expect(PhysicalAddress(address("6000"), binding: .smbus) == nil)
    #expect(PhysicalAddress(address("60"), binding: .i3c) == nil)
    #expect(PhysicalAddress(address("0108"), binding: .pcieVDM) == nil)
    #expect(PhysicalAddress(address("60"), binding: .reserved) == nil)
    #expect(PhysicalAddress(AddressBytes(), binding: .vendor) == nil)
  }

  @Test("Up to 16 bytes are kept as they came")
  func lengths() throws {
    for count in 0...16 {
      let raw = (0..<count).map { UInt8(0xF0 + $0 % 16) }
      let bytes = try AddressBytes(raw.span)
      #expect(bytes.count == count)
      #expect((0..<count).map { bytes[$0] } == raw)
      var body = ControlBody()
      try body.append(bytes)
      #expect(body.bytes == raw)
    }
    #expect(throws: WireError.noRoom) { try AddressBytes([UInt8](repeating: 0, count: 17).span) }
    #expect(address("00") != address("0000"))
  }
}
