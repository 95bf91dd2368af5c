// The devices of a wire, and which of them have something to do. A device that has nothing sleeps
// until its deadline or until something happens to it: a wire with many devices moves at the price
// of the busy ones.

internal import MCTPSimulation
internal import MCTPWire

struct WireDevices {
  private static let never = Instant(nanoseconds: .max)

  /// When the wire moved last.
  var lastStepAt = Instant.zero

  private var devices: [WorldDevice] = []
  private var awake: [Bool] = []
  private var deadlines: [Instant] = []

  subscript(index: Int) -> WorldDevice { devices[index] }

  /// One more device, the last; awake.
  mutating func add(_ device: WorldDevice) {
    devices.append(device)
    awake.append(true)
    deadlines.append(WireDevices.never)
  }

  /// Where a device of the board is among those of this wire.
  func indices(of device: Int) -> [Int] {
    devices.indices.filter { devices[$0].index == device }
  }

  // ---- what happens to devices -------------------------------------------------------------

  mutating func setPresent(_ isPresent: Bool, _ index: Int) {
    catchUp(index)
    devices[index].isPresent = isPresent
    wake(index)
  }

  mutating func setTemperament(_ temperament: Temperament, of device: Int) {
    for index in indices(of: device) {
      catchUp(index)
      devices[index].set(temperament)
      wake(index)
    }
  }

  /// A device that slept knows the time as if it had been awake: its schedules begin from there.
  private func catchUp(_ index: Int) {
    if devices[index].isPresent { devices[index].advance(to: lastStepAt) }
  }

  // ---- sleep -------------------------------------------------------------------------------

  func isAwake(_ index: Int) -> Bool { awake[index] }

  /// The device must be looked at in the next round.
  mutating func rouse(_ index: Int) { awake[index] = true }

  /// What the device does by itself may have changed: wakes it. An absent one has no deadline.
  mutating func wake(_ index: Int) {
    let device = devices[index]
    settle(index, isAwake: true, deadline: device.isPresent ? device.nextDeadline : nil)
  }

  /// The device was looked at.
  ///
  /// - Parameter deadline: when it has to do something by itself; nil for never.
  mutating func settle(_ index: Int, isAwake: Bool, deadline: Instant?) {
    awake[index] = isAwake
    deadlines[index] = deadline ?? WireDevices.never
  }

  func isDue(_ index: Int, _ now: Instant) -> Bool { awake[index] || deadlines[index] <= now }

  /// The earliest of all devices, those that are awake included.
  var nextDeadline: Instant? {
    var earliest = WireDevices.never
    for deadline in deadlines where deadline < earliest { earliest = deadline }
    return earliest < WireDevices.never ? earliest : nil
  }
}
