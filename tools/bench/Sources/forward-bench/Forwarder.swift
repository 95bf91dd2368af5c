import MCTPEngine
import MCTPFraming
import MCTPWire

/// The media between which the benchmark forwards.
enum Medium: String, CaseIterable {
  case i2c, i3c, serial

  /// Bytes of a frame of this medium that its checksum covers or is.
  func checkedByteCount(packet: Int) -> Int {
    switch self {
    case .i2c: packet + 5
    case .i3c: packet + 2
    case .serial: packet + 4
    }
  }
}

/// The whole path of a packet without descriptors: deframe, decide, queue, frame.
struct Forwarder: ~Copyable {
  static let ownAddress: UInt8 = 0x10
  static let sender = EID(9)
  static let receiver = EID(10)
  static let receiverAddress: UInt8 = 0x1D
  static let dynamicAddress: UInt8 = 0x09

  var engine: Engine
  var deframer = SerialDeframer()
  static let ingress = PortID(rawValue: 0)
  static let egress = PortID(rawValue: 1)
  let from: Medium
  let to: Medium
  private static let now = Instant(nanoseconds: 1)

  init(from: Medium, to: Medium) {
    self.from = from
    self.to = to
    engine = Engine(
      EngineConfiguration(ports: [
        Forwarder.port(0, from), Forwarder.port(1, to),
      ]))
    do throws(RoutingTableError) {
      try engine.apply(
        adding: RoutingTableEntry(
          firstEID: Forwarder.sender, type: .endpoint, port: Forwarder.ingress,
          address: Forwarder.address(from, 0x1E)))
      try engine.apply(
        adding: RoutingTableEntry(
          firstEID: Forwarder.receiver, type: .endpoint, port: Forwarder.egress,
          address: Forwarder.address(to, Forwarder.receiverAddress)))
    } catch { fatalError("the benchmark's own routes are wrong: \(error)") }
    engine.portChanged(Forwarder.ingress, isUp: true, now: Forwarder.now)
    engine.portChanged(Forwarder.egress, isUp: true, now: Forwarder.now)
  }

  private static func port(_ number: UInt8, _ medium: Medium) -> PortConfiguration {
    PortConfiguration(
      id: PortID(rawValue: number), binding: .smbus, medium: .i2c400kHz,
      address: address(medium, ownAddress), eid: EID(8))
  }

  private static func address(_ medium: Medium, _ value: UInt8) -> PhysicalAddress {
    switch medium {
    case .i2c: .i2c(value)
    case .i3c: .i3c(UInt64(value))
    case .serial: .none
    }
  }

  /// A frame as it arrives, with `payload` behind the header.
  func arrivingFrame(payload: [UInt8]) -> [UInt8] {
    let packet: [UInt8] =
      [0x01, Forwarder.receiver.rawValue, Forwarder.sender.rawValue, 0xC8] + payload
    var frame = [UInt8](repeating: 0, count: 300)
    var count = 0
    do throws(FrameError) {
      var span = frame.mutableSpan
      switch from {
      case .i2c:
        count = try SMBusFrame.encode(
          packet.span, to: Forwarder.ownAddress, from: 0x1E, into: &span)
      case .i3c:
        count = try I3CFrame.encode(
          packet.span, dynamicAddress: Forwarder.dynamicAddress, isRead: true, into: &span)
      case .serial: count = try SerialFrame.encode(packet.span, into: &span)
      }
    } catch { fatalError("the benchmark's own frame is wrong: \(error)") }
    return Array(frame[..<count])
  }

  /// Forwards one frame; returns the bytes of the frame that leaves, written to `out`.
  mutating func forward(_ frame: Span<UInt8>, into out: inout MutableSpan<UInt8>) -> Int {
    do throws(FrameError) {
      switch from {
      case .i2c:
        let decoded = try SMBusFrame(decoding: frame, ownAddress: Forwarder.ownAddress)
        _ = engine.receive(
          decoded.packet, on: Forwarder.ingress, from: decoded.source, now: Forwarder.now)
      case .i3c:
        let decoded = try I3CFrame(
          decoding: frame, dynamicAddress: Forwarder.dynamicAddress, isRead: true)
        _ = engine.receive(
          decoded.packet, on: Forwarder.ingress, from: .i3c(0x1E), now: Forwarder.now)
      case .serial:
        Forwarder.deframe(frame, &deframer, &engine)
      }
      guard let transmission = engine.nextTransmission(on: Forwarder.egress) else { return 0 }
      let count = try encode(transmission, into: &out)
      engine.transmissionFinished(.sent, on: Forwarder.egress, now: Forwarder.now)
      return count
    } catch {
      fatalError("the benchmark's own frame was refused: \(error)")
    }
  }

  private func encode(
    _ transmission: Transmission, into out: inout MutableSpan<UInt8>
  ) throws(FrameError) -> Int {
    let packet = engine.packet(of: transmission)
    switch to {
    case .i2c:
      return try SMBusFrame.encode(
        packet, to: UInt8(truncatingIfNeeded: transmission.destination.value),
        from: Forwarder.ownAddress, into: &out)
    case .i3c:
      return try I3CFrame.encode(
        packet, dynamicAddress: Forwarder.dynamicAddress, isRead: false, into: &out)
    case .serial: return try SerialFrame.encode(packet, into: &out)
    }
  }

  private static func deframe(
    _ bytes: Span<UInt8>, _ deframer: inout SerialDeframer, _ engine: inout Engine
  ) {
    var offset = 0
    while let event = deframer.next(bytes, offset: &offset, now: now) {
      guard case .packet = event else { continue }
      _ = engine.receive(deframer.packet, on: ingress, from: .none, now: now)
    }
  }
}
