internal import MCTPNeighbours

/// What the swarm may draw; the raw values are the words of scenario files.
public enum FaultKind: String, CaseIterable, Hashable, Sendable {
  // Wires.
  case loss
  case duplicate
  case damage
  case burst
  case delay
  case nak
  case arbitration
  case hold
  case interruptLoss = "interrupt-loss"
  case byteLoss = "byte-loss"
  case noise
  case cut
  // Devices.
  case silent
  case slow
  case twice
  case moody
  case forgetful
  case liar
  case flood
  case garbage
  case garbageFrames = "garbage-frames"
  case restart
  case unplug
  case late
  // Routers.
  case kill
  case portDown = "port-down"
  // The whole board.
  case overload
  case stays
  case otherMake = "other-make"
  // Neighbours: any.
  case trailing
  case missing
  case errorCode = "error-code"
  case notReady = "not-ready"
  case refusesSet = "refuses-set"
  case `static`
  case wrongSetting = "wrong-setting"
  case keepsEID = "keeps-eid"
  case needsSet = "needs-set"
  case hidesControl = "hides-control"
  case notifyStorm = "notify-storm"
  case spoof
  case broken
  case asks
  case deaf
  case frameSource = "frame-source"
  case exchange
  // Neighbours: bridges.
  case poolAnswer = "pool-answer"
  case poolTells = "pool-tells"
  case poolWish = "pool-wish"
  case poolClaim = "pool-claim"
  case neverAllocated = "never-allocated"
  case saysNoPool = "says-no-pool"
  case refusesSecond = "refuses-second"
  case tableForm = "table-form"
  case tableMisses = "table-misses"
  case settles
  case refusesUpdate = "refuses-update"
  case keepsPool = "keeps-pool"
  // Neighbours: owners.
  case ignoresNotify = "ignores-notify"
  case assignsOnce = "assigns-once"
  case forces
  case nullSource = "null-source"
  case renumber

  enum Subject: Hashable, Sendable {
    case wire
    case device
    case router
    case joint
    case board
    case neighbour
    case bridge
    case owner
  }

  var subject: Subject {
    switch self {
    case .loss, .duplicate, .damage, .burst, .delay, .nak, .arbitration, .hold, .interruptLoss,
      .byteLoss, .noise, .cut:
      .wire
    case .silent, .slow, .twice, .moody, .forgetful, .liar, .flood, .garbage, .garbageFrames,
      .restart, .unplug, .late:
      .device
    case .kill: .router
    case .portDown: .joint
    case .overload, .stays, .otherMake: .board
    case .trailing, .missing, .errorCode, .notReady, .refusesSet, .static, .wrongSetting, .keepsEID,
      .needsSet, .hidesControl, .notifyStorm, .spoof, .broken, .asks, .deaf, .frameSource,
      .exchange:
      .neighbour
    case .poolAnswer, .poolTells, .poolWish, .poolClaim, .neverAllocated, .saysNoPool,
      .refusesSecond, .tableForm, .tableMisses, .settles, .refusesUpdate, .keepsPool:
      .bridge
    case .ignoresNotify, .assignsOnce, .forces, .nullSource, .renumber: .owner
    }
  }

  /// What a neighbour does that is not of our making.
  public var isHabit: Bool { [.neighbour, .bridge, .owner].contains(subject) }

  /// Whether a device can have the habit.
  func applies(to device: Board.Device) -> Bool {
    guard let neighbour = device.neighbour else { return false }
    switch (self, subject, neighbour.role) {
    case (.deaf, _, _): return neighbour.medium == .serial
    case (.frameSource, _, _): return device.address.i2cAddress != nil
    case (.static, _, .owner), (.exchange, _, .owner), (.needsSet, _, .owner): return false
    case (.static, _, _): return neighbour.eid != 0
    case (_, .bridge, .bridge), (_, .owner, .owner), (_, .neighbour, _): return true
    default: return false
    }
  }

  /// Whether a wire of this medium can have the fault, as `FrameFaults` says.
  func applies(to medium: Board.Medium) -> Bool {
    switch (self, medium) {
    case (.nak, .serial), (.arbitration, .serial), (.arbitration, .i3c): false
    case (.interruptLoss, .i2c), (.interruptLoss, .serial): false
    case (.byteLoss, .i2c), (.byteLoss, .i3c), (.noise, .i2c), (.noise, .i3c): false
    default: true
    }
  }
}
