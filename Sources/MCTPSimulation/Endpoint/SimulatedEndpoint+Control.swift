// What a simulated device answers (DSP0236 1.3.3 §12).

internal import MCTPEndpoint
internal import MCTPWire

extension SimulatedEndpoint {
  /// A message whose sender owns the tag.
  func handle(_ message: Message, body: [UInt8], now: Instant) {
    switch message.type {
    case .control: handleControl(message, body: body, now: now)
    case .vendorPCI where configuration.messageTypes.contains(.vendorPCI),
      .vendorIANA where configuration.messageTypes.contains(.vendorIANA):
      witness?.echoing(body, from: message.terminus.source)
      respond(body, to: message, now: now)
    case let type where configuration.echoesAllTypes && configuration.messageTypes.contains(type):
      witness?.echoing(body, from: message.terminus.source)
      respond(body, to: message, now: now)
    default: count(.messageTypeUnsupported, packets: message.packetCount)
    }
  }

  /// A wrong mix of IC, TO, Rq and D is discarded without an answer; a datagram is obeyed
  /// without one (DSP0236 1.3.3 §11).
  private func handleControl(_ message: Message, body: [UInt8], now: Instant) {
    guard let header = ControlHeader(body.span), header.isRequest,
      !message.typeByte.hasIntegrityCheck, body.count <= ControlBody.byteCountMax
    else {
      count(.controlMalformed, packets: message.packetCount)
      return
    }
    let data = body.span.extracting(droppingFirst: ControlHeader.byteCount)
    var answer: ControlBody?
    do throws(WireError) {
      answer = try self.answer(to: header, data)
    } catch {
      let code: CompletionCode =
        switch error {
        case .tooShort, .tooLong, .countMismatch: .errorInvalidLength
        case .invalidValue: .errorInvalidData
        case .noRoom: .error
        }
      answer = try? refusal(header, code)
    }
    guard !header.isDatagram, let answer else { return }
    respond(Array(copying: answer.span), to: message, now: now)
  }

  /// - Returns: nil when the request is to be left unanswered.
  private func answer(
    to header: ControlHeader, _ data: Span<UInt8>
  ) throws(WireError) -> ControlBody? {
    let instanceID = header.instanceID
    switch header.command {
    case .setEndpointID:
      return try setEndpointID(try SetEndpointID.Request(decoding: data), header)
    case .getEndpointID:
      _ = try GetEndpointID.Request(decoding: data)
      return try GetEndpointID.Response(
        eid: reported(eid), endpointType: .simple, eidType: configuration.eidType,
        mediumSpecific: configuration.mediumSpecific
      ).body(instanceID: instanceID)
    case .getEndpointUUID where configuration.uuid != .nil:
      _ = try GetEndpointUUID.Request(decoding: data)
      return try GetEndpointUUID.Response(uuid: configuration.uuid).body(instanceID: instanceID)
    case .getVersionSupport:
      return try versions(of: try GetVersionSupport.Request(decoding: data).subject, header)
    case .getMessageTypeSupport:
      _ = try GetMessageTypeSupport.Request(decoding: data)
      var types = GetMessageTypeSupport.Response.Types()
      try types.append(.control)
      for type in configuration.messageTypes { try types.append(type) }
      return try GetMessageTypeSupport.Response(types: types).body(instanceID: instanceID)
    case .getVendorDefinedMessageSupport:
      return try vendorSet(
        try GetVendorDefinedMessageSupport.Request(decoding: data).selector, header)
    case .prepareForEndpointDiscovery where configuration.hasDiscovery:
      _ = try PrepareForEndpointDiscovery.Request(decoding: data)
      isDiscovered = false
      return try PrepareForEndpointDiscovery.Response().body(instanceID: instanceID)
    case .endpointDiscovery where configuration.hasDiscovery:
      _ = try EndpointDiscovery.Request(decoding: data)
      // Only who was not discovered yet answers.
      guard !isDiscovered else { return nil }
      return try EndpointDiscovery.Response().body(instanceID: instanceID)
    default:
      return try refusal(header, .errorUnsupportedCommand)
    }
  }

  private func refusal(
    _ header: ControlHeader, _ code: CompletionCode
  ) throws(WireError) -> ControlBody {
    try ControlBody.response(
      instanceID: header.instanceID, command: header.command, completionCode: code)
  }

  /// This device is on one bus only, so that no other owner can have assigned its EID.
  private func setEndpointID(
    _ request: SetEndpointID.Request, _ header: ControlHeader
  ) throws(WireError) -> ControlBody {
    switch request.operation {
    case .set, .force:
      guard request.eid.isAssignable else { return try refusal(header, .errorInvalidData) }
      eid = request.eid
      isDiscovered = true
    case .reset:
      guard configuration.eidType != .dynamic, configuration.eid.isAssignable else {
        return try refusal(header, .errorInvalidData)
      }
      eid = configuration.eid
    case .setDiscovered:
      guard configuration.hasDiscovery else { return try refusal(header, .errorInvalidData) }
      isDiscovered = true
    }
    return try SetEndpointID.Response(
      assignment: request.operation == .setDiscovered ? .rejected : .accepted,
      allocation: .noPool, eid: reported(eid), poolSize: 0
    ).body(instanceID: header.instanceID)
  }

  /// 1.0, 1.1, 1.2 and 1.3.3 for the base and for control; 1.0 for what else it has.
  private func versions(
    of subject: MessageTypeSelector, _ header: ControlHeader
  ) throws(WireError) -> ControlBody {
    var versions = GetVersionSupport.Response.Versions()
    try versions.append(VersionNumber(rawValue: 0xF1F0_FF00))
    if subject == .baseSpecification || subject.messageType == .control {
      try versions.append(VersionNumber(rawValue: 0xF1F1_FF00))
      try versions.append(VersionNumber(rawValue: 0xF1F2_FF00))
      try versions.append(VersionNumber(rawValue: 0xF1F3_F300))
    } else {
      guard let type = subject.messageType, configuration.messageTypes.contains(type) else {
        return try refusal(header, .messageTypeNotSupported)
      }
    }
    return try GetVersionSupport.Response(versions: versions).body(instanceID: header.instanceID)
  }

  private func vendorSet(
    _ selector: UInt8, _ header: ControlHeader
  ) throws(WireError) -> ControlBody {
    let sets = configuration.vendorSets
    guard Int(selector) < min(sets.count, 0xFF) else {
      return try refusal(header, .errorInvalidData)
    }
    let isLast = Int(selector) + 1 == min(sets.count, 0xFF)
    return try GetVendorDefinedMessageSupport.Response(
      nextSelector: isLast ? GetVendorDefinedMessageSupport.noMoreSets : selector + 1,
      vendorID: sets[Int(selector)].vendorID, commandSet: sets[Int(selector)].commandSet
    ).body(instanceID: header.instanceID)
  }
}
