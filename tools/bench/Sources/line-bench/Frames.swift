import MCTPFraming
import MCTPWire

/// Serial frames of one size, each different: 64-byte bodies without a byte that needs an escape.
struct Frames {
  static let byteCount = 74
  /// They repeat after this many.
  static let period = 4096

  private var stream: [UInt8] = []

  init() {
    var frame = [UInt8](repeating: 0, count: 200)
    for index in 0..<Frames.period {
      // EID 9 is behind the first line, EID 10 behind the second.
      var packet: [UInt8] = [0x01, 10, 9, 0xC8, 0x7F]
      for offset in 0..<63 { packet.append(UInt8((index >> (offset % 12)) & 0x1F)) }
      do throws(FrameError) {
        var span = frame.mutableSpan
        let count = try SerialFrame.encode(packet.span, into: &span)
        precondition(count == Frames.byteCount, "a frame of another size")
      } catch { fail("a frame that cannot be: \(error)") }
      stream += frame[..<Frames.byteCount]
    }
  }

  /// The bytes of `count` frames from number `first` on.
  func bytes(of first: Int, count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count * Frames.byteCount)
    var index = first % Frames.period
    var left = count
    while left > 0 {
      let run = min(left, Frames.period - index)
      result += stream[(index * Frames.byteCount)..<((index + run) * Frames.byteCount)]
      left -= run
      index = 0
    }
    return result
  }

  var byteCountOfPeriod: Int { stream.count }
  func equal(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    var offset = offset % stream.count
    var done = 0
    while done < bytes.count {
      let run = min(bytes.count - done, stream.count - offset)
      let same = stream.withUnsafeBytes { all in
        UnsafeRawBufferPointer(rebasing: all[offset..<(offset + run)])
          .elementsEqual(UnsafeRawBufferPointer(rebasing: bytes[done..<(done + run)]))
      }
      guard same else { return false }
      done += run
      offset = 0
    }
    return true
  }
}

/// Holds what arrives against what was sent.
struct StreamChecker {
  private let frames: Frames
  private var offset = 0

  init(_ frames: Frames) { self.frames = frames }

  /// Whole frames received.
  var frameCount: Int { offset / Frames.byteCount }

  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    guard frames.equal(bytes, at: offset) else {
      fail("changed: byte \(offset) or one behind it is not what was sent")
    }
    offset += bytes.count
  }
}
