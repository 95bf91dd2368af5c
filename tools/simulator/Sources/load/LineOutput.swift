import Glibc
import MCTPWire

/// Bytes that a line has not taken yet, and at most one pause in them.
struct LineOutput {
  private var bytes: [UInt8] = []
  private var head = 0
  /// Where the pause is, in `bytes`, how long it is, and when it ends once it has begun.
  private var pause: (at: Int, nanoseconds: UInt64, end: Instant?)?
  /// The line takes no more; it says so when it does.
  private(set) var isBackedUp = false

  var count: Int { bytes.count - head }
  var hasPause: Bool { pause != nil }

  /// When `write` can go on after a pause; nil while there is none under way.
  var resumesAt: Instant? { pause?.end }

  mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// Lets the line be silent in front of a byte that is already here.
  ///
  /// - Parameter back: how many bytes from the end; at most `count`.
  mutating func insertPause(back: Int, nanoseconds: UInt64) {
    precondition(pause == nil && back <= count, "one pause at a time")
    pause = (bytes.count - back, nanoseconds, nil)
  }

  /// Writes as far as the line takes bytes and no pause is in the way.
  ///
  /// - Throws: `LoadError` when the line is gone.
  mutating func write(to descriptor: Int32, name: String, now: Instant) throws {
    isBackedUp = false
    while count > 0 {
      var end = bytes.count
      if let pause {
        if pause.at == head {
          guard let until = pause.end else {
            self.pause?.end = now.advanced(byNanoseconds: pause.nanoseconds)
            return
          }
          guard until <= now else { return }
          self.pause = nil
          continue
        }
        end = pause.at
      }
      let result = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + head }, end - head)
      }
      if result < 0 {
        if errno == EINTR { continue }
        guard errno == EAGAIN else { throw LoadError.lineGone(name, errno) }
        isBackedUp = true
        break
      }
      head += result
    }
    compact()
  }

  private mutating func compact() {
    guard head == bytes.count || head > 16_384 else { return }
    bytes.removeFirst(head)
    if let pause { self.pause?.at = pause.at - head }
    head = 0
  }
}
