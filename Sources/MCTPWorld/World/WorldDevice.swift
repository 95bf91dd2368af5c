internal import MCTPEndpoint
internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

/// A device of the board: what answers there, and what the world knows of it.
final class WorldDevice {
  /// What answers: an endpoint made of the product's own codecs, or a neighbour of another make.
  enum Stack {
    case ours(SimulatedEndpoint)
    case neighbour(Neighbour)
  }

  /// How a request of this device ended.
  enum Outcome {
    case answered(RequestTicket, body: [UInt8])
    case timedOut(RequestTicket)
    case failed(RequestTicket, String)
  }

  let index: Int
  let part: Board.Device
  /// See `Board`: asked for each request of the traffic.
  let canBegin: Bool
  let network: UInt8
  let stack: Stack
  let news: DeviceNews
  /// Is on its wire.
  var isPresent: Bool
  /// Of a neighbour, not collected yet.
  private var outcomes: [Outcome] = []

  init(
    _ part: Board.Device, of board: Board, index: Int, clock: WorldClock, stack: Stack
  ) {
    self.index = index
    self.part = part
    self.stack = stack
    canBegin = board.canBegin(part)
    network = board.network(of: part)
    isPresent = part.isPresent
    news = DeviceNews(device: index, clock: clock)
    guard case .ours(let endpoint) = stack else { return }
    endpoint.temperament = part.temperament
    endpoint.witness = news
  }

  /// Null until one is assigned.
  var eid: EID {
    switch stack {
    case .ours(let endpoint): endpoint.eid
    case .neighbour(let neighbour): EID(neighbour.eid)
    }
  }

  /// Ours only: a neighbour has habits.
  func set(_ temperament: Temperament) {
    if case .ours(let endpoint) = stack { endpoint.temperament = temperament }
  }

  var temperament: Temperament {
    if case .ours(let endpoint) = stack { endpoint.temperament } else { .good }
  }

  /// Types whose messages come back: what it announces, and the vendor-defined one.
  var echoedTypes: [UInt8] {
    let types =
      switch stack {
      case .ours: part.configuration.messageTypes.map(\.rawValue)
      case .neighbour(let neighbour): neighbour.configuration.messageTypes
      }
    let echoed = types.filter { $0 != 0 }
    return echoed.isEmpty ? [0x7E] : echoed
  }

  /// Of a neighbour; nil for ours.
  var habits: NeighbourHabits? {
    if case .neighbour(let neighbour) = stack { neighbour.habits } else { nil }
  }

  /// When `advance` has something to do; nil while nothing is under way.
  var nextDeadline: Instant? {
    switch stack {
    case .ours(let endpoint): endpoint.nextDeadline
    case .neighbour(let neighbour): neighbour.nextDeadline.map { Instant(nanoseconds: $0) }
    }
  }

  func advance(to now: Instant) {
    switch stack {
    case .ours(let endpoint): endpoint.advance(to: now)
    case .neighbour(let neighbour): neighbour.advance(to: now.nanoseconds)
    }
  }

  /// Asks another device; nil when memory or tags are used up.
  ///
  /// - Parameter body: type byte included.
  func request(
    _ body: [UInt8], to remote: EID, timeoutMs: UInt32, now: Instant
  ) -> RequestTicket? {
    switch stack {
    case .ours(let endpoint):
      return try? endpoint.request(body.span, to: remote, timeoutMs: timeoutMs, now: now)
    case .neighbour(let neighbour):
      return neighbour.request(
        body, to: remote.rawValue, timeoutMs: timeoutMs, now: now.nanoseconds
      ).map { RequestTicket(rawValue: $0) }
    }
  }

  /// The oldest outcome that was not collected.
  func nextOutcome() -> Outcome? {
    switch stack {
    case .ours(let endpoint):
      switch endpoint.nextOutcome() {
      case .answered(let ticket, _, let body, _): .answered(ticket, body: body)
      case .timedOut(let ticket): .timedOut(ticket)
      case .failed(let ticket, let reason): .failed(ticket, "\(reason)")
      case nil: nil
      }
    case .neighbour:
      outcomes.isEmpty ? nil : outcomes.removeFirst()
    }
  }

  /// A request of a neighbour ended.
  func take(_ outcome: Neighbour.Outcome) {
    switch outcome {
    case .answered(let ticket, _, let body):
      outcomes.append(.answered(RequestTicket(rawValue: ticket), body: body))
    case .timedOut(let ticket): outcomes.append(.timedOut(RequestTicket(rawValue: ticket)))
    case .failed(let ticket):
      outcomes.append(.failed(RequestTicket(rawValue: ticket), "the neighbour gave up"))
    }
    news.finishedRequest()
  }
}
