internal import MCTPEndpoint
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// The simulated devices of a router, whatever bus they are on, as places to send messages from.
final class SimulatedStations {
  /// What moves a device's packets.
  enum Place {
    case i2c(SimulatedI2CLink)
    case i3c(SimulatedI3CLink)
    case serial(SimulatedSerialLine, token: UInt64)
  }

  enum Outcome {
    case response([UInt8], source: EID, at: Instant)
    case timedOut
    case lost(DropReason)
  }

  private struct Station {
    let endpoint: SimulatedEndpoint
    let network: UInt8
    let port: PortID
    let address: PhysicalAddress
    let place: Place
  }

  private struct Key: Hashable {
    let station: Int
    let ticket: RequestTicket
  }

  private var stations: [Station] = []
  private var lines: [(line: SimulatedSerialLine, token: UInt64)] = []
  private var cables: [OpenCable] = []
  private var waiting: [Key: OwnExchanges.Waiting] = [:]

  /// - Parameter address: the device's own on the bus of its port.
  func add(
    _ endpoint: SimulatedEndpoint, on port: Topology.Port, at address: PhysicalAddress,
    place: Place
  ) {
    stations.append(
      Station(
        endpoint: endpoint, network: port.network, port: port.id, address: address, place: place))
    if case .serial(let line, let token) = place { lines.append((line, token)) }
  }

  /// Keeps a line without a device alive.
  func add(_ cable: OpenCable) { cables.append(cable) }

  /// When a serial line's device has something to do; buses report through their ports.
  var nextDeadline: Instant? {
    var deadline: Instant?
    for (line, _) in lines { deadline = earliest(deadline, line.nextDeadline) }
    return deadline
  }

  func advance(to now: Instant) {
    for (line, _) in lines {
      if let deadline = line.nextDeadline, deadline <= now { line.service(now: now) }
    }
  }

  /// A descriptor of a serial line is ready.
  func service(token: UInt64, now: Instant) {
    for (line, known) in lines where known == token { line.service(now: now) }
  }

  func stop() {
    for (line, _) in lines { line.stop() }
    lines = []
  }

  func hasDevice(eid: EID, network: UInt8) -> Bool { index(of: eid, network) != nil }

  /// The EID that the device at a place has at present, wherever it got it; null for none.
  func eid(on port: PortID, at address: PhysicalAddress) -> EID {
    stations.first { $0.port == port && $0.address == address }?.endpoint.eid ?? .null
  }

  private func index(of eid: EID, _ network: UInt8) -> Int? {
    stations.firstIndex { $0.endpoint.eid == eid && $0.network == network }
  }

  /// Lets a device send a request; its outcome comes from `nextOutcome`.
  func request(
    _ body: Span<UInt8>, from eid: EID, network: UInt8, to destination: EID, timeoutMs: UInt32,
    waiter: OwnExchanges.Waiting, now: Instant
  ) throws(SendError) {
    guard let index = index(of: eid, network) else { throw .peerUnaddressable }
    let station = stations[index]
    let ticket = try station.endpoint.request(
      body, to: destination, timeoutMs: timeoutMs, now: now)
    waiting[Key(station: index, ticket: ticket)] = waiter
    switch station.place {
    case .i2c(let link): link.withSegment(now: now) { _ in }
    case .i3c(let link): link.withSegment(now: now) { _ in }
    case .serial(let line, _): line.withEndpoint(now: now) { _ in }
    }
  }

  /// The next request that ended; nil when none has.
  func nextOutcome() -> (OwnExchanges.Waiting, Outcome)? {
    guard !waiting.isEmpty else { return nil }
    for (index, station) in stations.enumerated() {
      while let outcome = station.endpoint.nextOutcome() {
        let (ticket, ended): (RequestTicket, Outcome) =
          switch outcome {
          case .answered(let ticket, let eid, let body, let time):
            (ticket, .response(body, source: eid, at: time))
          case .timedOut(let ticket): (ticket, .timedOut)
          case .failed(let ticket, let reason): (ticket, .lost(reason))
          }
        if let waiter = waiting.removeValue(forKey: Key(station: index, ticket: ticket)) {
          return (waiter, ended)
        }
      }
    }
    return nil
  }
}
