/// What happens to one frame on its wire. A value: the same fate does the same to the same bytes.
public struct FrameFate: Hashable, Sendable {
  public enum Hit: UInt8, Hashable, Sendable {
    case none
    case lost
    case duplicated
    case damaged
    case notAcknowledged
    case arbitrationLost
    case held
    case byteLost
    case noise
  }

  public var hit: Hit
  /// How much later it arrives.
  public var delayNanoseconds: UInt64
  /// How long the wire is held; 0 unless `hit` is `.held`.
  public var holdNanoseconds: UInt64
  /// Chooses the bits, the byte or the noise.
  public var salt: UInt64

  public init(
    _ hit: Hit = .none, delayNanoseconds: UInt64 = 0, holdNanoseconds: UInt64 = 0, salt: UInt64 = 0
  ) {
    self.hit = hit
    self.delayNanoseconds = delayNanoseconds
    self.holdNanoseconds = holdNanoseconds
    self.salt = salt
  }

  public static let perfect = FrameFate()

  /// How often the frame arrives: 0, 1 or 2. A frame that was refused does not get so far.
  public var copyCount: Int {
    switch hit {
    case .lost: 0
    case .duplicated: 2
    default: 1
    }
  }

  /// A copy of `bytes` with one to eight neighbouring bits flipped, most significant bit first as
  /// I2C and I3C send them: what a CRC-8 always finds.
  ///
  /// - Parameter keepFirst: so many bytes at the front stay as they are: 1 keeps an I2C address,
  ///   because a damaged one would reach another target.
  public func flippingBits(of bytes: [UInt8], keepFirst: Int) -> [UInt8] {
    let bitCount = (bytes.count - keepFirst) * 8
    guard bitCount > 0 else { return bytes }
    var generator = SeededGenerator(seed: salt)
    var copy = bytes
    let pattern = UInt16(generator.number(1...255))
    // The window of eight bits begins anywhere up to the last whole byte.
    let first = generator.index(bitCount - 7)
    let window = pattern << UInt16(8 - first % 8)
    let byte = keepFirst + first / 8
    copy[byte] ^= UInt8(window >> 8)
    if byte + 1 < copy.count { copy[byte + 1] ^= UInt8(window & 0xFF) }
    return copy
  }
}
