internal import MCTPWire

// Owned ports that look for devices: where they look, and what they have to give.

extension TopologyLoader {
  /// Needs ranges and fixed EIDs.
  mutating func checkDiscovery() {
    for (index, port) in ports.enumerated() where port.fields.has("discovery") {
      if let role = port.role?.value, role != .owner {
        reader.diagnostics.error(
          "`discovery` is for ports with role `owner`, \(port.title) has role `\(role.rawValue)`",
          at: port.fields.keyPosition("discovery"),
          hint: role == .endpoint
            ? "the owner there gives the EIDs: remove it"
            : "nobody gives EIDs on a bus with role `peer`: remove it")
        continue
      }
      guard let discovery = port.discovery else { continue }
      checkExpectedDevices(discovery, index)
      checkScan(discovery.scan, port)
      checkLooksSomewhere(discovery, port)
      checkHasEIDs(discovery, port)
    }
  }

  private mutating func checkExpectedDevices(_ discovery: DiscoveryDraft, _ portIndex: Int) {
    let port = ports[portIndex]
    var first: [PhysicalAddress: SourcePosition] = [:]
    for device in discovery.expectedDevices {
      guard let address = device.address, address.value != .none else { continue }
      if address.value == port.address?.value {
        reader.diagnostics.error(
          "\(address.value.text) is the router's own address on \(port.title)",
          at: address.position, hint: "an expected device is another one")
      } else if let other = first[address.value] {
        reader.diagnostics.error(
          "\(address.value.text) is listed twice on \(port.title)", at: address.position,
          hint: "the other one is at line \(other.line)")
      } else {
        first[address.value] = address.position
        warnOfAbsence(address, portIndex)
      }
    }
  }

  /// On a simulated port everything that is there is in the file.
  private mutating func warnOfAbsence(_ address: Located<PhysicalAddress>, _ portIndex: Int) {
    let port = ports[portIndex]
    guard port.device?.value == .simulated,
      !devices.contains(where: {
        $0.portIndex == portIndex && ($0.address == nil || $0.address?.value == address.value)
      })
    else { return }
    reader.diagnostics.warning(
      "no device is simulated at \(address.value.text) on \(port.title)", at: address.position,
      hint: "it will be asked and never answer: add one to `devices`")
  }

  private mutating func checkScan(_ scan: [Located<ClosedRange<UInt8>>], _ port: PortDraft) {
    var before: [Located<ClosedRange<UInt8>>] = []
    for range in scan {
      if let other = before.first(where: { $0.value.overlaps(range.value) }) {
        reader.diagnostics.error(
          "the scan of \(range.value.addressText) overlaps \(other.value.addressText)",
          at: range.position, hint: "that one is at line \(other.position.line)")
      }
      before.append(range)
      let address = PhysicalAddress.i2c(range.value.lowerBound)
      if range.value.count == 1, address == port.address?.value {
        reader.diagnostics.error(
          "\(address.text) is the router's own address on \(port.title)", at: range.position,
          hint: "no other device is there: remove it")
      }
      if range.value.count == 1, !SMBusAddress.isForDevices(range.value.lowerBound) {
        reader.diagnostics.error(
          "\(address.text) is an address that SMBus has for itself", at: range.position,
          hint: "many devices answer there: remove it")
      }
      if range.value.overlaps(SMBusAddress.usualEEPROMs) {
        reader.diagnostics.warning(
          "the scan of \(range.value.addressText) may write to EEPROMs", at: range.position,
          hint: "they are at \(SMBusAddress.usualEEPROMs.addressText), and asking is a write: scan "
            + "there only where there is none")
      }
    }
  }

  private mutating func checkLooksSomewhere(_ discovery: DiscoveryDraft, _ port: PortDraft) {
    guard let bus = port.bus else { return }
    let isExpecting = !discovery.expectedDevices.isEmpty
    if !bus.hasAddresses, discovery.isProbing == false, isExpecting {
      reader.diagnostics.error(
        "`probe` is false, and a device is expected on \(port.title)",
        at: discovery.fields.keyPosition("probe"), hint: "remove `probe` or `addresses`")
    }
    guard !isExpecting, !discovery.fields.has("scan"), discovery.isProbing == false,
      discovery.takesReportedDevices == false
    else { return }
    let hint =
      switch bus {
      case .i2c: "`addresses` and `scan` say where to look"
      case .i3c: "`reported` takes what the bus reports, `addresses` are asked"
      case .serial, .usb, .link: "`probe` asks who is at the other end"
      }
    reader.diagnostics.warning(
      "\(port.title) looks for nobody", at: port.fields.keyPosition("discovery"),
      hint: hint + "; without it devices must announce themselves")
  }

  /// Ranges, a pool from above, or a fixed EID for whoever comes.
  private mutating func checkHasEIDs(_ discovery: DiscoveryDraft, _ port: PortDraft) {
    guard let network = port.network, router != nil else { return }
    if let ranges = eidRanges(in: network), !ranges.isEmpty { return }
    // An unreadable role or network is a gap, not a reason for a second diagnostic.
    let isFed = ports.contains { other in
      (other.network ?? network) == network && (other.role == nil || other.role?.value == .endpoint)
    }
    let expected = discovery.expectedDevices
    let isFixed = !expected.isEmpty && expected.allSatisfy(\.hasEID)
    // Choice: devices that are fixed by UUID may be all that there are.
    let isFixedByUUID = endpoints.contains { ($0.network?.value ?? network) == network }
    guard !isFed, !isFixed, !isFixedByUUID else { return }
    reader.diagnostics.error(
      "\(port.title) has no EIDs to give in network \(network)",
      at: port.fields.keyPosition("discovery"),
      hint: "give the router `eid-ranges`, a port of the network role `endpoint` so that an owner "
        + "above gives a pool, or every device at `addresses` an `eid`")
  }
}

/// Addresses of SMBus that discovery keeps off.
enum SMBusAddress {
  /// 24C EEPROMs answer at one or more of these. Choice: only warned of, because nothing keeps
  /// an MCTP device from such an address.
  static let usualEEPROMs: ClosedRange<UInt8> = 0x50...0x57

  /// False for the alert response address and the device default address, where many devices
  /// answer at once.
  static func isForDevices(_ address: UInt8) -> Bool { address != 0x0C && address != 0x61 }
}

extension ClosedRange<UInt8> {
  /// `0x1d`, or `0x10-0x1f`.
  fileprivate var addressText: String {
    let first = hexadecimal(UInt64(lowerBound))
    return count == 1 ? first : first + "-" + hexadecimal(UInt64(upperBound))
  }
}
