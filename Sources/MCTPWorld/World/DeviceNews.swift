internal import MCTPSimulation
internal import MCTPWire

/// What happens at one device: told to the observers, and kept until the world collects it.
///
/// Kept by the device's endpoint, which it knows nothing of.
final class DeviceNews: EndpointWitness {
  /// The device's `nextOutcome` has something.
  private(set) var hasOutcome = false
  /// Requests that reached the device to be echoed, for the traffic to look at.
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

  /// A neighbour of another make saw what no standard allows.
  func complained(_ complaint: String) {
    for observer in clock.observers { observer.deviceComplained(complaint, device: device) }
  }

  private func tell() {
    guard !isTold else { return }
    isTold = true
    clock.devicesWithNews.append(device)
  }
}
