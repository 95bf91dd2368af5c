public import MCTPWire

/// Where a control request goes.
public struct ControlDestination: Hashable, Sendable {
  public var port: PortID
  /// The next hop's address on the port's bus.
  public var address: PhysicalAddress
  /// The destination EID of the packet: null for "whoever is at the address", broadcast for every
  /// endpoint on the bus.
  public var eid: EID
  /// True when the endpoint is not the device at `address` but one behind it.
  public var isBehindBridge: Bool

  public init(
    port: PortID, address: PhysicalAddress, eid: EID = .null, isBehindBridge: Bool = false
  ) {
    self.port = port
    self.address = address
    self.eid = eid
    self.isBehindBridge = isBehindBridge
  }

  /// Every endpoint on the bus; which of the bus's addresses means that is the binding's matter.
  public static func broadcast(
    on port: PortID, address: PhysicalAddress = .none
  ) -> ControlDestination {
    ControlDestination(port: port, address: address, eid: .broadcast)
  }

  public var responder: ControlResponder {
    if eid == .broadcast { return .everyone(port) }
    return isBehindBridge ? .endpoint(port, eid) : .device(port, address)
  }
}

/// Who answers: each is asked one thing at a time (DSP0236 1.3.3 §11).
public enum ControlResponder: Hashable, Sendable {
  /// The device at a physical address, whatever its EID.
  case device(PortID, PhysicalAddress)
  /// An endpoint behind a bridge.
  case endpoint(PortID, EID)
  /// Every endpoint on a bus: a broadcast.
  case everyone(PortID)
}
