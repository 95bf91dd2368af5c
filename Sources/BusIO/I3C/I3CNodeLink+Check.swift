internal import MCTPWire

extension I3CNodeLink {
  /// Faults of the topology: a path that is no character device, a provisioned ID that differs
  /// from the one in the path's name, one named twice, too many, packets that i3c-mctp does not
  /// carry.
  public func check() throws(ConfigurationFault) {
    if interface == .i3cMCTP,
      transmissionUnitBytes + PacketHeader.byteCount > I3CNodeLink.driverPacketByteCountMax
    {
      throw ConfigurationFault(
        "i3c-mctp devices carry 64 payload bytes a packet, not \(transmissionUnitBytes)",
        hint: "set the port's transmission unit to 64")
    }
    if surplusNodeCount > 0 {
      throw ConfigurationFault(
        "\(states.count + surplusNodeCount) I3C devices on one bus",
        hint: "at most \(I3CNodeLink.nodesMax) are possible")
    }
    for (index, state) in states.enumerated() {
      let node = state.node
      var number: UInt64 = 0
      if system.find(node.path, &number) >= 0, number == 0 {
        throw ConfigurationFault(
          "\(node.path) is no character device", hint: "name a node such as \(exampleName)")
      }
      if interface == .i3cDevice {
        guard let named = node.provisionedIDOfName else {
          throw ConfigurationFault(
            "\(node.path) has no bus and provisioned ID in its name",
            hint: "name a node such as \(exampleName)")
        }
        if let wanted = node.provisionedID, wanted != named {
          throw ConfigurationFault(
            "\(node.path) is device \(hexadecimal(named)), not \(hexadecimal(wanted))",
            hint: "correct the path or the provisioned ID")
        }
      }
      for other in states[..<index] {
        let isSame = node.provisionedID != nil && node.provisionedID == other.node.provisionedID
        guard isSame || node.path == other.node.path else { continue }
        throw ConfigurationFault(
          "\(other.node.path) and \(node.path) are one device", hint: "name each device once")
      }
    }
  }

  private var exampleName: String {
    interface == .i3cMCTP ? "/dev/i3c-mctp-0" : "/dev/bus/i3c/0-2ae00000000"
  }

  /// One line for each node that is missing, or takes less than the port sends.
  public var deviceNotes: [String] {
    if case .stopped = condition { return [] }
    return states.compactMap { state in
      if state.open == nil { return "\(state.reason); tried again after \(state.retryMs) ms" }
      guard let device = state.device else { return nil }
      let byteCount = min(device.maxReadByteCount, device.maxWriteByteCount)
      guard byteCount < frameByteCountMax else { return nil }
      let payloadByteCount = max(byteCount - (frameByteCountMax - transmissionUnitBytes), 0)
      return "\(state.node.path): takes packets of at most \(payloadByteCount) payload bytes"
    }
  }

  private var frameByteCountMax: Int { transmissionUnitBytes + PacketHeader.byteCount + 1 }
}
