// What a fate makes of the bytes of one serial frame (DSP0253).
//
// A receiver searches flags in whatever comes, so that one hurt frame could count twice or melt
// into its neighbour. The choices here keep the equation true that each damaged frame, each frame
// that lacks a byte and each noise is exactly one damaged event of a `SerialDeframer`, and that
// every other frame is a packet, whatever follows on the line:
//
// - Choice: damage stays inside one byte of packet or FCS, and makes no flag and no escape.
// - Choice: a lost byte is one of packet or FCS that is not part of an escape. A lost flag would
//   hurt nothing, because the neighbour's flag serves; another place leaves a piece behind that
//   looks like noise.
// - Choice: noise begins with a flag. Without one it would belong to a hurt frame before it, which
//   still waits for its closing flag.
// - A frame that a lost byte turns into another valid one (one in 65536) loses another byte.

internal import MCTPFraming
internal import MCTPWire

public enum SerialLineFaults {
  /// The bytes that go on the line for one encoded frame; its delay and hold are the caller's.
  ///
  /// - Parameter frame: flag to flag. Whatever the bytes are, it returns.
  /// - Returns: nil when the fate cannot hurt this frame: it goes out as it is.
  public static func bytes(of frame: [UInt8], _ fate: FrameFate) -> [UInt8]? {
    switch fate.hit {
    case .lost: []
    case .duplicated: frame + frame
    case .damaged: damaged(frame, fate.salt)
    case .byteLost: withoutOneByte(frame, fate.salt)
    case .noise: noise(fate.salt) + frame
    case .none, .held, .notAcknowledged, .arbitrationLost: frame
    }
  }

  private static let escape = SerialFrame.escape
  private static let flag = SerialFrame.flag

  private static func isSpecial(_ byte: UInt8) -> Bool { byte == flag || byte == escape }

  private static func damaged(_ frame: [UInt8], _ salt: UInt64) -> [UInt8]? {
    guard frame.count > 7 else { return nil }
    var generator = SeededGenerator(seed: salt)
    let check = frame.count - 3
    var index = place(in: frame, 3..<(check + 2), using: &generator) ?? check + 1
    // A raw FCS of 7E 01 would begin a frame of its own once this one is damaged.
    if frame[check] == flag, frame[check + 1] == SerialFrame.revision { index = check + 1 }
    var copy = frame
    repeat {
      copy[index] = frame[index] ^ UInt8(generator.number(1...255))
    } while isSpecial(copy[index]) || copy[index] == SerialFrame.revision
    return holdsPacket(copy) ? nil : copy
  }

  private static func withoutOneByte(_ frame: [UInt8], _ salt: UInt64) -> [UInt8]? {
    guard frame.count > 7 else { return nil }
    var generator = SeededGenerator(seed: salt)
    let check = frame.count - 3
    // The packet takes the FCS's first byte in when it lacks one.
    if !isSpecial(frame[check]), let index = place(in: frame, 3..<check, using: &generator) {
      var copy = frame
      copy.remove(at: index)
      if !holdsPacket(copy + [flag]) { return copy }
    }
    var copy = frame
    copy.remove(at: check)
    return holdsPacket(copy + [flag]) ? nil : copy
  }

  private static func noise(_ salt: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: salt)
    let count = generator.number(1...3)
    return [flag] + (0..<count).map { _ in plainByte(using: &generator) }
  }

  /// A byte that is neither flag, escape nor revision.
  static func plainByte(using generator: inout SeededGenerator) -> UInt8 {
    while true {
      let byte = UInt8(truncatingIfNeeded: generator.next())
      if !isSpecial(byte), byte != SerialFrame.revision { return byte }
    }
  }

  /// A byte that is no part of an escape; nil when eight tries find none.
  private static func place(
    in frame: [UInt8], _ range: Range<Int>, using generator: inout SeededGenerator
  ) -> Int? {
    for _ in 0..<8 {
      let index = range.lowerBound + generator.index(range.count)
      if !isSpecial(frame[index]), frame[index - 1] != escape { return index }
    }
    return nil
  }

  /// Asked only of frames that were hit, because it takes a receiver.
  private static func holdsPacket(_ bytes: [UInt8]) -> Bool {
    var deframer = SerialDeframer(packetByteCountMax: SerialFrame.packetByteCountMax)
    var offset = 0
    while let event = deframer.next(bytes.span, offset: &offset, now: .zero) {
      if event == .packet { return true }
    }
    return false
  }
}

extension FrameImpairment {
  /// Draws the fate of one encoded serial frame and counts it.
  ///
  /// - Returns: the bytes for the line, none when the frame is lost; its fate, for delay and hold.
  public mutating func nextOnLine(_ frame: [UInt8]) -> (bytes: [UInt8], fate: FrameFate) {
    var fate = next(.serial)
    if fate.delayNanoseconds > 0 { counts.delayed += 1 }
    guard fate.hit != .none else { return (frame, fate) }
    guard let bytes = SerialLineFaults.bytes(of: frame, fate) else {
      fate.hit = .none
      return (frame, fate)
    }
    count(fate.hit)
    return (bytes, fate)
  }
}
