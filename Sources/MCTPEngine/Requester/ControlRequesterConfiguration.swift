public import MCTPWire

/// How many packets may leave: `burst` at once, then `perSecond` of them.
public struct ControlBudget: Hashable, Sendable {
  /// At least 1.
  public var burst: UInt16
  /// At least 1.
  public var perSecond: UInt16

  public init(burst: UInt16, perSecond: UInt16) {
    self.burst = burst
    self.perSecond = perSecond
  }
}

public struct ControlPortConfiguration: Sendable {
  public var binding: BindingType
  /// MT2: how long a response is waited for; nil for the binding's minimum, which it may not be
  /// below. All repetitions must fit MT4.
  public var responseTimeoutMs: UInt32?
  /// MN1, at least the binding's minimum.
  public var retryCount: UInt8
  /// Responders that are asked at the same time: 1 to 8, because there are 8 tags.
  public var outstandingMax: Int
  /// Choice: 50 packets a second are a tenth of a bus with 100 kHz.
  public var budget: ControlBudget

  public init(
    binding: BindingType, responseTimeoutMs: UInt32? = nil, retryCount: UInt8 = 2,
    outstandingMax: Int = 4, budget: ControlBudget = ControlBudget(burst: 16, perSecond: 50)
  ) {
    self.binding = binding
    self.responseTimeoutMs = responseTimeoutMs
    self.retryCount = retryCount
    self.outstandingMax = outstandingMax
    self.budget = budget
  }
}

/// Everything a requester is told once. What contradicts itself is a defect of the caller and
/// traps.
public struct ControlRequesterConfiguration: Sendable {
  /// By port number.
  public var ports: [ControlPortConfiguration]
  /// Requests that wait or are under way, and outcomes that nobody took, together.
  public var requestCountMax: Int
  /// Requests under way on all ports: 1 to 32, because there are 32 instance IDs.
  public var outstandingMax: Int
  /// Responders that are remembered, at least `requestCountMax`; about 150 bytes each.
  public var peerCountMax: Int
  /// For each responder. Halved with every request in a row that it does not answer, down to a
  /// 16th, so that a device that is not there costs its bus little.
  public var peerBudget: ControlBudget
  /// Choice: 300 ms. No text gives a time; a data sheet of a shipping device asks for this one.
  public var notReadyDelayMs: UInt32
  /// How often ERROR_NOT_READY is taken for "later" before it is the answer.
  public var notReadyCountMax: UInt8
  /// The most that chance adds to MT2, so that requesters do not repeat in step.
  public var jitterMs: UInt32

  public init(
    ports: [ControlPortConfiguration], requestCountMax: Int = 256, outstandingMax: Int = 32,
    peerCountMax: Int = 256, peerBudget: ControlBudget = ControlBudget(burst: 8, perSecond: 10),
    notReadyDelayMs: UInt32 = 300, notReadyCountMax: UInt8 = 8, jitterMs: UInt32 = 30
  ) {
    self.ports = ports
    self.requestCountMax = requestCountMax
    self.outstandingMax = outstandingMax
    self.peerCountMax = peerCountMax
    self.peerBudget = peerBudget
    self.notReadyDelayMs = notReadyDelayMs
    self.notReadyCountMax = notReadyCountMax
    self.jitterMs = jitterMs
  }
}
