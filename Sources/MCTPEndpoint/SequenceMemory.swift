public import MCTPWire

/// The sequence number that the next message to each destination starts with: one more than the
/// previous end packet's, as DSP0236 1.3.3 §8 recommends.
///
/// Choice: kept per destination EID and not always 0 as Linux does. When the end packet of one
/// message and the start packet of the next are both lost, the receiver then sees a gap instead
/// of splicing the two. Two bits a destination; networks share them, because any start is legal.
public struct SequenceMemory: Sendable {
  private var pairs = InlineArray<64, UInt8>(repeating: 0)

  public init() {}

  /// 0 to 3; 0 for a destination that was never sent to.
  public func start(for destination: EID) -> UInt8 {
    pairs.span[Int(destination.rawValue >> 2)] >> shift(destination) & 0x03
  }

  /// Notes that an end packet with sequence number `sequence` left.
  public mutating func noteEnd(_ sequence: UInt8, to destination: EID) {
    let index = Int(destination.rawValue >> 2)
    let cleared = pairs.span[index] & ~(0x03 << shift(destination))
    pairs[index] = cleared | ((sequence &+ 1) & 0x03) << shift(destination)
  }

  private func shift(_ destination: EID) -> UInt8 { (destination.rawValue & 0x03) * 2 }
}
