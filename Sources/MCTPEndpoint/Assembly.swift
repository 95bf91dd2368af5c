import MCTPWire

/// One message under way. The bytes are in the pool; this is its bookkeeping.
struct Assembly {
  var isActive = false
  var terminus: Terminus
  var origin: PacketOrigin
  var typeByte: MessageTypeByte
  /// Payload bytes of the start packet: what every middle packet must have.
  var unitBytes: Int
  /// Of the last packet taken.
  var sequence: UInt8
  var deadline: Instant
  var packetCount = 0
  var chain = BlockPool.Chain()

  init(
    terminus: Terminus, origin: PacketOrigin, typeByte: MessageTypeByte, unitBytes: Int,
    sequence: UInt8, deadline: Instant
  ) {
    self.terminus = terminus
    self.origin = origin
    self.typeByte = typeByte
    self.unitBytes = unitBytes
    self.sequence = sequence
    self.deadline = deadline
  }

  /// An empty slot.
  init() {
    let origin = PacketOrigin(port: PortID(rawValue: 0), address: .none)
    let header = PacketHeader(
      destination: .null, source: .null, som: false, eom: false,
      messageTag: MessageTag(headerByte: 0))
    self.init(
      terminus: Terminus(header, from: origin), origin: origin,
      typeByte: MessageTypeByte(rawValue: 0), unitBytes: 0, sequence: 0, deadline: .zero)
  }

  /// Why this middle or end packet cannot be the next one; nil when it can
  /// (DSP0236 1.3.3 §8.9, out-of-sequence and incorrect transmission unit).
  ///
  /// The standard lets a receiver end the assembly for a middle packet of another size; an end
  /// packet above the common size is outside the standard.
  /// Choice: both end it, as libmctp does, because the body cannot be trusted.
  func objection(to header: PacketHeader, payloadBytes: Int) -> DropReason? {
    guard header.sequence == (sequence &+ 1) & 0x03 else { return .outOfSequence }
    let fits = header.eom ? payloadBytes <= unitBytes : payloadBytes == unitBytes
    return fits ? nil : .transmissionUnitMismatch
  }

  func ended(_ reason: DropReason, _ byteCount: Int) -> EndedAssembly {
    EndedAssembly(
      terminus: terminus, origin: origin, reason: reason, packetCount: packetCount,
      byteCount: byteCount)
  }
}
