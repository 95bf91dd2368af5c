// Bytes to words for people: logs, `router-ctl send` and captures. Nothing here decides anything;
// what is not understood stays visible as hex.

import MCTPWire

/// One packet, MCTP header on, in one line: header, then what its message is when the packet
/// starts one.
///
/// Whatever the bytes are, this returns.
public func describe(packet: Span<UInt8>) -> String {
  guard let header = PacketHeader(packet) else {
    return "\(byteCount(packet.count)), too short for a packet: \(hexText(packet))"
  }
  let payload = packet.extracting(PacketHeader.byteCount...)
  guard header.version == PacketHeader.supportedVersion else {
    return "\(header), payload \(hexText(payload))"
  }
  guard header.som else { return "\(header), \(byteCount(payload.count)) more" }
  let message = describe(message: payload)
  var line = "\(header), \(message.summary)"
  if header.eom {
    if !message.details.isEmpty, message.details.count <= 4 {
      line += ": " + message.details.joined(separator: ", ")
    }
  } else {
    line += ", first \(byteCount(payload.count))"
  }
  return line
}

/// A whole message body, message type byte first.
///
/// Whatever the bytes are, this returns.
public func describe(message body: Span<UInt8>) -> MessageDescription {
  guard !body.isEmpty else { return MessageDescription(summary: "message without a type byte") }
  let typeByte = MessageTypeByte(rawValue: body[0])
  switch typeByte.type {
  case .control: return describeControl(body)
  case .pldm: return describePLDM(body)
  case .nvmeMI: return describeNVMeMI(body)
  case .spdm: return describeSPDM(body)
  case .securedMessages: return describeSecured(body)
  case .vendorPCI, .vendorIANA: return describeVendorDefined(body, typeByte.type)
  default:
    return MessageDescription(
      summary: "message type \(typeByte.type.name), \(byteCount(body.count))",
      details: integrityNote(typeByte) + dataLine(body, from: 1))
  }
}

/// A line for the rest of a body; none when nothing is left.
func dataLine(_ body: Span<UInt8>, from offset: Int) -> [String] {
  guard offset < body.count else { return [] }
  return ["data: " + hexText(body.extracting(offset...))]
}

/// A line when the integrity check bit is set on a type that is not described further.
func integrityNote(_ typeByte: MessageTypeByte) -> [String] {
  typeByte.hasIntegrityCheck ? ["integrity check bit set"] : []
}

/// `1 byte`, `2 bytes`.
func byteCount(_ count: Int) -> String { count == 1 ? "1 byte" : "\(count) bytes" }

/// Bytes as lower-case hex, separated by blanks; `-` for none.
func hexText(_ bytes: Span<UInt8>) -> String {
  guard !bytes.isEmpty else { return "-" }
  var text = ""
  text.reserveCapacity(bytes.count * 3)
  for index in bytes.indices {
    if index > 0 { text += " " }
    text += hexDigits(UInt64(bytes[index]), 2)
  }
  return text
}

/// `0x` and lower-case digits, padded with zeros.
func hexNumber(_ value: some FixedWidthInteger & UnsignedInteger) -> String {
  "0x" + hexDigits(UInt64(value), value.bitWidth / 4)
}

private func hexDigits(_ value: UInt64, _ count: Int) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, count - digits.count)) + digits
}
