// Which devices of a wire have something to do. A device that has nothing sleeps until its deadline
// or until something happens to it: a wire with many devices moves at the price of the busy ones.

internal import MCTPWire

struct DeviceRounds {
  private static let never = Instant(nanoseconds: .max)

  private var isAwake: [Bool] = []
  private var deadlines: [Instant] = []

  /// One more device, the last; awake.
  mutating func add() {
    isAwake.append(true)
    deadlines.append(DeviceRounds.never)
  }

  func isAwake(_ device: Int) -> Bool { isAwake[device] }

  /// The device must be looked at in the next round.
  mutating func wake(_ device: Int) { isAwake[device] = true }

  /// What the device does by itself may have changed. Wakes it.
  ///
  /// - Parameter deadline: when it has to do something by itself; nil for never.
  mutating func wake(_ device: Int, deadline: Instant?) {
    settle(device, isAwake: true, deadline: deadline)
  }

  /// The device was looked at.
  mutating func settle(_ device: Int, isAwake: Bool, deadline: Instant?) {
    self.isAwake[device] = isAwake
    deadlines[device] = deadline ?? DeviceRounds.never
  }

  func isDue(_ device: Int, _ now: Instant) -> Bool {
    isAwake[device] || deadlines[device] <= now
  }

  /// The earliest of all devices, those that are awake included.
  var nextDeadline: Instant? {
    var earliest = DeviceRounds.never
    for deadline in deadlines where deadline < earliest { earliest = deadline }
    return earliest < DeviceRounds.never ? earliest : nil
  }
}
