// What must become of a packet, worked out from the entries of the routing table and the words of
// DSP0236 1.3.3 §8.7, §9 and §11. The engine's own decision is never asked.

import Fuzzing
import MCTPEngine
import MCTPWire

/// What the engine may make of one packet.
struct Judgement {
  /// More than one only where the table and the packet do not settle it.
  var allowed: [Disposition]
  /// Where the packet goes, if it is forwarded.
  var nextHop: PhysicalAddress?
  /// A control request that wants an answer.
  var isAnswerDue = false
  /// From an owner above that has our EID: only the packet shows it, so that the verdict on its
  /// EIDs is that it is dropped.
  var isHeardAllTheSame = false

  init(_ allowed: Disposition...) { self.allowed = allowed }
}

extension EngineRun {
  func judgement(
    of bytes: [UInt8], on ingress: Int, from address: PhysicalAddress
  ) -> Judgement {
    guard bytes.count >= 4 else { return Judgement(.dropped(.packetTooShort)) }
    guard bytes[0] & 0x0F == 1 else { return Judgement(.dropped(.headerVersion)) }
    let isStart = bytes[3] & 0x80 != 0
    guard bytes.count > 4 || !isStart else { return Judgement(.dropped(.packetTooShort)) }
    let (destination, source) = (bytes[1], bytes[2])
    if source == 0xFF || 1...7 ~= source { return Judgement(.dropped(.sourceEIDIllegal)) }
    if 1...7 ~= destination { return Judgement(.dropped(.destinationEIDIllegal)) }
    if isOwn(source, besides: ingress) {
      // The owner above may have been given our EID: it is heard, so that we get another.
      if destination == 0, configuration.ports[ingress].role == .endpoint,
        bytes[3] & 0xC8 == 0xC8, 7...68 ~= bytes.count, bytes[4] == 0, bytes[5] & 0x80 != 0
      {
        var judgement = localJudgement(of: bytes)
        judgement.isHeardAllTheSame = true
        return judgement
      }
      // A device with an EID of ours is heard by the bus owner, so that it gets another.
      return mayBeForOwner(bytes)
        ? Judgement(.dropped(.sourceIsSelf), .answered) : Judgement(.dropped(.sourceIsSelf))
    }
    if destination == 0 || destination == 0xFF || isOwn(destination, besides: ingress) {
      return isStart ? localJudgement(of: bytes) : Judgement(.deliver)
    }
    if source == 0 { return Judgement(.dropped(.nullSourceNotBridged)) }
    let routes = routes(to: destination, besides: ingress)
    guard let route = routes.first else { return Judgement(.dropped(.destinationUnroutable)) }
    let back = self.routes(to: source, besides: ingress).first
    let isSourceLegal =
      switch configuration.ports[ingress].sourceCheck {
      case .off: true
      case .loose: back != nil
      case .strict: back?.port == id(ingress)
      }
    guard isSourceLegal else { return Judgement(.dropped(.sourceNotBehindPort)) }
    guard route.port != id(ingress) || route.address != address else {
      return Judgement(.dropped(.nextHopIsSender))
    }
    var judgement = Judgement()
    judgement.nextHop = route.address
    judgement.allowed = routes.map { crossing($0, payloadByteCount: bytes.count - 4) }
    return judgement
  }

  /// A packet on its way out along one entry.
  private func crossing(_ route: RoutingTableEntry, payloadByteCount: Int) -> Disposition {
    let egress = Int(route.port.rawValue)
    let port = configuration.ports[egress]
    let limit = min(
      port.transmissionUnitBytes, route.transmissionUnitBytes.map { Int($0) } ?? .max)
    if payloadByteCount > limit { return .dropped(.transmissionUnitExceeded) }
    if !books.ports[egress].isUp { return .dropped(.portDown) }
    if books.ports[egress].queue.count == port.queueDepth { return .dropped(.egressQueueFull) }
    return .forwarded(route.port)
  }

  /// A start packet for this device.
  private func localJudgement(of bytes: [UInt8]) -> Judgement {
    let isTagOwner = bytes[3] & 0x08 != 0
    let type = MessageType(rawValue: bytes[4])
    guard type == .control else {
      let isAnnounced = configuration.messageTypes.contains { $0.type == type }
      return isAnnounced || !isTagOwner
        ? Judgement(.deliver) : Judgement(.dropped(.messageTypeUnsupported))
    }
    // One packet without a check of its own, Rq as TO, D in requests only.
    guard bytes[3] & 0x40 != 0, bytes[4] == 0, 7...68 ~= bytes.count,
      (bytes[5] & 0x80 != 0) == isTagOwner, isTagOwner || bytes[5] & 0x40 == 0
    else { return Judgement(.dropped(.controlMalformed)) }
    guard isTagOwner else {
      return mayBeForOwner(bytes) ? Judgement(.deliver, .answered) : Judgement(.deliver)
    }
    var judgement = Judgement(.answered)
    judgement.isAnswerDue = bytes[5] & 0x40 == 0
    return judgement
  }

  /// Whether the bus owner may have asked for it: which requests are open is its own matter.
  private func mayBeForOwner(_ bytes: [UInt8]) -> Bool {
    configuration.busOwner != nil && 8...68 ~= bytes.count && bytes[3] & 0xC8 == 0xC0
      && bytes[4] == 0 && bytes[5] & 0xC0 == 0
  }

  private func isOwn(_ eid: UInt8, besides port: Int) -> Bool {
    guard EID(eid).isAssignable else { return false }
    let network = configuration.ports[port].network
    return configuration.ports.contains {
      $0.network == network && engine.ownEID(on: $0.id) == EID(eid)
    }
  }

  /// The entry of this EID alone, else the ranges that hold it: all of them lead to one place, but
  /// what they carry may differ.
  private func routes(to eid: UInt8, besides port: Int) -> [RoutingTableEntry] {
    let own = configuration.ports[port].network
    var single: [RoutingTableEntry] = []
    var ranges: [RoutingTableEntry] = []
    engine.forEachEntry { network, entry in
      guard network == own, entry.firstEID.rawValue <= eid,
        Int(eid) < Int(entry.firstEID.rawValue) + Int(entry.eidCount)
      else { return }
      if entry.eidCount == 1 { single.append(entry) } else { ranges.append(entry) }
    }
    let found = single.isEmpty ? ranges : single
    for entry in found {
      precondition(
        entry.port == found[0].port && entry.address == found[0].address,
        "two routes for one EID that lead apart")
    }
    return found
  }
}
