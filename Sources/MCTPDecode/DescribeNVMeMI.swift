import MCTPWire

/// An NVMe-MI message over MCTP (DSP0235; the fields are those of libnvme's mi.h).
///
/// Byte 1 has the direction in bit 7, the NVMe-MI message type in bits 6:3 and the command slot in
/// bit 0. The integrity check is the last four bytes; it is shown and not verified.
func describeNVMeMI(_ body: Span<UInt8>) -> MessageDescription {
  let hasCheck = MessageTypeByte(rawValue: body[0]).hasIntegrityCheck
  let checkBytes = hasCheck ? 4 : 0
  guard body.count >= 5 + checkBytes else {
    return MessageDescription(summary: "NVMe-MI, cut short", details: dataLine(body, from: 0))
  }
  let isResponse = body[1] & 0x80 != 0
  let type = body[1] >> 3 & 0x0F
  let typeName =
    switch type {
    case 0: "control primitive"
    case 1: "command"
    case 2: "admin command"
    case 4: "PCIe command"
    case 5: "asynchronous event"
    default: "type \(type)"
    }
  let code = body[4]
  let what =
    isResponse
    ? "response, " + (nvmeStatusNames[code] ?? "status \(hexNumber(code))")
    : (nvmeOpcodeNames[type]?[code] ?? "opcode \(hexNumber(code))") + " request"
  let end = body.count - checkBytes
  var details = dataLine(body.extracting(..<end), from: 5)
  if hasCheck {
    details.append("integrity check: " + hexText(body.extracting(end...)))
  } else {
    details.append("no integrity check: every NVMe-MI message has one")
  }
  return MessageDescription(
    summary: "NVMe-MI \(typeName) \(what), slot \(body[1] & 0x01)", details: details)
}

private let nvmeOpcodeNames: [UInt8: [UInt8: String]] = [
  0: [0x00: "Pause", 0x01: "Resume", 0x02: "Abort", 0x03: "Get State", 0x04: "Replay"],
  1: [
    0x00: "Read NVMe-MI Data Structure", 0x01: "NVM Subsystem Health Status Poll",
    0x02: "Controller Health Status Poll", 0x03: "Configuration Set",
    0x04: "Configuration Get", 0x05: "VPD Read", 0x06: "VPD Write", 0x07: "Reset",
    0x08: "SES Receive", 0x09: "SES Send", 0x0A: "Management Endpoint Buffer Read",
    0x0B: "Management Endpoint Buffer Write", 0x0C: "Shutdown",
  ],
  2: [
    0x02: "Get Log Page", 0x06: "Identify", 0x09: "Set Features", 0x0A: "Get Features",
    0x0D: "Namespace Management", 0x10: "Firmware Commit", 0x11: "Firmware Image Download",
    0x14: "Device Self-test", 0x15: "Namespace Attachment", 0x80: "Format NVM",
    0x81: "Security Send", 0x82: "Security Receive", 0x84: "Sanitize",
  ],
  4: [
    0x00: "Configuration Read", 0x01: "Configuration Write", 0x02: "Memory Read",
    0x03: "Memory Write", 0x04: "I/O Read", 0x05: "I/O Write",
  ],
]

private let nvmeStatusNames: [UInt8: String] = [
  0x00: "Success", 0x01: "More Processing Required", 0x02: "Internal Error",
  0x03: "Invalid Command Opcode", 0x04: "Invalid Parameter", 0x05: "Invalid Command Size",
  0x06: "Invalid Command Input Data Size", 0x07: "Access Denied",
  0x20: "VPD Updates Exceeded", 0x21: "PCIe Inaccessible",
  0x22: "Management Endpoint Buffer Cleared Due to Sanitize",
  0x23: "Enclosure Services Failure", 0x24: "Enclosure Services Transfer Failure",
  0x25: "Enclosure Failure", 0x26: "Enclosure Services Transfer Refused",
  0x27: "Unsupported Enclosure Function", 0x28: "Enclosure Services Unavailable",
  0x29: "Enclosure Degraded", 0x2A: "Sanitize In Progress",
]
