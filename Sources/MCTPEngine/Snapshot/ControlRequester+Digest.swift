// The requests under way in a digest.

internal import MCTPWire

extension ControlRequester {
  func addState(to digest: inout StateDigest) {
    precondition(outcomes.isEmpty, "outcomes are taken before a verb ends")
    for port in ports {
      port.bucket.addState(to: &digest)
      digest.add(UInt64(port.nextInstanceID.rawValue) | UInt64(port.nextTag) << 8)
    }
    digest.add(requests.count)
    for request in requests { request.addState(to: &digest) }
    digest.add(peers.count)
    for peer in peers {
      let expiryMs = ports[Int(peer.responder.port.rawValue)].timing.instanceIDExpiryMsMax
      peer.addState(expiryMs: expiryMs, to: &digest)
      // Who was idle longest has to leave, once all places are taken.
      if peers.count == peerCountMax { digest.add(peer.lastUse) }
    }
    digest.add(randomState)
  }
}

extension ControlResponder {
  fileprivate var port: PortID {
    switch self {
    case .device(let port, _), .endpoint(let port, _), .everyone(let port): port
    }
  }

  fileprivate func addState(to digest: inout StateDigest) {
    switch self {
    case .device(let port, let address):
      digest.add(UInt64(port.rawValue))
      digest.add(address)
    case .endpoint(let port, let eid):
      digest.add(UInt64(port.rawValue) | 1 << 8)
      digest.add(eid)
    case .everyone(let port): digest.add(UInt64(port.rawValue) | 2 << 8)
    }
  }
}

extension TokenBucket {
  fileprivate func addState(to digest: inout StateDigest) {
    digest.addFuture(fullAt)
    digest.add(UInt64(slowdown))
  }
}

extension ControlPeer {
  fileprivate func addState(expiryMs: UInt32, to digest: inout StateDigest) {
    responder.addState(to: &digest)
    digest.add(UInt64(failuresInARow))
    digest.add(openCount)
    bucket.addState(to: &digest)
    instanceIDs.addState(to: &digest)
    guard let finished, digest.now <= finished.time.advanced(byMs: expiryMs).nanoseconds else {
      return digest.add(UInt64(1) << 33)
    }
    digest.add(
      UInt64(finished.instanceID.rawValue) | UInt64(finished.command.rawValue) << 8
        | (finished.wasAnswered ? 1 << 16 : 0))
    digest.add(finished.time)
  }
}

extension InstanceIDMemory {
  /// As it is once it is told the time, which each verb does first.
  fileprivate func addState(to digest: inout StateDigest) {
    var present = self
    present.advance(to: Instant(nanoseconds: digest.now))
    let (first, second, third, fourth, fifth) = present.spans
    digest.add(UInt64(first) | UInt64(second) << 32)
    digest.add(UInt64(third) | UInt64(fourth) << 32)
    digest.add(UInt64(fifth))
    // What has been noted leaves at the next borders of spans; with nothing noted they do not
    // matter until something is.
    digest.add(digest.now % InstanceIDMemory.spanNanoseconds)
  }
}

extension PendingRequest {
  fileprivate func addState(to digest: inout StateDigest) {
    digest.add(destination.port)
    digest.add(destination.address)
    digest.add(destination.eid)
    digest.add(destination.isBehindBridge)
    digest.add(source)
    digest.add(body.span)
    digest.add(UInt64(command.rawValue))
    options.addState(to: &digest)
    digest.add(UInt64(responseTimeoutMs) << 8 | UInt64(retryCount))
    digest.add(peer)
    digest.addFuture(notBefore)
    digest.add(
      UInt64(notReadyCount) | (isCancelled ? 1 << 8 : 0) | UInt64(transmissionsOfAll) << 16)
    switch state {
    case .waiting: return digest.add(0)
    case .retryDue: digest.add(1)
    case .awaiting(let until): digest.add(until)
    }
    digest.add(
      UInt64(instanceID.rawValue) | UInt64(tag.rawValue) << 8 | UInt64(transmissions) << 16
        | UInt64(undelivered) << 24)
    digest.add(firstSent)
  }
}

extension ControlRequestOptions {
  fileprivate func addState(to digest: inout StateDigest) {
    digest.add(
      UInt64(priority.rawValue) | UInt64(retryCount ?? .max) << 8
        | (endsWhenUndelivered ? 1 << 16 : 0) | (isDatagram ? 1 << 17 : 0)
        | UInt64(responseTimeoutMs ?? .max) << 32)
    digest.addFuture(notBefore)
  }
}
