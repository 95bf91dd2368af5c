#if !hasFeature(Embedded)
  extension ControlCommand: CustomStringConvertible {
    /// The standard's name (DSP0236 1.3.3 Table 12).
    public var name: String {
      switch self {
      case .setEndpointID: "Set Endpoint ID"
      case .getEndpointID: "Get Endpoint ID"
      case .getEndpointUUID: "Get Endpoint UUID"
      case .getVersionSupport: "Get MCTP Version Support"
      case .getMessageTypeSupport: "Get Message Type Support"
      case .getVendorDefinedMessageSupport: "Get Vendor Defined Message Support"
      case .resolveEndpointID: "Resolve Endpoint ID"
      case .allocateEndpointIDs: "Allocate Endpoint IDs"
      case .routingInformationUpdate: "Routing Information Update"
      case .getRoutingTableEntries: "Get Routing Table Entries"
      case .prepareForEndpointDiscovery: "Prepare for Endpoint Discovery"
      case .endpointDiscovery: "Endpoint Discovery"
      case .discoveryNotify: "Discovery Notify"
      case .getNetworkID: "Get Network ID"
      case .queryHop: "Query Hop"
      case .resolveUUID: "Resolve UUID"
      case .queryRateLimit: "Query Rate Limit"
      case .requestTXRateLimit: "Request TX Rate Limit"
      case .updateRateLimit: "Update Rate Limit"
      case .querySupportedInterfaces: "Query Supported Interfaces"
      default:
        rawValue >= 0xF0
          ? "transport specific 0x" + rawValue.hexDigits(2) : "command 0x" + rawValue.hexDigits(2)
      }
    }

    public var description: String { name }
  }
#endif
