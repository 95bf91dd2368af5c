internal import MCTPSimulation
internal import MCTPWire

/// One medium with the devices and router ports on it, in virtual time.
///
/// Life: `advance(to:)` at `nextDeadline` and after every call that a router or an event made,
/// which sets `isTouched`.
protocol Wire: AnyObject {
  var alarm: WireAlarm { get }
  /// When something happens by itself; nil while everything is idle.
  var nextDeadline: Instant? { get }
  /// Does what is due at `now`; nothing is due before.
  func step(_ now: Instant)
  /// Puts a device on the wire or takes it off.
  func setPresent(_ isPresent: Bool, device: Int, now: Instant)
  /// Switches a device off and on.
  func restart(device: Int, now: Instant)
  func setTemperament(_ temperament: Temperament, device: Int)
  /// A device was given something to send.
  func touch(device: Int)
  var faults: FrameFaults { get set }
  /// What they did so far.
  var faultCounts: [FrameImpairment.Counts] { get }
  /// While true, nothing passes.
  var isCut: Bool { get set }
}

extension Wire {
  /// Moves the wire and its devices on to `now`, one thing after the other.
  func advance(to now: Instant) {
    while let next = nextDeadline, next < now { step(next) }
    step(now)
  }

  /// Something was put on the wire, or waits at a device, since the last `advance`.
  var isTouched: Bool {
    get { alarm.isTouched }
    set { alarm.isTouched = newValue }
  }
}

/// When a wire has to move: beside the wire, because all of them are asked at every step.
final class WireAlarm {
  /// See `Wire.isTouched`.
  var isTouched = false
  /// `Wire.nextDeadline` after the last `advance`.
  var deadline: Instant?

  func isDue(_ now: Instant) -> Bool {
    if isTouched { return true }
    guard let deadline else { return false }
    return deadline <= now
  }
}
