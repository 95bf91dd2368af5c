// The fields of single control commands, one line each.

import MCTPWire

func text(_ request: SetEndpointID.Request) -> [String] {
  switch request.operation {
  case .set: ["set EID \(request.eid)"]
  case .force: ["force EID \(request.eid)"]
  case .reset: ["reset to the static EID"]
  case .setDiscovered: ["set the discovered flag"]
  }
}

func text(_ response: SetEndpointID.Response) -> [String] {
  let assignment =
    switch response.assignment {
    case .accepted: "accepted"
    case .rejected: "rejected, another bus assigned it"
    case .reserved(let value): "reserved status \(value)"
    }
  let allocation =
    switch response.allocation {
    case .noPool: "no EID pool"
    case .poolRequired: "EID pool required"
    case .poolAllocated: "EID pool already allocated"
    case .reserved: "reserved pool status 3"
    }
  return [
    "assignment: \(assignment)", "EID: \(response.eid)", "pool: \(allocation)",
    "pool size: \(response.poolSize)",
  ]
}

func text(_ response: GetEndpointID.Response) -> [String] {
  let endpoint =
    switch response.endpointType {
    case .simple: "simple endpoint"
    case .busOwnerOrBridge: "bus owner or bridge"
    case .reserved2: "reserved type 2"
    case .reserved3: "reserved type 3"
    }
  let kind =
    switch response.eidType {
    case .dynamic: "dynamic"
    case .staticSupported: "static supported"
    case .staticPresent: "static, in use"
    case .staticDiffers: "static, another in use"
    }
  return [
    "EID: " + (response.eid == .null ? "none yet" : "\(response.eid)"),
    "endpoint: \(endpoint)", "EID kind: \(kind)",
    "medium specific: \(hexNumber(response.mediumSpecific))",
  ]
}

func text(_ request: GetVersionSupport.Request) -> [String] {
  guard request.subject != .baseSpecification else { return ["of: base specification"] }
  return ["of: \(text(request.subject))"]
}

func text(_ response: GetVersionSupport.Response) -> [String] {
  let versions = (0..<response.versions.count).map { index in
    let version = response.versions[index]
    return version.looksByteSwapped
      ? "\(version.byteSwapped) (bytes in reverse order)" : "\(version)"
  }
  return ["versions: " + listText(versions)]
}

func text(_ response: GetMessageTypeSupport.Response) -> [String] {
  let types = (0..<response.types.count).map { response.types[$0].name }
  return ["message types: " + listText(types)]
}

func text(_ response: GetVendorDefinedMessageSupport.Response) -> [String] {
  [
    "next selector: "
      + (response.nextSelector == GetVendorDefinedMessageSupport.noMoreSets
        ? "none" : "\(response.nextSelector)"),
    "vendor: \(response.vendorID)", "command set: \(hexNumber(response.commandSet))",
  ]
}

func text(_ request: AllocateEndpointIDs.Request) -> [String] {
  let pool = "\(request.eidCount) EIDs from \(request.firstEID)"
  return switch request.operation {
  case .allocate: ["allocate " + pool]
  case .force: ["force allocation of " + pool]
  case .information: ["ask for the present allocation"]
  case .reserved: ["reserved operation 3, " + pool]
  }
}

func text(_ response: AllocateEndpointIDs.Response) -> [String] {
  let status =
    switch response.status {
    case .accepted: "accepted"
    case .rejected: "rejected, another bus supplied the pool"
    case .reserved2: "reserved status 2"
    case .reserved3: "reserved status 3"
    }
  return [
    "allocation: \(status)", "pool size: \(response.poolSize)", "first EID: \(response.firstEID)",
  ]
}

func text(_ request: RoutingInformationUpdate.Request) -> [String] {
  (0..<request.entries.count).map { index in
    let entry = request.entries[index]
    return "\(rangeText(entry.firstEID, entry.eidCount)) \(entry.type), address \(entry.address)"
  }
}

func text(_ response: GetRoutingTableEntries.Response) -> [String] {
  [handleText(response.nextHandle)]
    + (0..<response.entries.count).map { index in
      let entry = response.entries[index]
      return "\(rangeText(entry.firstEID, entry.eidCount)) \(entry.type), "
        + (entry.isStatic ? "static" : "dynamic")
        + ", port \(entry.port.rawValue), \(entry.binding.name), \(entry.medium.name), "
        + "address \(entry.address)"
    }
}

func text(_ response: QueryHop.Response) -> [String] {
  [
    "next EID: "
      + (response.nextEID == .null ? "none, local to this bus" : "\(response.nextEID)"),
    "message type: \(text(response.messageType))",
    "incoming transmission unit: \(response.incomingUnitMax.transmissionUnitBytes) bytes",
    "outgoing transmission unit: \(response.outgoingUnitMax.transmissionUnitBytes) bytes",
  ]
}

func text(_ response: ResolveUUID.Response) -> [String] {
  [handleText(response.nextHandle)]
    + (0..<response.entries.count).map { index in
      let entry = response.entries[index]
      return "EID \(entry.eid), \(entry.binding.name), \(entry.medium.name), "
        + "address \(entry.address)"
    }
}

func text(_ response: QueryRateLimit.Response) -> [String] {
  [
    "receive buffer: \(response.receiveBufferBytes) bytes",
    "receive rate: \(response.receiveRateMax) packets/s at most",
    "transmit limit: \(response.transmitLimitMin) to \(response.transmitLimitMax) packets/s",
    "burst: \(response.burstMax) packets at most",
    "in force: "
      + rateLines(burst: response.burstPackets, rate: response.transmitLimit)
      .joined(separator: ", "),
    "limiting: " + (response.isLimitingSupported ? "supported" : "not supported")
      + (response.limitsOnlyNonRequested ? ", of non-requested messages only" : ""),
  ]
}

func text(_ response: QuerySupportedInterfaces.Response) -> [String] {
  (0..<response.interfaces.count).map { index in
    let interface = response.interfaces[index]
    return "EID \(interface.eid), \(interface.medium.name)"
  }
}

func text(_ selector: MessageTypeSelector) -> String {
  if selector == .all { return "all" }
  return selector.messageType?.name ?? hexNumber(selector.rawValue)
}

func rateLines(burst: UInt32, rate: UInt32) -> [String] {
  ["burst \(burst) packets", "rate \(rate) packets/s"]
}

private func handleText(_ handle: UInt8) -> String {
  handle == GetRoutingTableEntries.noMoreEntries ? "last page" : "next handle: \(handle)"
}

private func listText(_ items: [String]) -> String {
  items.isEmpty ? "none" : items.joined(separator: ", ")
}

/// `EID 9`, `EIDs 9 to 12`; a count of 0 or past EID 255 stays visible as a count.
private func rangeText(_ first: EID, _ count: UInt8) -> String {
  let last = Int(first.rawValue) + Int(count) - 1
  if count == 1 { return "EID \(first)" }
  return count == 0 || last > 0xFF
    ? "\(count) EIDs from \(first)" : "EIDs \(first) to \(last)"
}
