/// The control responder that every neighbour has (DSP0236 §11 and §12).
extension Neighbour {
  /// The last request that it served, to know its repetition.
  struct Served {
    var source: UInt8
    var address: UInt8?
    var request: [UInt8]
    var response: [UInt8]
    var at: UInt64
  }

  enum Code {
    static let success: UInt8 = 0x00
    static let error: UInt8 = 0x01
    static let invalidValue: UInt8 = 0x02
    static let invalidLength: UInt8 = 0x03
    static let notReady: UInt8 = 0x04
    static let unsupported: UInt8 = 0x05
  }

  /// MT4: an equal instance ID after that is a new request.
  static let instanceLife: UInt64 = 5_000_000_000

  /// Sends an answer as its habits have it.
  func answer(
    _ body: [UInt8], to request: NeighbourHeader, address: UInt8?, isControl: Bool
  ) {
    requestCount &+= 1
    var times = 1
    switch habits.answers {
    case .always: break
    case .never: return
    case .twice: times = 2
    case .notEach(let count): if requestCount % max(count, 2) == 0 { return }
    }
    let header = NeighbourHeader(
      destination: request.source, source: eid, flags: request.tag)
    let link: UInt8?
    if let address {
      link = address
    } else {
      link = way(to: request.source)?.link
    }
    let readyAt = clock + UInt64(habits.answerDelayMs) * 1_000_000
    var message = NeighbourOutbox.Message(body, header, address: link, readyAt: readyAt)
    message.isControlAnswer = isControl
    message.isInside = isHearingInside
    for _ in 0..<times { _ = outbox.add(message) }
    if readyAt > clock { due(readyAt) }
  }

  /// A whole control message; anything but a request with the right flags is discarded.
  func takeControl(_ body: [UInt8], _ header: NeighbourHeader, from source: UInt8?) {
    judgeControl(body, header, from: source)
    guard body.count >= 3, body[0] == 0 else { return }
    guard body[1] & 0x80 != 0 else {
      if !header.isTagOwner, body[1] & 0x40 == 0 {
        takeQuestionAnswer(body, header, from: source)
      }
      return
    }
    guard header.isTagOwner, body[1] & 0x40 == 0 else { return }
    if let served = lastServed, served.source == header.source, served.address == source,
      clock < served.at + Self.instanceLife, served.request == body
    {
      answer(served.response, to: header, address: source, isControl: true)
      return
    }
    serve(body, header, from: source)
  }

  private func serve(_ body: [UInt8], _ header: NeighbourHeader, from source: UInt8?) {
    let command = body[2]
    if habits.needsSetEndpointID, !hasBeenSet, command != 0x01, command != 0x02 { return }
    controlCount &+= 1
    var result: [UInt8]
    if habits.errorEach > 0, controlCount % habits.errorEach == 0 {
      result = [habits.errorCode]
    } else if command != 0x02, clock < poweredAt + UInt64(habits.notReadyMs) * 1_000_000 {
      result = [Code.notReady]
    } else if let length = requestLength(command), !length.contains(body.count) {
      result = [Code.invalidLength]
    } else {
      guard let own = perform(command, body, header, from: source) else { return }
      result = own
    }
    let kept = max(result.count - Int(habits.missingByteCount), 1)
    result.removeLast(result.count - kept)
    let room = configuration.transmissionUnitBytes - 3 - result.count
    let added = max(min(Int(habits.trailingByteCount), room), 0)
    var response: [UInt8] = [0x00, body[1] & 0x1F, command]
    response.append(contentsOf: result)
    for _ in 0..<added { response.append(0) }
    if result[0] == Code.success {
      lastServed = Served(
        source: header.source, address: source, request: body, response: response, at: clock)
    }
    answer(response, to: header, address: source, isControl: true)
  }

  /// Body bytes of a request; nil: any, or the command is not supported.
  func requestLength(_ command: UInt8) -> ClosedRange<Int>? {
    let isBelowItsOwner = !isOwner
    switch command {
    case 0x01: return isBelowItsOwner ? 5...5 : nil
    case 0x02, 0x05: return 3...3
    case 0x03: return configuration.uuid.isEmpty ? nil : 3...3
    case 0x04, 0x06: return 4...4
    case 0x07, 0x0A: return isRouting ? 4...4 : nil
    case 0x08: return isBridge ? 6...6 : nil
    case 0x0D: return isBelowItsOwner ? nil : 3...3
    case 0x0E: return isBelowItsOwner || configuration.uuid.isEmpty ? nil : 3...3
    case 0x0F: return isRouting ? 5...5 : nil
    default: return nil
    }
  }

  var isBridge: Bool {
    if case .bridge = configuration.role { return true }
    return false
  }

  var isOwner: Bool {
    if case .owner = configuration.role { return true }
    return false
  }

  var isRouting: Bool {
    if case .device = configuration.role { return false }
    return true
  }

  /// Completion code and what follows it; nil: there is no answer at all.
  private func perform(
    _ command: UInt8, _ body: [UInt8], _ header: NeighbourHeader, from source: UInt8?
  ) -> [UInt8]? {
    switch command {
    case 0x01: return isOwner ? [Code.unsupported] : setEndpointID(body[3], body[4])
    case 0x02: return [Code.success, reported(eid), endpointType, 0x00]
    case 0x03 where !configuration.uuid.isEmpty: return [Code.success] + configuration.uuid
    case 0x04: return versions(body[3])
    case 0x05: return messageTypes
    case 0x06: return vendorSet(body[3])
    case 0x07 where isRouting: return resolve(body[3])
    case 0x08 where isBridge: return allocate(body[3], body[4], body[5])
    case 0x09 where isBridge: return updateRouting(body)
    case 0x0A where isRouting: return routingTable(body[3])
    case 0x0D where isOwner: return takeNotify(from: source)
    case 0x0E where isOwner && !configuration.uuid.isEmpty:
      return [Code.success] + configuration.uuid
    case 0x0F where isRouting: return queryHop(body[3], body[4])
    default: return [Code.unsupported]
    }
  }

  // ---- Set and Get Endpoint ID -------------------------------------------------------------

  private func setEndpointID(_ operation: UInt8, _ asked: UInt8) -> [UInt8] {
    if let code = habits.setRefusal { return [code] }
    if operation & 3 == 3 { return [Code.invalidValue] }
    if operation & 3 == 2 {
      guard configuration.eid != 0 else { return [Code.invalidValue] }
      changeEID(configuration.eid)
      return [Code.success, allocationStatus, reported(eid), poolSize]
    }
    guard asked >= 8, asked != 0xFF else { return [Code.invalidValue] }
    hasBeenSet = true
    if habits.keepsStaticEID, eid != 0 {
      return [Code.success, 0x10 | allocationStatus, reported(eid), poolSize]
    }
    changeEID(asked)
    return [Code.success, allocationStatus, habits.setSetting ?? reported(eid), poolSize]
  }

  private func reported(_ eid: UInt8) -> UInt8 {
    guard eid != 0, habits.reportedEIDOffset != 0 else { return eid }
    return UInt8((Int(eid) - 8 + Int(habits.reportedEIDOffset)) % 247 + 8)
  }

  private var endpointType: UInt8 {
    let type: UInt8 = isRouting ? 0x10 : 0x00
    guard configuration.eid != 0 else { return type }
    return type | (eid == configuration.eid ? 0x02 : 0x03)
  }

  // ---- what it can -------------------------------------------------------------------------

  private func versions(_ type: UInt8) -> [UInt8] {
    if type == 0x00 || type == 0xFF {
      return [
        Code.success, 4, 0xF1, 0xF0, 0xFF, 0x00, 0xF1, 0xF1, 0xFF, 0x00, 0xF1, 0xF2, 0xFF, 0x00,
        0xF1, 0xF3, 0xF3, 0x00,
      ]
    }
    guard configuration.messageTypes.contains(type) else { return [0x80] }
    return [Code.success, 1, 0xF1, 0xF0, 0xFF, 0x00]
  }

  private var messageTypes: [UInt8] {
    let types = (habits.listsControl ? [0] : []) + configuration.messageTypes.filter { $0 != 0 }
    let listed = types.prefix(59)
    return [Code.success, UInt8(listed.count)] + listed
  }

  private func vendorSet(_ selector: UInt8) -> [UInt8] {
    let sets = configuration.vendorSets
    guard Int(selector) < sets.count else { return [Code.invalidValue] }
    let set = sets[Int(selector)]
    let next = Int(selector) + 1 == sets.count ? 0xFF : selector + 1
    return [Code.success, next, set.vendorID.count == 2 ? 0x00 : 0x01] + set.vendorID
      + [UInt8(set.commandSet >> 8), UInt8(set.commandSet & 0xFF)]
  }
}
