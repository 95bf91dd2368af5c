import Fuzzing
import MCTPWire

/// Whatever a control body holds, its decoder returns or throws; what it made of it encodes to
/// bytes that decode to the same and encode to the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    guard let header = ControlHeader(bytes) else { return }
    if header.isRequest {
      let data = bytes.extracting(ControlHeader.byteCount..<bytes.count)
      request(header.command, data)
    } else if bytes.count > ControlHeader.byteCount {
      response(header.command, bytes.extracting((ControlHeader.byteCount + 1)..<bytes.count))
    }
  }
}

private func request(_ command: ControlCommand, _ data: Span<UInt8>) {
  switch command {
  case .setEndpointID: check(SetEndpointID.Request.self, data)
  case .getEndpointID: check(GetEndpointID.Request.self, data)
  case .getEndpointUUID: check(GetEndpointUUID.Request.self, data)
  case .getVersionSupport: check(GetVersionSupport.Request.self, data)
  case .getMessageTypeSupport: check(GetMessageTypeSupport.Request.self, data)
  case .getVendorDefinedMessageSupport: check(GetVendorDefinedMessageSupport.Request.self, data)
  case .resolveEndpointID: check(ResolveEndpointID.Request.self, data)
  case .allocateEndpointIDs: check(AllocateEndpointIDs.Request.self, data)
  case .routingInformationUpdate:
    check(RoutingInformationUpdate.Request.self, data)
    for count in [0, 1, 6] {
      _ = try? RoutingInformationUpdate.Request(decoding: data, addressByteCount: count)
    }
  case .getRoutingTableEntries: check(GetRoutingTableEntries.Request.self, data)
  case .prepareForEndpointDiscovery: check(PrepareForEndpointDiscovery.Request.self, data)
  case .endpointDiscovery: check(EndpointDiscovery.Request.self, data)
  case .discoveryNotify: check(DiscoveryNotify.Request.self, data)
  case .getNetworkID: check(GetNetworkID.Request.self, data)
  case .queryHop: check(QueryHop.Request.self, data)
  case .resolveUUID: check(ResolveUUID.Request.self, data)
  case .queryRateLimit: check(QueryRateLimit.Request.self, data)
  case .requestTXRateLimit: check(RequestTXRateLimit.Request.self, data)
  case .updateRateLimit: check(UpdateRateLimit.Request.self, data)
  case .querySupportedInterfaces: check(QuerySupportedInterfaces.Request.self, data)
  default: break
  }
}

private func response(_ command: ControlCommand, _ data: Span<UInt8>) {
  switch command {
  case .setEndpointID: check(SetEndpointID.Response.self, data)
  case .getEndpointID: check(GetEndpointID.Response.self, data)
  case .getEndpointUUID: check(GetEndpointUUID.Response.self, data)
  case .getVersionSupport: check(GetVersionSupport.Response.self, data)
  case .getMessageTypeSupport: check(GetMessageTypeSupport.Response.self, data)
  case .getVendorDefinedMessageSupport: check(GetVendorDefinedMessageSupport.Response.self, data)
  case .resolveEndpointID:
    check(ResolveEndpointID.Response.self, data)
    for count in [0, 1, 6] {
      _ = try? ResolveEndpointID.Response(decoding: data, addressByteCount: count)
    }
  case .allocateEndpointIDs: check(AllocateEndpointIDs.Response.self, data)
  case .routingInformationUpdate: check(RoutingInformationUpdate.Response.self, data)
  case .getRoutingTableEntries: check(GetRoutingTableEntries.Response.self, data)
  case .prepareForEndpointDiscovery: check(PrepareForEndpointDiscovery.Response.self, data)
  case .endpointDiscovery: check(EndpointDiscovery.Response.self, data)
  case .discoveryNotify: check(DiscoveryNotify.Response.self, data)
  case .getNetworkID: check(GetNetworkID.Response.self, data)
  case .queryHop: check(QueryHop.Response.self, data)
  case .resolveUUID: check(ResolveUUID.Response.self, data)
  case .queryRateLimit: check(QueryRateLimit.Response.self, data)
  case .requestTXRateLimit: check(RequestTXRateLimit.Response.self, data)
  case .updateRateLimit: check(UpdateRateLimit.Response.self, data)
  case .querySupportedInterfaces: check(QuerySupportedInterfaces.Response.self, data)
  default: break
  }
}

private typealias Encoding = (inout ControlBody) throws(WireError) -> Void

private func check<Message: ControlRequest>(_: Message.Type, _ data: Span<UInt8>) {
  guard let message = try? Message(decoding: data),
    let body = encoded({ body throws(WireError) in try message.encode(into: &body) })
  else { return }
  guard let again = try? Message(decoding: body.span) else {
    preconditionFailure("what was encoded does not decode")
  }
  check(encoded { body throws(WireError) in try again.encode(into: &body) }, is: body)
}

private func check<Message: ControlResponse>(_: Message.Type, _ data: Span<UInt8>) {
  guard let message = try? Message(decoding: data),
    let body = encoded({ body throws(WireError) in try message.encode(into: &body) })
  else { return }
  guard let again = try? Message(decoding: body.span) else {
    preconditionFailure("what was encoded does not decode")
  }
  check(encoded { body throws(WireError) in try again.encode(into: &body) }, is: body)
}

/// Nil when a decoded message has no room: not every one fits the 64 bytes of a baseline packet
/// again. Nothing else keeps it from being encoded.
private func encoded(_ encode: Encoding) -> ControlBody? {
  var body = ControlBody()
  do throws(WireError) {
    try encode(&body)
    return body
  } catch {
    precondition(error == .noRoom, "what was decoded does not encode")
    return nil
  }
}

private func check(_ second: ControlBody?, is first: ControlBody) {
  guard let second else { preconditionFailure("what was encoded once has no room again") }
  precondition(first.span.isEqual(to: second.span), "not the same body")
}
