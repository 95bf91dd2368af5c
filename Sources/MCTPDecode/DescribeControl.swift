import MCTPWire

/// A control message (DSP0236 1.3.3 §11 and §12).
func describeControl(_ body: Span<UInt8>) -> MessageDescription {
  guard let header = ControlHeader(body) else {
    return MessageDescription(summary: "control, cut short", details: dataLine(body, from: 0))
  }
  var details: [String] = []
  if MessageTypeByte(rawValue: body[0]).hasIntegrityCheck {
    details.append("integrity check bit set: not legal in control messages")
  }
  let data = body.extracting(ControlHeader.byteCount...)
  let instance = "instance \(header.instanceID.rawValue)"
  guard !header.isRequest else {
    let kind = header.isDatagram ? "datagram" : "request"
    return MessageDescription(
      summary: "control \(header.command.name) \(kind), \(instance)",
      details: details + requestLines(header.command, data))
  }
  if header.isDatagram { details.append("datagram bit set: not legal in responses") }
  let prefix = "control \(header.command.name) response, \(instance)"
  guard !data.isEmpty else {
    return MessageDescription(summary: prefix + ", no completion code", details: details)
  }
  let code = CompletionCode(rawValue: data[0])
  let parameters = data.extracting(1...)
  details += code == .success ? responseLines(header.command, parameters) : dataLine(data, from: 1)
  return MessageDescription(
    summary: "\(prefix), \(code.name(for: header.command))", details: details)
}

private func requestLines(_ command: ControlCommand, _ data: Span<UInt8>) -> [String] {
  switch command {
  case .setEndpointID: lines(data, SetEndpointID.Request.self, text)
  case .getVersionSupport: lines(data, GetVersionSupport.Request.self, text)
  case .getVendorDefinedMessageSupport:
    lines(data, GetVendorDefinedMessageSupport.Request.self) { ["selector: \($0.selector)"] }
  case .resolveEndpointID: lines(data, ResolveEndpointID.Request.self) { ["EID: \($0.eid)"] }
  case .allocateEndpointIDs: lines(data, AllocateEndpointIDs.Request.self, text)
  case .routingInformationUpdate: lines(data, RoutingInformationUpdate.Request.self, text)
  case .getRoutingTableEntries:
    lines(data, GetRoutingTableEntries.Request.self) { ["handle: \($0.handle)"] }
  case .queryHop:
    lines(data, QueryHop.Request.self) {
      ["target EID: \($0.target)", "message type: \(text($0.messageType))"]
    }
  case .resolveUUID:
    lines(data, ResolveUUID.Request.self) { ["UUID: \($0.uuid)", "handle: \($0.handle)"] }
  case .requestTXRateLimit:
    lines(data, RequestTXRateLimit.Request.self) {
      rateLines(burst: $0.burstPackets, rate: $0.packetsPerSecond)
    }
  case .updateRateLimit:
    lines(data, UpdateRateLimit.Request.self) {
      rateLines(burst: $0.burstPackets, rate: $0.packetsPerSecond)
    }
  default: dataLine(data, from: 0)
  }
}

private func responseLines(_ command: ControlCommand, _ data: Span<UInt8>) -> [String] {
  switch command {
  case .setEndpointID: lines(data, SetEndpointID.Response.self, text)
  case .getEndpointID: lines(data, GetEndpointID.Response.self, text)
  case .getEndpointUUID: lines(data, GetEndpointUUID.Response.self) { ["UUID: \($0.uuid)"] }
  case .getVersionSupport: lines(data, GetVersionSupport.Response.self, text)
  case .getMessageTypeSupport: lines(data, GetMessageTypeSupport.Response.self, text)
  case .getVendorDefinedMessageSupport:
    lines(data, GetVendorDefinedMessageSupport.Response.self, text)
  case .resolveEndpointID:
    lines(data, ResolveEndpointID.Response.self) {
      ["bridge EID: \($0.bridgeEID)", "physical address: \($0.address)"]
    }
  case .allocateEndpointIDs: lines(data, AllocateEndpointIDs.Response.self, text)
  case .getRoutingTableEntries: lines(data, GetRoutingTableEntries.Response.self, text)
  case .getNetworkID: lines(data, GetNetworkID.Response.self) { ["network: \($0.networkID)"] }
  case .queryHop: lines(data, QueryHop.Response.self, text)
  case .resolveUUID: lines(data, ResolveUUID.Response.self, text)
  case .queryRateLimit: lines(data, QueryRateLimit.Response.self, text)
  case .requestTXRateLimit:
    lines(data, RequestTXRateLimit.Response.self) {
      rateLines(burst: $0.burstPackets, rate: $0.packetsPerSecond)
    }
  case .querySupportedInterfaces: lines(data, QuerySupportedInterfaces.Response.self, text)
  default: dataLine(data, from: 0)
  }
}

private func lines<Request: ControlRequest>(
  _ data: Span<UInt8>, _ type: Request.Type, _ text: (Request) -> [String]
) -> [String] {
  do { return text(try Request(decoding: data)) } catch { return undecoded(data, error) }
}

private func lines<Response: ControlResponse>(
  _ data: Span<UInt8>, _ type: Response.Type, _ text: (Response) -> [String]
) -> [String] {
  do { return text(try Response(decoding: data)) } catch { return undecoded(data, error) }
}

private func undecoded(_ data: Span<UInt8>, _ error: WireError) -> [String] {
  let reason =
    switch error {
    case .tooShort: "too short"
    case .tooLong: "too long"
    case .countMismatch: "count and length disagree"
    case .invalidValue: "illegal value"
    case .noRoom: "too many entries"
    }
  return ["data, \(reason): " + hexText(data)]
}
