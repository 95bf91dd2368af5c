// Where and since when nothing was done to wires and devices, so that a neighbour's complaint is
// the router's fault alone.

internal import MCTPNeighbours
internal import MCTPWire

struct WireCalm {
  /// How long a device, or a router, that began anew is at odds with what was under way: MT4
  /// (DSP0237 1.1.0 Table 9).
  private static let settleMs: UInt32 = 6000

  private let board: Board
  /// By wire: frames may have been damaged, lost, doubled or late.
  private var isDisturbed: [Bool]
  /// By wire: a router on it began anew, or stood still.
  private var routersCalmAt: [Instant]
  private var devicesCalmAt: [Instant]
  /// By device: it has had other habits.
  private var hasChanged: [Bool]

  init(_ board: Board) {
    self.board = board
    isDisturbed = board.wires.map { _ in false }
    routersCalmAt = board.wires.map { _ in .zero }
    devicesCalmAt = board.devices.map { _ in .zero }
    hasChanged = board.devices.map { _ in false }
  }

  mutating func note(_ event: WorldEvent, at now: Instant) {
    let calmAt = now.advanced(byMs: Self.settleMs)
    switch event {
    case .insert(let device), .remove(let device), .restart(let device),
      .exchange(let device, _):
      for index in board.devices.indices
      where index == device || board.devices[index].behind == device {
        devicesCalmAt[index] = calmAt
      }
    case .temperament(let device, _), .habits(let device, _): hasChanged[device] = true
    case .faults(let wire, _), .cut(let wire), .mend(let wire): disturb(wire)
    case .kill(let router), .killAfter(let router, _), .start(let router, _),
      .portDown(let router, _), .portUp(let router, _), .topology(let router, _):
      unsettle(router, until: calmAt)
    case .lag(let router, let ms): unsettle(router, until: calmAt.advanced(byMs: ms))
    case .grants, .sends, .command, .load: break
    }
  }

  private mutating func disturb(_ wire: Int) {
    let mux = board.wires[wire].mux
    for index in board.wires.indices
    where index == wire || (mux != nil && board.wires[index].mux == mux) {
      isDisturbed[index] = true
    }
  }

  private mutating func unsettle(_ router: Int, until calmAt: Instant) {
    for joint in board.joints where joint.router == router {
      routersCalmAt[joint.wire] = max(routersCalmAt[joint.wire], calmAt)
    }
  }

  /// The device's complaint has no other cause than the router.
  func isJust(_ complaint: String, _ device: Int, at now: Instant) -> Bool {
    let wire = board.devices[device].wire
    guard !isDisturbed[wire], devicesCalmAt[device] <= now, !hasChanged[device] else {
      return false
    }
    // A process that is new knows nothing of what its former one asked.
    return !Self.isOfOrder(complaint) || routersCalmAt[wire] <= now
  }

  /// What one asks after another, and what is answered to which question.
  static func isOfOrder(_ complaint: String) -> Bool {
    complaint == NeighbourComplaint.twoRequests || complaint == NeighbourComplaint.reusedInstance
      || complaint == NeighbourComplaint.mismatchedAnswer
  }
}
