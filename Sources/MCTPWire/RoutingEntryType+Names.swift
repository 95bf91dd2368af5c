#if !hasFeature(Embedded)
  extension RoutingEntryType: CustomStringConvertible {
    /// `endpoint`, `bridge-range`, `bridge`, `range`: the words of topologies.
    public var name: String {
      switch self {
      case .endpoint: "endpoint"
      case .bridgeRange: "bridge-range"
      case .bridge: "bridge"
      case .range: "range"
      default: "type \(rawValue)"
      }
    }

    public var description: String { name }
  }
#endif
