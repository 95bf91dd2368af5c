internal import MCTPSimulation
internal import MCTPWire

/// A device of the board: its endpoint, and what the world knows of it.
final class WorldDevice {
  let index: Int
  let part: Board.Device
  /// See `Board`: asked for each request of the traffic.
  let canBegin: Bool
  let network: UInt8
  let endpoint: SimulatedEndpoint
  let news: DeviceNews
  /// Is on its wire.
  var isPresent: Bool

  init(_ part: Board.Device, of board: Board, index: Int, clock: WorldClock, seed: UInt64) {
    self.index = index
    self.part = part
    canBegin = board.canBegin(part)
    network = board.network(of: part)
    isPresent = part.isPresent
    news = DeviceNews(device: index, clock: clock)
    endpoint = SimulatedEndpoint(part.configuration, seed: seed)
    endpoint.temperament = part.temperament
    endpoint.witness = news
  }
}

/// What happens at one device: told to the observers, and kept until the world collects it.
///
/// Kept by the device's endpoint, which it knows nothing of.
final class DeviceNews: EndpointWitness {
  /// `endpoint.nextOutcome` has something.
  private(set) var hasOutcome = false
  /// Vendor-defined requests that reached the device, for the traffic to look at.
  private(set) var echoed: [[UInt8]] = []

  private let device: Int
  private let clock: WorldClock
  /// The clock knows that there is something to collect.
  private var isTold = false

  init(device: Int, clock: WorldClock) {
    self.device = device
    self.clock = clock
  }

  /// Everything was collected.
  func clear() {
    hasOutcome = false
    echoed.removeAll(keepingCapacity: true)
    isTold = false
  }

  func received(_ packet: Span<UInt8>, from address: PhysicalAddress) {
    for observer in clock.observers {
      observer.deviceReceived(packet, device: device, from: address)
    }
  }

  func sent(_ packet: Span<UInt8>, to address: PhysicalAddress) {
    for observer in clock.observers { observer.deviceSent(packet, device: device, to: address) }
  }

  func dropped(_ reason: DropReason, packets: Int) {
    for observer in clock.observers { observer.deviceDamaged(reason, device: device) }
  }

  func echoing(_ body: [UInt8], from source: EID) {
    echoed.append(body)
    tell()
  }

  func finishedRequest() {
    hasOutcome = true
    tell()
  }

  private func tell() {
    guard !isTold else { return }
    isTold = true
    clock.devicesWithNews.append(device)
  }
}
