public import MCTPWire

/// What one EID is to this router. Every EID is exactly one of these at a time.
public enum EIDState: Hashable, Sendable {
  /// Not ours to give, or not assignable at all.
  case foreign
  /// Ours to give to whoever comes.
  case free(EIDHistory)
  /// This router's own.
  case own
  /// Kept for the device that the topology names; that device does not have it now.
  case fixed
  /// Chosen for `device` and not yet confirmed by it: its own EID, or one of those right after it
  /// that are kept free for its pool. `device` is the EID that the device is to have.
  case reserved(device: EID)
  /// A device has it.
  case leased
  /// In the pool of the bridge with that EID.
  case poolOf(EID)
  /// Given back, and not given out again before `until` (T_RECLAIM, DSP0236 1.3.3 §9).
  case quarantined(until: Instant)

  /// True for the states in which somebody has the EID or is about to.
  public var isHeld: Bool {
    switch self {
    case .own, .reserved, .leased, .poolOf: true
    case .foreign, .free, .fixed, .quarantined: false
    }
  }
}

/// Whether a free EID was somebody's before: never-used ones go first (DSP0236 1.3.3 §9).
public enum EIDHistory: UInt8, Hashable, Sendable {
  case neverUsed
  case usedBefore
}

/// Who asks for an EID.
public enum EIDClaim: UInt8, Hashable, Sendable {
  /// A device not known to have had the EID: fixed EIDs and resting ones are not for it.
  case newcomer
  /// The device that had the EID last. The rest time guards others against that device, so it
  /// does not hold the device itself off; nor does it hold a bridge off its last pool.
  case returning
  /// The device that the topology names for the EID: what is fixed for it is for it too.
  case named
}
