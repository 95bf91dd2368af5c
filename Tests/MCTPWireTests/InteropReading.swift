import MCTPWire
import Testing

/// What our codecs make of one packet with a control message.
struct InteropReading {
  /// Both headers and the data, in the words of `interop.hex`.
  let fields: String
  /// What we send for the values that were read.
  let bytesAgain: [UInt8]
  /// request, datagram, response or refusal.
  let kind: String

  /// - Throws: `WireError` when a codec refuses the data; an expectation's error when the packet
  ///   has no headers.
  init(_ packet: [UInt8]) throws {
    let header = try #require(packetHeader(packet))
    let body = Array(packet.dropFirst(PacketHeader.byteCount))
    let control = try #require(controlHeader(body))
    let codec = try #require(InteropCodec.all[control.command])
    let (first, second, third, fourth) = header.bytes
    var words = [
      codec.name, "dst=\(header.destination.rawValue)", "src=\(header.source.rawValue)",
      "seq=\(header.sequence)", "to=\(header.messageTag.tagOwner ? 1 : 0)",
      "tag=\(header.messageTag.tag)", "d=\(control.isDatagram ? 1 : 0)",
      "iid=\(control.instanceID.rawValue)",
    ]
    let message: InteropCodec.Message
    if control.isRequest {
      kind = control.isDatagram ? "datagram" : "request"
      message = try codec.request(Array(body.dropFirst(ControlHeader.byteCount)), control)
    } else {
      let code = CompletionCode(rawValue: try #require(body.dropFirst(3).first))
      words.append("cc=\(code.rawValue)")
      kind = code == .success ? "response" : "refusal"
      message =
        code == .success
        ? try codec.response(Array(body.dropFirst(ControlHeader.byteCount + 1)), control)
        : InteropCodec.Message(
          fields: "",
          body: try ControlBody.response(
            instanceID: control.instanceID, command: control.command, completionCode: code
          ).bytes)
    }
    fields = (words + [message.fields]).filter { !$0.isEmpty }.joined(separator: " ")
    bytesAgain = [first, second, third, fourth] + message.body
  }
}

/// Both decoders of a command, each with its encoder.
struct InteropCodec: Sendable {
  struct Message {
    let fields: String
    /// What is sent for the value, the control header included.
    let body: [UInt8]
  }

  let name: String
  let request: @Sendable ([UInt8], ControlHeader) throws -> Message
  let response: @Sendable ([UInt8], ControlHeader) throws -> Message

  init<Request: ControlRequest & InteropFields, Response: ControlResponse & InteropFields>(
    _ name: String, _: Request.Type, _: Response.Type
  ) {
    self.name = name
    request = { bytes, header in
      let message = try Request(decoding: bytes.span)
      let body = try message.body(
        instanceID: header.instanceID, isDatagram: header.isDatagram)
      return Message(fields: message.interopFields, body: body.bytes)
    }
    response = { bytes, header in
      let message = try Response(decoding: bytes.span)
      return Message(
        fields: message.interopFields, body: try message.body(instanceID: header.instanceID).bytes)
    }
  }

  static let all: [ControlCommand: InteropCodec] = [
    .setEndpointID: InteropCodec(
      "SetEndpointID", SetEndpointID.Request.self, SetEndpointID.Response.self),
    .getEndpointID: InteropCodec(
      "GetEndpointID", GetEndpointID.Request.self, GetEndpointID.Response.self),
    .getEndpointUUID: InteropCodec(
      "GetEndpointUUID", GetEndpointUUID.Request.self, GetEndpointUUID.Response.self),
    .getVersionSupport: InteropCodec(
      "GetVersionSupport", GetVersionSupport.Request.self, GetVersionSupport.Response.self),
    .getMessageTypeSupport: InteropCodec(
      "GetMessageTypeSupport", GetMessageTypeSupport.Request.self,
      GetMessageTypeSupport.Response.self),
    .getVendorDefinedMessageSupport: InteropCodec(
      "GetVendorDefinedMessageSupport", GetVendorDefinedMessageSupport.Request.self,
      GetVendorDefinedMessageSupport.Response.self),
    .resolveEndpointID: InteropCodec(
      "ResolveEndpointID", ResolveEndpointID.Request.self, ResolveEndpointID.Response.self),
    .allocateEndpointIDs: InteropCodec(
      "AllocateEndpointIDs", AllocateEndpointIDs.Request.self, AllocateEndpointIDs.Response.self),
    .routingInformationUpdate: InteropCodec(
      "RoutingInformationUpdate", RoutingInformationUpdate.Request.self,
      RoutingInformationUpdate.Response.self),
    .getRoutingTableEntries: InteropCodec(
      "GetRoutingTableEntries", GetRoutingTableEntries.Request.self,
      GetRoutingTableEntries.Response.self),
    .prepareForEndpointDiscovery: InteropCodec(
      "PrepareForEndpointDiscovery", PrepareForEndpointDiscovery.Request.self,
      PrepareForEndpointDiscovery.Response.self),
    .endpointDiscovery: InteropCodec(
      "EndpointDiscovery", EndpointDiscovery.Request.self, EndpointDiscovery.Response.self),
    .discoveryNotify: InteropCodec(
      "DiscoveryNotify", DiscoveryNotify.Request.self, DiscoveryNotify.Response.self),
    .getNetworkID: InteropCodec(
      "GetNetworkID", GetNetworkID.Request.self, GetNetworkID.Response.self),
    .queryHop: InteropCodec("QueryHop", QueryHop.Request.self, QueryHop.Response.self),
    .resolveUUID: InteropCodec("ResolveUUID", ResolveUUID.Request.self, ResolveUUID.Response.self),
    .queryRateLimit: InteropCodec(
      "QueryRateLimit", QueryRateLimit.Request.self, QueryRateLimit.Response.self),
    .requestTXRateLimit: InteropCodec(
      "RequestTXRateLimit", RequestTXRateLimit.Request.self, RequestTXRateLimit.Response.self),
    .updateRateLimit: InteropCodec(
      "UpdateRateLimit", UpdateRateLimit.Request.self, UpdateRateLimit.Response.self),
    .querySupportedInterfaces: InteropCodec(
      "QuerySupportedInterfaces", QuerySupportedInterfaces.Request.self,
      QuerySupportedInterfaces.Response.self),
  ]
}
