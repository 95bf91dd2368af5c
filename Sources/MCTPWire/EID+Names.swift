#if !hasFeature(Embedded)
  extension EID: CustomStringConvertible {
    /// Decimal, as people and admin replies write EIDs.
    public var description: String { String(rawValue) }
  }
#endif
