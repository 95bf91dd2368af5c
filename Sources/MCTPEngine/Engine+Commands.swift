internal import MCTPWire

// Commands about this device itself: identity, versions, types.
extension Engine {
  /// DSP0236 1.3.3 §12, command 0x01. Only ports with an owner above take an EID.
  mutating func setEndpointID(
    _ request: SetEndpointID.Request, _ context: ControlContext, now: Instant
  ) throws(ControlRefusal) -> SetEndpointID.Response {
    let index = Int(context.port.rawValue)
    // An owned bus has no other owner; the answer is that of other bus owners.
    guard ports[index].configuration.role != .owner else {
      throw ControlRefusal(.errorUnsupportedCommand)
    }
    let eid: EID
    switch request.operation {
    case .setDiscovered:
      // Neither SMBus nor serial nor I3C has the discovered flag.
      throw ControlRefusal(.errorInvalidData)
    case .reset:
      guard let fixed = ports[index].fixedEID else { throw ControlRefusal(.errorInvalidData) }
      eid = fixed
    case .set, .force:
      guard request.eid.isAssignable else { throw ControlRefusal(.errorInvalidData) }
      eid = request.eid
    }
    guard mayAssign(request.operation, context) else {
      let pool = poolStatus(context.networkIndex)
      return SetEndpointID.Response(
        assignment: .rejected, allocation: pool.allocation, eid: ports[index].ownEID,
        poolSize: pool.size)
    }
    assign(eid, on: context)
    eidOriginators[context.networkIndex] = request.operation == .reset ? nil : context.port
    rememberOwner(context, eid: eid, now: now)
    let pool = poolStatus(context.networkIndex)
    return SetEndpointID.Response(
      assignment: .accepted, allocation: pool.allocation, eid: ports[index].ownEID,
      poolSize: pool.size)
  }

  /// Choice: a `peer` port keeps its fixed EID and refuses with status "rejected", so that the
  /// other side learns the EID in force.
  private func mayAssign(
    _ operation: SetEndpointID.Operation, _ context: ControlContext
  ) -> Bool {
    guard ports[Int(context.port.rawValue)].configuration.role == .endpoint else { return false }
    if operation != .set || configuration.eidPolicy != .single { return true }
    guard let originator = eidOriginators[context.networkIndex] else { return true }
    return originator == context.port
  }

  /// Gives a port, or under `.single` every port of its network, a new own EID.
  private mutating func assign(_ eid: EID, on context: ControlContext) {
    for index in 0..<ports.count where ports[index].networkIndex == context.networkIndex {
      let port = PortID(rawValue: UInt8(index))
      guard port == context.port || configuration.eidPolicy == .single else { continue }
      let former = ports[index].ownEID
      guard former != eid else { continue }
      ports[index].ownEID = eid
      events.append(.ownEIDChanged(port: port, from: former, to: eid, owner: context.address))
    }
    refreshOwnEIDs(ofNetworkAt: context.networkIndex)
  }

  /// DSP0236 1.3.3 §12, command 0x02. A bridge; its EID type says whether the topology fixed one.
  func getEndpointID(
    _ request: GetEndpointID.Request, _ context: ControlContext
  ) throws(ControlRefusal) -> GetEndpointID.Response {
    let eid = context.askedEID ?? sourceEID(on: context.port)
    let fixed = ports[portWithOwnEID(eid, context)].fixedEID
    let eidType: GetEndpointID.EIDType =
      switch fixed {
      case nil: .dynamic
      case eid: .staticPresent
      default: .staticDiffers
      }
    return GetEndpointID.Response(
      eid: eid, endpointType: .busOwnerOrBridge, eidType: eidType, mediumSpecific: 0)
  }

  /// DSP0236 1.3.3 §12, command 0x03.
  func getEndpointUUID(
    _ request: GetEndpointUUID.Request
  ) throws(ControlRefusal) -> GetEndpointUUID.Response {
    guard let uuid = configuration.uuid else { throw ControlRefusal(.errorUnsupportedCommand) }
    return GetEndpointUUID.Response(uuid: uuid)
  }

  /// DSP0236 1.3.3 §12, command 0x04: base specification and control protocol 1.0, 1.1, 1.2 and
  /// 1.3.3.
  func getVersionSupport(
    _ request: GetVersionSupport.Request
  ) throws(ControlRefusal) -> GetVersionSupport.Response {
    var versions = GetVersionSupport.Response.Versions()
    do throws(WireError) {
      switch request.subject {
      case .baseSpecification, MessageTypeSelector(.control):
        try versions.append(VersionNumber(rawValue: 0xF1F0_FF00))
        try versions.append(VersionNumber(rawValue: 0xF1F1_FF00))
        try versions.append(VersionNumber(rawValue: 0xF1F2_FF00))
        try versions.append(VersionNumber(rawValue: 0xF1F3_F300))
      default:
        for supported in configuration.messageTypes
        where MessageTypeSelector(supported.type) == request.subject {
          for version in supported.versions { try versions.append(version) }
        }
      }
    } catch { throw ControlRefusal(.error) }
    guard !versions.isEmpty else { throw ControlRefusal(.messageTypeNotSupported) }
    return GetVersionSupport.Response(versions: versions)
  }

  /// DSP0236 1.3.3 §12, command 0x05. The count and the list hold control, as all peers read have
  /// it.
  func getMessageTypeSupport(
    _ request: GetMessageTypeSupport.Request
  ) throws(ControlRefusal) -> GetMessageTypeSupport.Response {
    var types = GetMessageTypeSupport.Response.Types()
    do throws(WireError) {
      try types.append(.control)
      for supported in configuration.messageTypes { try types.append(supported.type) }
    } catch { throw ControlRefusal(.error) }
    return GetMessageTypeSupport.Response(types: types)
  }

  /// DSP0236 1.3.3 §12, command 0x06. A selector out of range is answered with ERROR_INVALID_DATA,
  /// as peers do; the clause names no code.
  func getVendorDefinedMessageSupport(
    _ request: GetVendorDefinedMessageSupport.Request
  ) throws(ControlRefusal) -> GetVendorDefinedMessageSupport.Response {
    let sets = configuration.vendorMessageSets
    let selector = Int(request.selector)
    guard selector < sets.count else { throw ControlRefusal(.errorInvalidData) }
    return GetVendorDefinedMessageSupport.Response(
      nextSelector: selector + 1 < sets.count
        ? UInt8(selector + 1)
        : GetVendorDefinedMessageSupport.noMoreSets,
      vendorID: sets[selector].vendor, commandSet: sets[selector].version)
  }

  /// DSP0236 1.3.3 §12, command 0x0E. Choice: the network ID is this device's UUID unless the
  /// topology gives the network another; a device without either does not support the command.
  func getNetworkID(
    _ request: GetNetworkID.Request, _ context: ControlContext
  ) throws(ControlRefusal) -> GetNetworkID.Response {
    let network = networks[context.networkIndex]
    for known in configuration.networkIDs where known.network == network {
      return GetNetworkID.Response(networkID: known.uuid)
    }
    guard let uuid = configuration.uuid else { throw ControlRefusal(.errorUnsupportedCommand) }
    return GetNetworkID.Response(networkID: uuid)
  }

  /// DSP0236 1.3.3 §12, command 0x14: the media of the ports in the network of the request.
  func querySupportedInterfaces(
    _ request: QuerySupportedInterfaces.Request, _ context: ControlContext
  ) throws(ControlRefusal) -> QuerySupportedInterfaces.Response {
    var interfaces = QuerySupportedInterfaces.Response.Interfaces()
    for index in 0..<ports.count
    where ports[index].networkIndex == context.networkIndex && !interfaces.isFull {
      do throws(WireError) {
        try interfaces.append(
          .init(
            medium: ports[index].configuration.medium,
            eid: sourceEID(on: PortID(rawValue: UInt8(index)))))
      } catch { throw ControlRefusal(.error) }
    }
    return QuerySupportedInterfaces.Response(interfaces: interfaces)
  }
}
