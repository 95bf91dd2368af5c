/// What a wire does to frames, each with a chance in millions of one frame (one attempt on I2C and
/// I3C). All zero is a perfect wire.
///
/// At most one of them hits a frame, in the order of the table; what is above a million in sum
/// never happens. A delay comes on top.
///
/// | | I2C write | I3C write | I3C read | I3C GETSTATUS | serial frame |
/// |---|---|---|---|---|---|
/// | arbitration lost | yes | | | | |
/// | nak | yes | yes | yes | yes | |
/// | hold | yes | yes | yes | yes | yes |
/// | loss, burst | yes | yes | | | yes |
/// | damage | yes | yes | yes | | yes |
/// | duplicate | yes | yes | | | yes |
/// | byte loss, noise | | | | | yes |
/// | delay | yes | | | | yes |
///
/// An I3C controller clocks a read itself, so that a read cannot get lost, come twice or be late;
/// its interrupts get lost instead. Other common commands are never hit.
///
/// Damage is always of a kind that the check of the medium finds with certainty: up to eight
/// neighbouring bits of one frame (a CRC-8 and a CRC-16 find every burst not longer than
/// themselves). So a damaged packet that arrives is a defect, never bad luck.
public struct FrameFaults: Hashable, Sendable {
  /// The frame was taken and never arrives.
  public var lossPPM: UInt32 = 0
  /// The frame arrives twice.
  public var duplicatePPM: UInt32 = 0
  /// One to eight neighbouring bits arrive flipped.
  public var damagePPM: UInt32 = 0
  /// A burst begins: this and the next frames are lost.
  public var burstPPM: UInt32 = 0
  /// How many frames a burst takes, 1 or more.
  public var burstFrameCount: UInt32 = 4
  /// A frame arrives later by up to so much; frames of one wire and direction keep their order.
  public var delayMaxMicroseconds: UInt32 = 0
  /// The target does not acknowledge (I2C and I3C).
  public var nakPPM: UInt32 = 0
  /// Arbitration is lost to a controller that nobody sees (I2C).
  public var arbitrationLossPPM: UInt32 = 0
  /// Somebody holds the wire before this frame for `holdMicroseconds` (I2C, I3C) or pauses the
  /// line inside it (serial; a receiver gives a frame up after a second).
  public var holdPPM: UInt32 = 0
  public var holdMicroseconds: UInt32 = 10_000
  /// The controller forgets an in-band interrupt (I3C).
  public var interruptLossPPM: UInt32 = 0
  /// One byte of the frame is missing (serial).
  public var byteLossPPM: UInt32 = 0
  /// Two to four bytes of noise go before the frame (serial).
  public var noisePPM: UInt32 = 0

  public init() {}

  public static let none = FrameFaults()
}
