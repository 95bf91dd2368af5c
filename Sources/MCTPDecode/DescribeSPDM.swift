import MCTPWire

/// An SPDM message over MCTP (DSP0275: type byte, then the SPDM header of DSP0274: version, code,
/// two parameters; the codes are those of libspdm's spdm.h).
func describeSPDM(_ body: Span<UInt8>) -> MessageDescription {
  guard body.count >= 5 else {
    return MessageDescription(summary: "SPDM, cut short", details: dataLine(body, from: 0))
  }
  let version = "\(body[1] >> 4).\(body[1] & 0x0F)"
  let code = body[2]
  let name = spdmCodeNames[code] ?? "code \(hexNumber(code))"
  var details = integrityNote(MessageTypeByte(rawValue: body[0]))
  switch code {
  case 0x7F:
    let error = spdmErrorNames[body[3]] ?? hexNumber(body[3])
    details += ["error: \(error)", "error data: \(hexNumber(body[4]))"] + dataLine(body, from: 5)
  case 0x04:
    details += versionLines(body)
  default:
    details += ["parameters: \(hexNumber(body[3])) \(hexNumber(body[4]))"] + dataLine(body, from: 5)
  }
  let kind = code & 0x80 != 0 ? "request" : "response"
  return MessageDescription(summary: "SPDM \(version) \(name) \(kind)", details: details)
}

/// A secured message: a session ID and what only the session's ends can read (DSP0276, DSP0277).
func describeSecured(_ body: Span<UInt8>) -> MessageDescription {
  guard body.count >= 5 else {
    return MessageDescription(
      summary: "secured message, cut short", details: dataLine(body, from: 0))
  }
  let session =
    UInt32(body[1]) | UInt32(body[2]) << 8 | UInt32(body[3]) << 16 | UInt32(body[4]) << 24
  return MessageDescription(
    summary: "secured message, session \(hexNumber(session)), \(body.count) bytes",
    details: integrityNote(MessageTypeByte(rawValue: body[0])))
}

/// A vendor defined message (DSP0236 1.3.3 §13): the vendor's number, the rest is the vendor's.
func describeVendorDefined(_ body: Span<UInt8>, _ type: MessageType) -> MessageDescription {
  let idBytes = type == .vendorPCI ? 2 : 4
  guard body.count >= 1 + idBytes else {
    return MessageDescription(
      summary: "vendor defined, cut short", details: dataLine(body, from: 0))
  }
  var number: UInt32 = 0
  for index in 1...idBytes { number = number << 8 | UInt32(body[index]) }
  let vendor: VendorID =
    type == .vendorPCI ? .pci(UInt16(truncatingIfNeeded: number)) : .iana(number)
  return MessageDescription(
    summary: "vendor defined, \(vendor), \(body.count) bytes",
    details: integrityNote(MessageTypeByte(rawValue: body[0]))
      + dataLine(body, from: 1 + idBytes))
}

/// The VERSION response: reserved byte, count, then 16 bits a version, least significant byte
/// first, with major, minor, update and alpha in four bits each.
private func versionLines(_ body: Span<UInt8>) -> [String] {
  guard body.count >= 7, body.count == 7 + 2 * Int(body[6]) else { return dataLine(body, from: 5) }
  let versions = (0..<Int(body[6])).map { index in
    let (low, high) = (body[7 + 2 * index], body[8 + 2 * index])
    return "\(high >> 4).\(high & 0x0F).\(low >> 4)"
      + (low & 0x0F == 0 ? "" : " alpha \(low & 0x0F)")
  }
  return ["versions: " + (versions.isEmpty ? "none" : versions.joined(separator: ", "))]
}

private let spdmCodeNames: [UInt8: String] = [
  0x01: "DIGESTS", 0x02: "CERTIFICATE", 0x03: "CHALLENGE_AUTH", 0x04: "VERSION",
  0x05: "CHUNK_SEND_ACK", 0x06: "CHUNK_RESPONSE", 0x07: "ENDPOINT_INFO", 0x60: "MEASUREMENTS",
  0x61: "CAPABILITIES", 0x62: "SUPPORTED_EVENT_TYPES", 0x63: "ALGORITHMS",
  0x64: "KEY_EXCHANGE_RSP", 0x65: "FINISH_RSP", 0x66: "PSK_EXCHANGE_RSP", 0x67: "PSK_FINISH_RSP",
  0x68: "HEARTBEAT_ACK", 0x69: "KEY_UPDATE_ACK", 0x6A: "ENCAPSULATED_REQUEST",
  0x6B: "ENCAPSULATED_RESPONSE_ACK", 0x6C: "END_SESSION_ACK", 0x6D: "CSR",
  0x6E: "SET_CERTIFICATE_RSP", 0x6F: "MEASUREMENT_EXTENSION_LOG",
  0x70: "SUBSCRIBE_EVENT_TYPES_ACK", 0x71: "EVENT_ACK", 0x7C: "KEY_PAIR_INFO",
  0x7D: "SET_KEY_PAIR_INFO_ACK", 0x7E: "VENDOR_DEFINED_RESPONSE", 0x7F: "ERROR",
  0x81: "GET_DIGESTS", 0x82: "GET_CERTIFICATE", 0x83: "CHALLENGE", 0x84: "GET_VERSION",
  0x85: "CHUNK_SEND", 0x86: "CHUNK_GET", 0x87: "GET_ENDPOINT_INFO", 0xE0: "GET_MEASUREMENTS",
  0xE1: "GET_CAPABILITIES", 0xE2: "GET_SUPPORTED_EVENT_TYPES", 0xE3: "NEGOTIATE_ALGORITHMS",
  0xE4: "KEY_EXCHANGE", 0xE5: "FINISH", 0xE6: "PSK_EXCHANGE", 0xE7: "PSK_FINISH",
  0xE8: "HEARTBEAT", 0xE9: "KEY_UPDATE", 0xEA: "GET_ENCAPSULATED_REQUEST",
  0xEB: "DELIVER_ENCAPSULATED_RESPONSE", 0xEC: "END_SESSION", 0xED: "GET_CSR",
  0xEE: "SET_CERTIFICATE", 0xEF: "GET_MEASUREMENT_EXTENSION_LOG", 0xF0: "SUBSCRIBE_EVENT_TYPES",
  0xF1: "SEND_EVENT", 0xFC: "GET_KEY_PAIR_INFO", 0xFD: "SET_KEY_PAIR_INFO",
  0xFE: "VENDOR_DEFINED_REQUEST", 0xFF: "RESPOND_IF_READY",
]

private let spdmErrorNames: [UInt8: String] = [
  0x01: "InvalidRequest", 0x03: "Busy", 0x04: "UnexpectedRequest", 0x05: "Unspecified",
  0x06: "DecryptError", 0x07: "UnsupportedRequest", 0x08: "RequestInFlight",
  0x09: "InvalidResponseCode", 0x0A: "SessionLimitExceeded", 0x0B: "SessionRequired",
  0x0C: "ResetRequired", 0x0D: "ResponseTooLarge", 0x0E: "RequestTooLarge",
  0x0F: "LargeResponse", 0x10: "MessageLost", 0x41: "VersionMismatch",
  0x42: "ResponseNotReady", 0x43: "RequestResynch", 0xFF: "VendorDefined",
]
