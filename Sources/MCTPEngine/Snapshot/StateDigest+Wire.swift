// Values of MCTPWire in a digest, and times.

public import MCTPWire

extension StateDigest {
  /// A time whose distance counts, before and after the present. `Instant.zero` stands for "at
  /// once" and is itself.
  public mutating func add(_ time: Instant) {
    add(time == .zero ? 1 << 63 : time.nanoseconds &- now)
  }

  public mutating func add(_ time: Instant?) {
    guard let time else {
      add(UInt64(1) << 62)
      return
    }
    add(time)
  }

  /// A time that means nothing more once it is past.
  public mutating func addFuture(_ time: Instant) {
    add(time.nanoseconds > now ? time.nanoseconds - now : 0)
  }

  public mutating func add(_ eid: EID) { add(UInt64(eid.rawValue)) }

  public mutating func add(_ eid: EID?) { add(eid.map { UInt64($0.rawValue) } ?? 1 << 32) }

  public mutating func add(_ port: PortID?) { add(port.map { UInt64($0.rawValue) } ?? 1 << 32) }

  public mutating func add(_ address: PhysicalAddress) {
    add(UInt64(address.form.rawValue) << 56 ^ address.value)
  }

  public mutating func add(_ address: AddressBytes) {
    add(address.count)
    for index in 0..<address.count { add(UInt64(address[index])) }
  }

  public mutating func add(_ uuid: EndpointUUID?) {
    add(uuid != nil)
    guard let uuid else { return }
    add(uuid.high)
    add(uuid.low)
  }
}
