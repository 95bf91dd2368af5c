// What must hold after every verb. For tests, the simulation, and whoever doubts.

public import MCTPWire

/// A rule that the EID space broke, and where. There is no way to one: it is a defect.
public enum EIDSpaceViolation: Hashable, Sendable {
  /// Held, and not assignable.
  case heldUnassignable(EID)
  /// Held and resting at once: a reservation of what rests for its last holder excepted.
  case heldWhileResting(EID)
  /// Held for one device and fixed for another.
  case fixedForAnother(EID)
  /// In the pool of an EID that is not leased, or kept after an EID that is not reserved.
  case poolWithoutBridge(EID)
  /// The pool of this bridge, or the run kept after it, has a hole.
  case poolNotContiguous(bridge: EID)
  /// Used, and counted as never used.
  case historyLost(EID)
  /// A port's own, and not this router's in the books. Only the engine can know.
  case ownNotHeld(EID)
  /// Reserved or leased, and no device is given it or has it, nor is it routed by somebody's will.
  /// Only the engine can know.
  case heldForNobody(EID)
}

extension EIDSpace {
  /// The first broken rule; nil when all hold. No EID can have two holders, because each has one
  /// cell; what is checked is that the cells agree with each other.
  public var violation: EIDSpaceViolation? {
    for index in cells.indices {
      let cell = cells[index]
      let eid = EID(UInt8(index))
      guard cell.use != .none else { continue }
      if !eid.isAssignable { return .heldUnassignable(eid) }
      let device: EID
      let owner: Use
      switch cell.use {
      case .reserved(let holder): (device, owner) = (holder, .reserved(device: holder))
      case .pool(let bridge): (device, owner) = (bridge, .leased)
      case .own, .leased, .none: (device, owner) = (eid, cell.use)
      }
      if cells[Int(device.rawValue)].use != owner { return .poolWithoutBridge(eid) }
      // An own EID beats one that is fixed: an owner above may assign any.
      if cell.use != .own, cell.fixedFor != .null, cell.fixedFor != device {
        return .fixedForAnother(eid)
      }
      if case .reserved = cell.use {
        if cell.restsUntil != nil, cell.lastHolder != device { return .heldWhileResting(eid) }
      } else if cell.restsUntil != nil {
        return .heldWhileResting(eid)
      }
      if hasHole(before: eid, device: device) { return .poolNotContiguous(bridge: device) }
      if cell.use == .leased || device != eid, !cell.wasUsed, owner == .leased {
        return .historyLost(eid)
      }
    }
    return nil
  }

  /// True when a lower EID has the same use as `eid` and the one before `eid` has not.
  private func hasHole(before eid: EID, device: EID) -> Bool {
    let index = Int(eid.rawValue)
    let use = cells[index].use
    switch use {
    case .pool, .reserved: break
    case .own, .leased, .none: return false
    }
    if cells[index - 1].use == use { return false }
    for lower in 0..<(index - 1) where cells[lower].use == use { return true }
    return false
  }
}
