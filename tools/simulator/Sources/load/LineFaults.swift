import MCTPFraming
import MCTPSimulation

/// What the line does to a frame.
///
/// Every fault has one certain consequence at a receiver with a limit of at most 125 bytes a
/// packet, so that what was written and what a router counts can be compared number by number.
enum LineFault: String, CaseIterable {
  /// A byte between length and FCS is missing: the packet is lost, one `frameIntegrity`.
  case drop
  /// A bit of packet or FCS is wrong: the packet is lost, one `frameIntegrity`.
  case flip
  /// The frame ends inside its packet and the next one begins: lost, one `frameTruncated`.
  case cut
  /// Bytes in front of the frame that belong to none: nothing is lost, one `noise`.
  case noise
  /// Up to 3 ms of silence inside the frame: nothing is lost.
  case pause
  /// The frame comes twice: two packets.
  case duplicate
  /// A packet for an EID that nobody has in front of the frame: one `destinationUnroutable`.
  case stray
}

/// Draws faults and carries them out on encoded frames.
struct LineFaults {
  private let kinds: [LineFault]
  private let meanGap: UInt64
  private var generator: SeededGenerator
  private var gap: UInt64 = 0
  /// Waits for a frame that it can be done to, and for how many more.
  private var pending: LineFault?
  private var patience = 0
  /// Choice: a fault that this traffic may not allow at all gives way to another.
  private static let patienceMax = 32

  /// - Parameters:
  ///   - kinds: empty for a line without faults.
  ///   - meanGap: frames from one fault to the next, on average; above 0.
  init(kinds: [LineFault], meanGap: Int, seed: UInt64) {
    self.kinds = kinds
    self.meanGap = UInt64(meanGap)
    generator = SeededGenerator(seed: seed)
    schedule()
  }

  private mutating func schedule() {
    patience = 0
    gap = UInt64.random(in: 1..<max(2, 2 * meanGap), using: &generator)
  }

  /// One more frame is about to be written; returns what is to be done to it if it can be.
  mutating func forNextFrame() -> LineFault? {
    guard !kinds.isEmpty else { return nil }
    if gap > 0 { gap -= 1 }
    guard gap == 0 else { return nil }
    if patience == 0 {
      pending = kinds.randomElement(using: &generator)
      patience = LineFaults.patienceMax
    }
    patience -= 1
    return pending
  }

  mutating func carriedOut() { schedule() }

  mutating func random(in range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

  /// Bytes that begin no frame: 1 to 16 of them.
  mutating func noise() -> [UInt8] {
    (0..<Int.random(in: 1..<17, using: &generator)).map { _ in
      while true {
        let byte = UInt8.random(in: .min ... .max, using: &generator)
        if byte != SerialFrame.flag, byte != SerialFrame.revision { return byte }
      }
    }
  }

  /// Spoils a frame so that its packet is certainly lost; nil when this frame does not allow it.
  ///
  /// Only frames whose inside looks like no flag and no escape: elsewhere the rest of a frame can
  /// look like the beginning of another, and be counted twice.
  ///
  /// - Parameter frame: from its opening to its closing flag.
  mutating func spoil(_ frame: ArraySlice<UInt8>, by fault: LineFault) -> [UInt8]? {
    let inside = frame.dropFirst().dropLast()
    guard !inside.contains(where: isSpecial) else { return nil }
    var bytes = Array(frame)
    let packet = 3..<(bytes.count - 3)
    switch fault {
    case .drop:
      bytes.remove(at: Int.random(in: packet, using: &generator))
      return passes(bytes) ? nil : bytes
    case .flip:
      let index = Int.random(in: 3..<(bytes.count - 1), using: &generator)
      bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      return isSpecial(bytes[index]) ? nil : bytes
    case .cut:
      return Array(bytes.prefix(Int.random(in: 4..<packet.upperBound, using: &generator)))
    default: return nil
    }
  }

  /// Whether a frame that lacks one byte would be taken with the next frame's flag as its own.
  private func passes(_ bytes: [UInt8]) -> Bool {
    let end = bytes.count - 2
    var fcs = FCS.initial
    for byte in bytes[1..<end] { fcs = FCS.update(fcs, byte) }
    return fcs == UInt16(bytes[end]) << 8 | UInt16(bytes[end + 1])
  }

  private func isSpecial(_ byte: UInt8) -> Bool {
    byte == SerialFrame.flag || byte == SerialFrame.escape
  }
}
