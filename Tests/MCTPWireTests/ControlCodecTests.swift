import MCTPWire
import TestSupport
import Testing

/// The command data of a vector: what follows the command or completion code.
private func data(_ name: String) -> [UInt8] {
  guard let vector = ControlVectorTests.vectors.first(where: { $0.name == name }) else {
    preconditionFailure("no vector \(name)")
  }
  let body = controlBody(of: vector)
  return Array(body.dropFirst(body[1] & 0x80 != 0 ? 3 : 4))
}

@Suite("Control decoders on bytes that are not their message", .spec("DSP0236 1.3.3 §12"))
struct ControlCodecTests {
  /// Every codec of which a wrong length can be seen.
  static let codecs: [ControlCodec] = [
    .request(SetEndpointID.Request.self, data("V1")),
    .response(SetEndpointID.Response.self, data("V30")),
    .request(GetEndpointID.Request.self, data("V5.request")),
    .response(GetEndpointID.Response.self, data("W22")),
    .request(GetEndpointUUID.Request.self, data("W1")),
    .response(GetEndpointUUID.Response.self, data("V38")),
    .request(GetVersionSupport.Request.self, data("W23")),
    .response(GetVersionSupport.Response.self, data("V18")),
    .request(GetMessageTypeSupport.Request.self, data("V11.request")),
    .response(GetMessageTypeSupport.Response.self, data("V13")),
    .request(GetVendorDefinedMessageSupport.Request.self, data("V14.request")),
    .response(GetVendorDefinedMessageSupport.Response.self, data("V16.first")),
    .response(GetVendorDefinedMessageSupport.Response.self, data("V16.last")),
    .request(ResolveEndpointID.Request.self, data("E25")),
    .response(ResolveEndpointID.Response.self, data("E26")) {
      try ResolveEndpointID.Response(decoding: $0.span, addressByteCount: 1)
    },
    .request(AllocateEndpointIDs.Request.self, data("V33")),
    .response(AllocateEndpointIDs.Response.self, data("W24")),
    .request(RoutingInformationUpdate.Request.self, data("E17")) {
      try RoutingInformationUpdate.Request(decoding: $0.span, addressByteCount: 1)
    },
    .request(RoutingInformationUpdate.Request.self, data("W15")) {
      try RoutingInformationUpdate.Request(decoding: $0.span, addressByteCount: 6)
    },
    .response(RoutingInformationUpdate.Response.self, data("E18")),
    .request(GetRoutingTableEntries.Request.self, data("W18")),
    .response(GetRoutingTableEntries.Response.self, data("V40")),
    .response(GetRoutingTableEntries.Response.self, data("W19")),
    .request(PrepareForEndpointDiscovery.Request.self, data("V8.request")),
    .response(PrepareForEndpointDiscovery.Response.self, data("V8.response")),
    .request(EndpointDiscovery.Request.self, data("V9.request")),
    .response(EndpointDiscovery.Response.self, data("V9.response")),
    .request(DiscoveryNotify.Request.self, data("V35.request")),
    .response(DiscoveryNotify.Response.self, data("V35.response")),
    .request(GetNetworkID.Request.self, data("W2")),
    .response(GetNetworkID.Response.self, data("W3")),
    .request(QueryHop.Request.self, data("V24")),
    .response(QueryHop.Response.self, data("V39")),
    .request(ResolveUUID.Request.self, data("W4")),
    .response(ResolveUUID.Response.self, data("W5")),
    .request(QueryRateLimit.Request.self, data("W6")),
    .response(QueryRateLimit.Response.self, data("W7")),
    .request(RequestTXRateLimit.Request.self, data("W9")),
    .response(RequestTXRateLimit.Response.self, data("W11")),
    .request(UpdateRateLimit.Request.self, hex("01 02 03 00 00 00 32")),
    .response(UpdateRateLimit.Response.self, data("W14")),
    .request(QuerySupportedInterfaces.Request.self, data("W21")),
    .response(QuerySupportedInterfaces.Response.self, data("V43")),
  ]

  /// Those that take several lengths by their nature.
  static let elastic: [ControlCodec] = [
    .response(ResolveEndpointID.Response.self, data("E26")),
    .request(RoutingInformationUpdate.Request.self, data("E17")),
    .response(QueryRateLimit.Response.self, data("W8")),
    .request(RequestTXRateLimit.Request.self, data("W10")),
    .request(UpdateRateLimit.Request.self, data("W13")),
  ]

  @Test("Every truncation is too short or has a wrong count", arguments: codecs)
  func truncations(codec: ControlCodec) {
    for count in 0..<codec.valid.count {
      let error = #expect(throws: WireError.self) {
        _ = try codec.roundTrip(Array(codec.valid.prefix(count)))
      }
      #expect(error == .tooShort || error == .countMismatch, "\(count) bytes")
    }
  }

  // The first byte of the rate limits is not 0 here: with 0, one byte more is a legal form.
  @Test("One byte too many is refused", arguments: codecs + elastic.dropFirst())
  func surplus(codec: ControlCodec) {
    let error = #expect(throws: WireError.self) {
      _ = try codec.roundTrip(codec.valid + [0xFF])
    }
    #expect(error == .tooLong || error == .countMismatch || error == .invalidValue)
  }

  @Test("A legal message gives the same bytes again", arguments: codecs)
  func legal(codec: ControlCodec) throws {
    #expect(try codec.roundTrip(codec.valid) == .same(codec.valid))
  }

  @Test("Random bytes neither trap nor change when they decode", arguments: codecs + elastic)
  func random(codec: ControlCodec) throws {
    var generator = SplitMix64(seed: 0x4D43_5450)
    var decoded = 0
    for round in 0..<20_000 {
      // Half of the bodies are noise; half are the legal one with a few bytes changed.
      var bytes = codec.valid
      if round % 2 == 0 {
        bytes = generator.bytes(Int.random(in: 0...80, using: &generator))
      } else {
        for _ in 0...2 where !bytes.isEmpty {
          let index = Int.random(in: 0..<bytes.count, using: &generator)
          bytes[index] = UInt8(truncatingIfNeeded: generator.next())
        }
      }
      guard let result = try? codec.roundTrip(bytes) else { continue }
      decoded += 1
      switch result {
      case .same: break
      // More command data than one body holds comes from no wire; it must not trap, no more.
      case .encoding(.noRoom) where bytes.count > 60: break
      case .different, .encoding: Issue.record("\(hexText(bytes)): \(result)")
      }
    }
    #expect(decoded > 0)
  }
}
