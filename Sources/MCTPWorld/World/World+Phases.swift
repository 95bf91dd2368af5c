internal import MCTPSimulation
internal import MCTPWire
internal import Topology

// The phases of a run: trouble, quiet, the last call.
extension World {
  /// Choice: an eighth of the traffic while the board recovers: enough to disturb, and a run is
  /// mostly that.
  private static let quietSlowdown: UInt32 = 8

  /// False when the run is over.
  func enterNextPhase() -> Bool {
    switch phase {
    case .troubled:
      phase = .quiet
      calm()
      traffic.slowDown(by: Self.quietSlowdown, from: plan.traffic)
      phaseEndsAt = plan.quietFrom.advanced(byMs: plan.recoveryMs)
      planRehearsal()
      return true
    case .quiet:
      phase = .lastCall
      traffic.stop(at: now)
      startLastCall()
      return violation == nil
    case .lastCall:
      for request in traffic.requests where request.purpose == .lastCall {
        clock.fail("recovery", describe(request, "is unanswered at the end"))
      }
      return false
    }
  }

  /// Switches off all that goes wrong and does not stay.
  private func calm() {
    for index in plan.board.wires.indices {
      let wire = wires.wire(index)
      if wire.faults != .none, !plan.stays(.faults(wire: index)) {
        perform(.faults(wire: index, .none))
      }
      if wire.isCut, !plan.stays(.cable(wire: index)) { perform(.mend(wire: index)) }
    }
    for index in devices.indices where !plan.stays(.temperament(device: index)) {
      let (device, part) = (devices[index], plan.board.devices[index])
      if device.temperament != .good { perform(.temperament(device: index, .good)) }
      if part.behind == nil, let habits = device.habits, habits != part.habits {
        perform(.habits(device: index, part.habits))
      }
    }
    for (index, router) in routers.enumerated() {
      router.state.isGood = true
      router.life?.cutShort(after: nil)
      for port in router.topology.ports
      where !router.isPresent(port.id) && !plan.stays(.port(router: index, port.id)) {
        perform(.portUp(router: index, port: port.id))
      }
      if router.life == nil, !plan.stays(.process(router: index)) {
        perform(.start(router: index, keepsLeases: true))
      }
    }
    settle()
  }
}
