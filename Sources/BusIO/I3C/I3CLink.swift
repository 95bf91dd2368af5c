public import MCTPWire

/// An in-band interrupt that the controller acknowledged.
public struct I3CInterrupt: Hashable, Sendable {
  public var dynamicAddress: UInt8
  /// Nil when the target sent none.
  public var mandatoryByte: UInt8?

  public init(dynamicAddress: UInt8, mandatoryByte: UInt8?) {
    self.dynamicAddress = dynamicAddress
    self.mandatoryByte = mandatoryByte
  }
}

/// How a transfer ended.
public struct I3CTransferResult: Hashable, Sendable {
  public var result: TransmissionResult
  /// What a read or GETSTATUS brought; 0 for writes and failures.
  public var byteCount: Int

  public init(_ result: TransmissionResult, byteCount: Int = 0) {
    self.result = result
    self.byteCount = byteCount
  }
}

/// The bus under an `I3CPort`, with this device as its controller: one transfer at a time,
/// nothing of MCTP.
///
/// Life: as `I2CLink`. The PEC is the port's; a link whose driver makes and checks it strips and
/// adds it.
public protocol I3CLink: AnyObject {
  /// A link that leaves `.up` has forgotten the transfer under way: it reports no result for it.
  var condition: PortCondition { get }

  /// When `service` must be called though no descriptor is ready; a result or interrupt that was
  /// not collected and a change of `devices` count as due. Nil while the bus is idle.
  var nextDeadline: Instant? { get }

  /// The targets that are there now, of every kind.
  var devices: [I3CDevice] { get }

  /// Differs from the value before whenever `devices` differs.
  var deviceGeneration: Int { get }

  /// False where no GETSTATUS reaches the bus: then a device that does not announce its packets is
  /// read from in turn, and one that has none does not acknowledge.
  var hasGetStatus: Bool { get }

  /// How many reads go before a packet that waits for its write, 1 or more. 1 where each takes the
  /// bus's time; more where the link has read already.
  var readsPerTurn: Int { get }

  /// One line for each device that is expected and not there, or not as it should be, for people;
  /// none in most links. What waits for all of them is in `condition`.
  var deviceNotes: [String] { get }

  /// Counters that the kernel keeps for it; none in most links.
  var linkCounters: [LinkCounter] { get }

  /// What waiting will not mend, looked at before `start`. A device that is not there is no fault.
  func check() throws(ConfigurationFault)

  func start(now: Instant)
  func service(now: Instant)

  /// A device of the system came or went, perhaps one of these.
  func devicesChanged(now: Instant)

  /// Begins a private write; the bytes are copied. This and the other `start…` transfers: only
  /// while `.up`, only after the result of the transfer before was collected.
  func startWrite(_ bytes: Span<UInt8>, to dynamicAddress: UInt8, now: Instant)

  /// Begins a private read of at most `byteCountMax` bytes; the target may end it early.
  func startRead(from dynamicAddress: UInt8, byteCountMax: Int, now: Instant)

  /// Begins a direct GETSTATUS: two bytes, most significant first.
  func startGetStatus(of dynamicAddress: UInt8, now: Instant)

  /// The result of the transfer, once, its bytes moved into `buffer`; nil while it is under way.
  func finishedTransfer(into buffer: inout MutableSpan<UInt8>) -> I3CTransferResult?

  /// The oldest interrupt that was not collected.
  func nextInterrupt() -> I3CInterrupt?

  func stop()
}

extension I3CLink {
  public var hasGetStatus: Bool { true }
  public var readsPerTurn: Int { 1 }
  public var deviceNotes: [String] { [] }
  public var linkCounters: [LinkCounter] { [] }
  public func check() throws(ConfigurationFault) {}
  public func devicesChanged(now: Instant) {}
}
