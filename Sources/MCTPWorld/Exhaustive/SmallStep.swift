/// One thing that may happen next on a small board.
enum SmallStep: Hashable, Sendable {
  /// The oldest packet of a channel arrives.
  case deliver(channel: Int)
  /// Time goes on to the next deadline of a router.
  case timeOut
  /// A device asks another one, through the routers.
  case ping(from: Int, to: Int)
  case portUp(router: Int, port: Int)
  case start(router: Int)

  // Faults, of which a path has few.
  case lose(channel: Int)
  /// The oldest packet of a channel is there twice.
  case duplicate(channel: Int)
  case restart(device: Int)
  case portDown(router: Int, port: Int)
  case kill(router: Int, keepsLeases: Bool)

  var isFault: Bool {
    switch self {
    case .deliver, .timeOut, .ping, .portUp, .start: false
    case .lose, .duplicate, .restart, .portDown, .kill: true
    }
  }
}
