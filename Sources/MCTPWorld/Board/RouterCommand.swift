public import MCTPWire

/// What people ask of a router's bus owner, as `Engine` takes it. Whether it is refused is the
/// engine's answer, and no fault of a run.
public enum RouterCommand: Hashable, Sendable {
  case assign(EID, on: PortID, at: PhysicalAddress)
  case forget(EID, network: UInt8)
  case discover(on: PortID)
  case recover(EID, network: UInt8)
  case allocate(UInt8, to: EID, network: UInt8)
}
