public import MCTPWire

/// Sees what a simulated device does. Spans are borrowed for the call; the device is the one that
/// the witness was made for, so a witness belongs to one device.
public protocol EndpointWitness: AnyObject {
  /// A packet arrived, before the device does anything with it.
  func received(_ packet: Span<UInt8>, from address: PhysicalAddress)
  /// A packet goes to the medium.
  func sent(_ packet: Span<UInt8>, to address: PhysicalAddress)
  /// Something ended at the device.
  func dropped(_ reason: DropReason, packets: Int)
  /// A request of somebody else's that it echoes, whole.
  func echoing(_ body: [UInt8], from source: EID)
  /// `nextOutcome` has one more.
  func finishedRequest()
}
