// The control requests of one router: which are under way, to whom, since when.
//
// Owns one entry for each request that left, until nobody can take its instance ID for a new one
// any more. Lives as long as the router.

internal import MCTPWire

struct OwnRequest {
  /// All attempts at it.
  let place: RoutingModel.Place
  let destination: UInt8
  let source: UInt8
  let instanceID: UInt8
  let tag: UInt8
  let command: UInt8
  /// First data bytes, 0 where there are none: operation, EID or count, first EID.
  let arguments: (UInt8, UInt8, UInt8)
  let digest: UInt64
  /// `RoutingModel.epoch(of:)` when it left first.
  var epoch: UInt32
  let firstAt: Instant
  var lastAt: Instant
  var attemptCount = 1
  /// The last attempt reached the wire whole.
  var isSent = false
  var isAnswered = false
}

struct OwnRequests {
  /// How long an instance ID stays with its request: MT4 (DSP0237 1.1.0 Table 9: 5 to 6 s).
  static let expiryMs: UInt32 = 5000

  private(set) var all: [OwnRequest] = []

  subscript(index: Int) -> OwnRequest {
    get { all[index] }
    set { all[index] = newValue }
  }

  /// The request that a packet repeats; nil for a new one. A repetition that waited in the queue
  /// leaves although the answer has come meanwhile.
  func repeated(by digest: UInt64, to place: RoutingModel.Place, now: Instant) -> Int? {
    all.lastIndex {
      $0.digest == digest && $0.place == place && now < $0.lastAt.advanced(byMs: Self.expiryMs)
    }
  }

  /// The latest request to a responder that is not answered.
  func open(at place: RoutingModel.Place, destination: UInt8) -> Int? {
    all.lastIndex { $0.place == place && $0.destination == destination && !$0.isAnswered }
  }

  /// The request that a response answers.
  func answered(
    by place: RoutingModel.Place, command: UInt8, instanceID: UInt8, tag: UInt8
  ) -> Int? {
    all.lastIndex {
      $0.place == place && $0.command == command && $0.instanceID == instanceID && $0.tag == tag
        && !$0.isAnswered
    }
  }

  mutating func append(_ request: OwnRequest) { all.append(request) }

  /// Requests that ended so long ago that nothing follows from them any more.
  mutating func forget(before now: Instant) {
    guard all.count >= 64 else { return }
    all.removeAll { $0.lastAt.advanced(byMs: 2 * Self.expiryMs) < now }
  }

  mutating func remove(port: UInt8) { all.removeAll { $0.place.port == port } }
}
