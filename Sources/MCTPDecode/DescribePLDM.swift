import MCTPWire

/// A PLDM message over MCTP (DSP0241: type byte, then the PLDM header of DSP0240).
///
/// Header byte 0 has Rq, D and the instance ID, byte 1 header version and type, byte 2 the command
/// (Interoperability: as libpldm lays them out).
func describePLDM(_ body: Span<UInt8>) -> MessageDescription {
  let typeByte = MessageTypeByte(rawValue: body[0])
  guard body.count >= 4 else {
    return MessageDescription(summary: "PLDM, cut short", details: dataLine(body, from: 0))
  }
  let type = body[2] & 0x3F
  let command = body[3]
  let typeName = pldmTypeNames[type] ?? "type \(hexNumber(type))"
  let commandName = pldmCommandNames[type]?[command] ?? "command \(hexNumber(command))"
  var details = integrityNote(typeByte)
  if body[2] >> 6 != 0 { details.append("header version: \(body[2] >> 6)") }

  let isResponse = body[1] & 0x80 == 0
  let kind =
    switch body[1] >> 6 {
    case 0: "response"
    case 1: "response with the datagram bit"
    case 2: "request"
    default: "datagram"
    }
  var summary = "PLDM \(typeName) \(commandName) \(kind), instance \(body[1] & 0x1F)"
  guard isResponse else {
    return MessageDescription(summary: summary, details: details + dataLine(body, from: 4))
  }
  guard body.count >= 5 else {
    return MessageDescription(summary: summary + ", no completion code", details: details)
  }
  summary += ", " + (pldmCompletionNames[body[4]] ?? hexNumber(body[4]))
  if type == 0, command == 0x02, body[4] == 0, body.count == 6 {
    details.append("TID: \(body[5])")
  } else {
    details += dataLine(body, from: 5)
  }
  return MessageDescription(summary: summary, details: details)
}

private let pldmTypeNames: [UInt8: String] = [
  0x00: "base", 0x01: "SMBIOS", 0x02: "platform", 0x03: "BIOS", 0x04: "FRU", 0x05: "firmware",
  0x06: "RDE", 0x07: "file", 0x3F: "OEM",
]

private let pldmCompletionNames: [UInt8: String] = [
  0x00: "SUCCESS", 0x01: "ERROR", 0x02: "ERROR_INVALID_DATA", 0x03: "ERROR_INVALID_LENGTH",
  0x04: "ERROR_NOT_READY", 0x05: "ERROR_UNSUPPORTED_PLDM_CMD", 0x20: "ERROR_INVALID_PLDM_TYPE",
  0x21: "INVALID_TRANSFER_OPERATION_FLAG",
]
