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

  enum Subject: Hashable, Sendable {
    case wire
    case device
    case router
    case joint
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
