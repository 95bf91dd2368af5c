// Which addresses of a bus answer, asked as gently as scanning tools do.
//
// Everything here runs on the link's thread. A probe is a transfer of its own on a bus that others
// use too: it writes no byte but the commands of SMBus ARP, and it leaves an address alone that a
// kernel driver has.

internal import CLinuxBus

extension I2CBus {
  /// Whether something answers at `address`, and if wanted what it says it is.
  ///
  /// - Parameter asksUDID: asks a device that answered for its UDID; at 0x61, the default address
  ///   of ARP-capable devices, with the general form of the command: any one of them answers.
  func probe(_ address: UInt8, asksUDID: Bool) -> I2CProbeResult {
    let finding = acknowledges(address)
    guard asksUDID, finding == .acknowledged else {
      return I2CProbeResult(address: address, finding: finding)
    }
    return I2CProbeResult(address: address, finding: finding, udid: udid(of: address))
  }

  private func acknowledges(_ address: UInt8) -> I2CProbeResult.Finding {
    guard (0x08...0x77).contains(address) else {
      return .failed("reserved by the I2C specification, not probed")
    }
    let selected = calls.select(descriptor, address)
    if selected == -EBUSY { return .usedByDriver }
    if selected < 0 { return .failed(text(selected)) }
    let outcome: Int32
    // As scanning tools do: a quick write can change a device in these ranges (memories and
    // their write protection), and a read can lock up some elsewhere.
    let isMemory = (0x30...0x37).contains(address) || (0x50...0x5F).contains(address)
    if functionality.contains(.quick), !isMemory {
      outcome = calls.quickWrite(descriptor)
    } else if functionality.contains(.receiveByte) {
      outcome = calls.receiveByte(descriptor)
    } else {
      return .failed("the adapter cannot do the transfer that is safe at this address")
    }
    switch -outcome {
    case ...0: return .acknowledged
    case ENXIO, EREMOTEIO, EIO: return .notAcknowledged
    default: return .failed(text(outcome))
    }
  }

  private func udid(of address: UInt8) -> SMBusUDID? {
    guard calls.select(descriptor, SMBusUDID.defaultAddress) >= 0 else { return nil }
    let isGeneral = address == SMBusUDID.defaultAddress
    let command = isGeneral ? SMBusUDID.generalCommand : SMBusUDID.directedCommand(address)
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: SMBusUDID.answerByteCount) {
      room in
      room.initialize(repeating: 0)
      let count: Int32
      if functionality.contains(.readI2CBlock) {
        count = calls.readBlock(descriptor, command, room)
      } else if functionality.contains(.messages) {
        count = calls.writeRead(descriptor, SMBusUDID.defaultAddress, command, room)
      } else {
        return nil
      }
      guard count == Int32(room.count) else { return nil }
      return SMBusUDID(answer: room.span, command: command)
    }
  }

  private func text(_ outcome: Int32) -> String {
    "\(SystemError(code: -outcome, operation: "probe", path: path))"
  }
}
