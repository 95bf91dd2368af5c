// The control responder: what this device answers as an endpoint and as a bridge with static
// routes (DSP0236 1.3.3 §11 and §12).
//
// A response goes to the source EID and the physical source of its request, through the ingress
// port; it never needs the routing table (§11). Commands are answered at once and without
// state, so a repeated request with the same instance ID gets the same answer.

internal import MCTPWire

/// What a request says about itself, for the commands.
struct ControlContext {
  let port: PortID
  let networkIndex: Int
  let header: PacketHeader
  let address: PhysicalAddress
  /// The own EID that the request names; nil for null and broadcast requests. Taken before the
  /// request is carried out, because Set Endpoint ID is answered from the EID that was asked.
  let askedEID: EID?
}

extension Engine {
  /// A start packet of type control for this device.
  mutating func takeControl(
    _ packet: Span<UInt8>, _ header: PacketHeader, on port: PortID, from address: PhysicalAddress,
    now: Instant
  ) -> Disposition {
    let body = packet.extracting(PacketHeader.byteCount..<packet.count)
    // IC is never set, a control message is one packet, and TO, Rq and D fit together: anything
    // else is discarded without an answer (§11).
    guard header.eom, !MessageTypeByte(rawValue: body[0]).hasIntegrityCheck,
      body.count <= ControlBody.byteCountMax, let control = ControlHeader(body),
      control.isRequest == header.messageTag.tagOwner, control.isRequest || !control.isDatagram
    else { return drop(packet, .controlMalformed, on: port, from: address, now: now) }
    guard control.isRequest else {
      return takeResponse(packet, header, on: port, from: address, now: now)
    }

    let index = Int(port.rawValue)
    ports[index].counters.delivered &+= 1
    let networkIndex = ports[index].networkIndex
    let context = ControlContext(
      port: port, networkIndex: networkIndex, header: header, address: address,
      askedEID: tables[networkIndex].isOwn(header.destination) ? header.destination : nil)
    let data = body.extracting(ControlHeader.byteCount..<body.count)
    let response = respond(to: control, data: data, context, now: now)
    if !control.isDatagram { sendResponse(response, context, now: now) }
    if owner.isActive {
      noteOwnerEID(context, now: now)
      noteSource(
        header.source, network: networks[networkIndex], port: port, address: address)
      // Answer first, act after.
      runOwner(now)
    }
    return .answered
  }

  /// A response: to the bus owner's request, or for the shell.
  private mutating func takeResponse(
    _ packet: Span<UInt8>, _ header: PacketHeader, on port: PortID, from address: PhysicalAddress,
    now: Instant
  ) -> Disposition {
    guard takeOwnerResponse(packet, on: port, from: address, now: now) else {
      return deliver(on: port)
    }
    ports[Int(port.rawValue)].counters.delivered &+= 1
    runOwner(now)
    return .answered
  }

  /// The body of the response to a request.
  private mutating func respond(
    to control: ControlHeader, data: Span<UInt8>, _ context: ControlContext, now: Instant
  ) -> ControlBody {
    do throws(ControlRefusal) {
      return try answer(control, data: data, context, now: now)
    } catch {
      return refusal(control, error.completionCode)
    }
  }

  private func refusal(_ control: ControlHeader, _ code: CompletionCode) -> ControlBody {
    do throws(WireError) {
      return try ControlBody.response(
        instanceID: control.instanceID, command: control.command, completionCode: code)
    } catch {
      preconditionFailure("four bytes fit every control body")
    }
  }

  private mutating func answer(
    _ control: ControlHeader, data: Span<UInt8>, _ context: ControlContext, now: Instant
  ) throws(ControlRefusal) -> ControlBody {
    let id = control.instanceID
    switch control.command {
    case .setEndpointID: return try encode(setEndpointID(decode(data), context, now: now), id)
    case .getEndpointID: return try encode(getEndpointID(decode(data), context), id)
    case .getEndpointUUID: return try encode(getEndpointUUID(decode(data)), id)
    case .getVersionSupport: return try encode(getVersionSupport(decode(data)), id)
    case .getMessageTypeSupport: return try encode(getMessageTypeSupport(decode(data)), id)
    case .getVendorDefinedMessageSupport:
      return try encode(getVendorDefinedMessageSupport(decode(data)), id)
    case .resolveEndpointID: return try encode(resolveEndpointID(decode(data), context), id)
    case .getRoutingTableEntries:
      return try encode(getRoutingTableEntries(decode(data), context), id)
    case .getNetworkID: return try encode(getNetworkID(decode(data), context), id)
    case .queryHop: return try encode(queryHop(decode(data), context), id)
    case .resolveUUID: return try encode(resolveUUID(decode(data), context), id)
    case .querySupportedInterfaces:
      return try encode(querySupportedInterfaces(decode(data), context), id)
    case .allocateEndpointIDs where owner.isActive:
      return try encode(allocateEndpointIDs(decode(data), context, now: now), id)
    case .routingInformationUpdate where owner.isActive:
      return try encode(routingInformationUpdate(decode(data), context, now: now), id)
    case .discoveryNotify where takeDiscoveryNotify(context, now: now):
      let _: DiscoveryNotify.Request = try decode(data)
      return try encode(DiscoveryNotify.Response(), id)
    default: throw ControlRefusal(.errorUnsupportedCommand)
    }
  }

  /// A request whose length is wrong is answered with ERROR_INVALID_LENGTH (§12).
  private func decode<Request: ControlRequest>(
    _ data: Span<UInt8>
  ) throws(ControlRefusal) -> Request {
    do throws(WireError) {
      return try Request(decoding: data)
    } catch {
      switch error {
      case .invalidValue: throw ControlRefusal(.errorInvalidData)
      default: throw ControlRefusal(.errorInvalidLength)
      }
    }
  }

  private func encode(
    _ response: some ControlResponse, _ instanceID: InstanceID
  ) throws(ControlRefusal) -> ControlBody {
    do throws(WireError) {
      return try response.body(instanceID: instanceID)
    } catch {
      // Nothing that the responder builds is larger than a body; ERROR says so if it ever is.
      throw ControlRefusal(.error)
    }
  }

  private mutating func sendResponse(
    _ body: ControlBody, _ context: ControlContext, now: Instant
  ) {
    // The source is the EID that was asked; null and broadcast requests are answered from the
    // EID in force on the port (§11).
    let source = context.askedEID ?? sourceEID(on: context.port)
    let header = PacketHeader(
      destination: context.header.source, source: source, som: true, eom: true,
      messageTag: context.header.messageTag.reply)
    var bytes = InlineArray<68, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    (span[0], span[1], span[2], span[3]) = header.bytes
    let payload = body.span
    for index in payload.indices { span[PacketHeader.byteCount + index] = payload[index] }
    _ = send(
      bytes.span.extracting(first: PacketHeader.byteCount + payload.count), on: context.port,
      to: context.address, now: now)
  }
}

/// A request that is answered with a completion code and nothing else.
struct ControlRefusal: Error {
  let completionCode: CompletionCode

  init(_ completionCode: CompletionCode) { self.completionCode = completionCode }
}
