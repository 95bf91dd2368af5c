import MCTPEngine
import MCTPFraming
import MCTPWire

/// One side of the forwarding matrix: a binding with the bridge and one device on it.
enum MatrixBinding: CaseIterable, Sendable {
  case i2c, i3c, serial, usb

  static let bridgeI2CAddress: UInt8 = 0x10
  static let deviceI2CAddress: UInt8 = 0x32
  static let provisionedID: UInt64 = 0x02AE_0102_0304
  static let dynamicAddress: UInt8 = 0x2A

  var device: PhysicalAddress {
    switch self {
    case .i2c: .i2c(Self.deviceI2CAddress)
    case .i3c: .i3c(Self.provisionedID)
    case .serial, .usb: .none
    }
  }

  func port(_ id: UInt8, unit: Int) -> PortConfiguration {
    let (binding, medium): (BindingType, MediumType) =
      switch self {
      case .i2c: (.smbus, .i2c400kHz)
      case .i3c: (.i3c, .i3c)
      case .serial: (.serial, .serial)
      case .usb: (.usb, .usb2)
      }
    return .test(
      id, eid: 8 + id, address: self == .i2c ? .i2c(Self.bridgeI2CAddress) : .none, unit: unit,
      binding: binding, medium: medium)
  }

  /// What the device puts on the medium.
  func frameFromDevice(_ packet: [UInt8]) -> [UInt8] {
    switch self {
    case .i2c:
      ReferenceFrame.smbus(packet, to: Self.bridgeI2CAddress, from: Self.deviceI2CAddress)
    case .i3c: ReferenceFrame.i3c(packet, dynamicAddress: Self.dynamicAddress, isRead: true)
    case .serial: ReferenceFrame.serial(packet)
    case .usb: ReferenceFrame.usb(packet)
    }
  }

  /// What the bridge must put on the medium.
  func frameToDevice(_ packet: [UInt8]) -> [UInt8] {
    switch self {
    case .i2c:
      ReferenceFrame.smbus(packet, to: Self.deviceI2CAddress, from: Self.bridgeI2CAddress)
    case .i3c: ReferenceFrame.i3c(packet, dynamicAddress: Self.dynamicAddress, isRead: false)
    case .serial: ReferenceFrame.serial(packet)
    case .usb: ReferenceFrame.usb(packet)
    }
  }

  /// Takes a frame off the medium with the codec: packet and sender.
  func decode(_ frame: [UInt8]) throws -> (packet: [UInt8], sender: PhysicalAddress)? {
    switch self {
    case .i2c:
      let frame = try SMBusFrame(decoding: frame.span, ownAddress: Self.bridgeI2CAddress)
      return (frame.packet.array, frame.source)
    case .i3c:
      let transfer = try I3CFrame(
        decoding: frame.span, dynamicAddress: Self.dynamicAddress, isRead: true)
      return (transfer.packet.array, device)
    case .serial:
      var deframer = SerialDeframer(packetByteCountMax: 255)
      var offset = 0
      guard deframer.next(frame.span, offset: &offset, now: .zero) == .packet else { return nil }
      return (deframer.packet.array, .none)
    case .usb:
      var transfer = USBTransfer(frame.span, version: .v10)
      guard let packet = try transfer.next() else { return nil }
      return (packet.array, .none)
    }
  }

  /// Puts a packet into a frame with the codec, for the next hop's address.
  func encode(_ packet: [UInt8], to address: PhysicalAddress) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 600)
    var span = buffer.mutableSpan
    let count: Int
    switch self {
    case .i2c:
      count = try SMBusFrame.encode(
        packet.span, to: UInt8(address.value), from: Self.bridgeI2CAddress, into: &span)
    case .i3c:
      let dynamicAddress = address == .i3c(Self.provisionedID) ? Self.dynamicAddress : 0
      count = try I3CFrame.encode(
        packet.span, dynamicAddress: dynamicAddress, isRead: false, into: &span)
    case .serial:
      count = try SerialFrame.encode(packet.span, packetByteCountMax: 255, into: &span)
    case .usb: count = try USBTransfer.encode(packet.span, version: .v10, into: &span)
    }
    return Array(buffer[..<count])
  }
}
