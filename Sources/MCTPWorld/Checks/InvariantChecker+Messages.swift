// Messages of several packets to the router itself: one that came whole and in order from one place
// is taken, whatever others send meanwhile (DSP0236 1.3.3 §8.9).

internal import MCTPEngine
public import MCTPWire

extension InvariantChecker {
  /// A packet is handed to the programs of the router.
  func noteDelivered(_ arrival: Arrival) {
    let place = RoutingModel.Place(port: UInt8(arrival.ingress), address: arrival.address)
    routers[arrival.router].duties.reassembly.forget(before: now)
    whole = routers[arrival.router].duties.reassembly.take(arrival.packet, at: place, now: now)
  }

  public func messageEnded(_ reason: DropReason?, router: Int) {
    guard violation == nil, let message = whole else { return }
    whole = nil
    guard let reason, !Self.isOfTheMessage(reason) else { return }
    fail(
      "messages",
      "\(place(router, message.place)): a message of \(message.packetCount) packets from EID "
        + "\(message.source) at \(message.place.address) to EID \(message.destination) came whole "
        + "and in order, and it ended as \(reason)")
  }

  /// What the message itself, or the want of a question, is the cause of.
  private static func isOfTheMessage(_ reason: DropReason) -> Bool {
    switch reason {
    case .messageIntegrity, .messageTooLong, .responseUnexpected, .unexpectedTag,
      .messageTypeUnsupported:
      true
    default: false
    }
  }
}
