public import MCTPWire

/// A device that is expected at an address of an owned bus.
public struct ListedDevice: Hashable, Sendable {
  public var address: PhysicalAddress
  /// The EID that the device must have; nil lets the router choose.
  public var fixedEID: EID?
  /// EIDs that a bridge at this address is expected to want for what is behind it, 0 to 246. Only
  /// used to say upward how large a pool this device itself needs before the bridge has been asked.
  public var poolSizeExpected: UInt8

  public init(address: PhysicalAddress, fixedEID: EID? = nil, poolSizeExpected: UInt8 = 0) {
    self.address = address
    self.fixedEID = fixedEID
    self.poolSizeExpected = poolSizeExpected
  }
}

/// What a new device is asked beside taking its EID. All of it is optional for the device too: a
/// missing answer never keeps an endpoint from coming up.
public struct EndpointQuestions: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Get Endpoint ID before anything else. Without it, no EID that a device already has is kept.
  public static let identity = EndpointQuestions(rawValue: 1 << 0)
  public static let uuid = EndpointQuestions(rawValue: 1 << 1)
  public static let messageTypes = EndpointQuestions(rawValue: 1 << 2)
  public static let vendorSets = EndpointQuestions(rawValue: 1 << 3)
  public static let versions = EndpointQuestions(rawValue: 1 << 4)
  public static let all: EndpointQuestions = [
    .identity, .uuid, .messageTypes, .vendorSets, .versions,
  ]
}

/// How devices are found and watched on one owned port. The default finds nothing.
public struct DiscoveryPolicy: Sendable {
  public var listed: [ListedDevice]
  /// Addresses that are asked at the probe interval; they are shown once they have answered.
  public var scanned: [PhysicalAddress]
  /// Asks whoever is at the other end of a medium without addresses.
  public var probesPointToPoint: Bool
  /// Takes what `deviceAppeared` reports.
  public var takesReportedDevices: Bool
  /// Takes Discovery Notify; else it is answered with ERROR_UNSUPPORTED_CMD.
  public var takesDiscoveryNotify: Bool
  public var questions: EndpointQuestions
  /// Requests under way at once on the port, 1 to 8.
  public var parallelismMax: Int
  /// How fast requests may leave on the port.
  public var budget: ControlBudget
  /// MT2; nil for the binding's minimum.
  public var responseTimeoutMs: UInt32?
  /// Time between two questions to an address that does not answer.
  public var probeIntervalMs: UInt32
  /// Time between two health checks of one endpoint; 0 is never.
  public var healthCheckIntervalMs: UInt32

  public init(
    listed: [ListedDevice] = [], scanned: [PhysicalAddress] = [],
    probesPointToPoint: Bool = false, takesReportedDevices: Bool = false,
    takesDiscoveryNotify: Bool = true, questions: EndpointQuestions = .all,
    parallelismMax: Int = 4, budget: ControlBudget = .port, responseTimeoutMs: UInt32? = nil,
    probeIntervalMs: UInt32 = 5000,
    healthCheckIntervalMs: UInt32 = 10_000
  ) {
    self.listed = listed
    self.scanned = scanned
    self.probesPointToPoint = probesPointToPoint
    self.takesReportedDevices = takesReportedDevices
    self.takesDiscoveryNotify = takesDiscoveryNotify
    self.questions = questions
    self.parallelismMax = parallelismMax
    self.budget = budget
    self.responseTimeoutMs = responseTimeoutMs
    self.probeIntervalMs = probeIntervalMs
    self.healthCheckIntervalMs = healthCheckIntervalMs
  }
}

extension ControlBudget {
  /// Of a port, unless told otherwise: 16 at once, then 50 a second.
  public static let port = ControlBudget(burst: 16, perSecond: 50)
}
