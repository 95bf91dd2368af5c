internal import AdminProtocol
internal import BusIO
internal import MCTPWire
internal import Topology

// `router-ctl probe`: who acknowledges on a bus. One probe at a time in the whole router, because
// it shares its bus with packets.
extension Router {
  /// Who asked, and until when they wait.
  struct Probe {
    let connection: AdminConnectionID
    let requestID: UInt32
    let port: PortID
    let deadline: Instant
  }

  /// Starts a probe; the reply line comes when it ends, or now when it cannot start.
  func beginProbe(
    _ request: ProbeRequest, requestID: UInt32, for connection: AdminConnectionID
  ) throws(AdminError) -> [UInt8]? {
    let configured = try port(named: request.port)
    guard let bus = probedBuses[configured.id] else {
      throw AdminError(
        .invalidParameter, "port \(configured.name) has no /dev/i2c-* to probe through",
        hint: "see the column DEVICE of `router-ctl ports`")
    }
    guard probe == nil else {
      throw AdminError(.busy, "another probe is under way", hint: "try again when it is done")
    }
    guard port(configured.id).condition.isUp else {
      throw AdminError(
        .portDown, "port \(configured.name) is down", hint: "see `router-ctl ports`")
    }
    let addresses = request.address.map { [$0] } ?? ProbeRequest.addresses.map { UInt8($0) }
    bus.startProbe(addresses, asksUDID: true, now: now)
    probe = Probe(
      connection: connection, requestID: requestID, port: configured.id,
      deadline: now.advanced(byMs: UInt32(request.timeoutMs)))
    return nil
  }

  /// Answers the client whose probe has ended, whatever the end.
  func finishProbe() {
    guard let probe, let bus = probedBuses[probe.port] else { return }
    if let results = bus.finishedProbe() {
      let answer = ProbeResult(
        port: name(of: probe.port), rows: results.map { ProbeResult.Row($0) })
      end(probe, AdminReplyLine.success(id: probe.requestID, answer))
    } else if !port(probe.port).condition.isUp {
      end(
        probe,
        AdminReplyLine.failure(
          id: probe.requestID,
          AdminError(
            .portDown, "port \(name(of: probe.port)) went down", hint: "see `router-ctl ports`")))
    } else if probe.deadline <= now {
      end(
        probe,
        AdminReplyLine.failure(
          id: probe.requestID,
          AdminError(
            .timedOut, "the bus did not get through all addresses within the time-out",
            hint: "a longer --timeout, or --address for one of them")))
    }
  }

  private func end(_ probe: Probe, _ line: [UInt8]) {
    probedBuses[probe.port]?.cancelProbe()
    admin?.reply(line, to: probe.connection)
    self.probe = nil
  }
}

extension ProbeResult.Row {
  fileprivate init(_ result: I2CProbeResult) {
    let (outcome, cause): (String, String?) =
      switch result.finding {
      case .acknowledged: ("acknowledged", nil)
      case .notAcknowledged: ("not-acknowledged", nil)
      case .usedByDriver: ("kernel-driver", nil)
      case .failed(let cause): ("failed", cause)
      }
    self.init(
      address: PhysicalAddress.i2c(result.address).description, outcome: outcome, cause: cause,
      vendorID: result.udid?.vendorID, deviceID: result.udid?.deviceID,
      claimsMCTP: result.udid?.claimsMCTP)
  }
}
