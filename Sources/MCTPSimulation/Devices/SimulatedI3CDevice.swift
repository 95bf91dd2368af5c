internal import MCTPFraming
public import MCTPWire

/// An endpoint that is an I3C target: packets to private transfers and back (DSP0233). Its only
/// peer on the bus is the controller, so that packets have no physical address.
public struct SimulatedI3CDevice {
  public let endpoint: SimulatedEndpoint
  public let target: VirtualI3CTarget

  public init(_ endpoint: SimulatedEndpoint, target: VirtualI3CTarget) {
    self.endpoint = endpoint
    self.target = target
  }

  /// Takes a private write, PEC last. Damaged ones are counted at the endpoint.
  public func receive(_ bytes: Span<UInt8>, dynamicAddress: UInt8, now: Instant) {
    do throws(FrameError) {
      let frame = try I3CFrame(decoding: bytes, dynamicAddress: dynamicAddress, isRead: false)
      endpoint.receive(frame.packet, from: .none, now: now)
    } catch {
      endpoint.count(error.dropReason)
    }
  }

  /// What the controller shall read next, PEC last; nil when there is nothing.
  public func nextRead(dynamicAddress: UInt8, now: Instant) -> [UInt8]? {
    while let packet = endpoint.nextPacket(now: now) {
      var buffer = [UInt8](repeating: 0, count: packet.bytes.count + I3CFrame.overheadByteCount)
      var span = buffer.mutableSpan
      let count = try? I3CFrame.encode(
        packet.bytes.span, dynamicAddress: dynamicAddress, isRead: true, into: &span)
      if count == buffer.count { return buffer }
      endpoint.count(.transmissionRefused)
    }
    guard var garbage = endpoint.nextGarbageFrame(now: now) else { return nil }
    garbage.spoilI3CFrame(dynamicAddress: dynamicAddress, isRead: true)
    return garbage
  }
}
