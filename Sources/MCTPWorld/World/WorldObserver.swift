public import MCTPEngine
public import MCTPWire

/// Sees everything that happens in a world, in order. Spans are borrowed for the call.
///
/// Implementations: the checker of invariants; the trace; the capture of a run.
public protocol WorldObserver: AnyObject {
  /// The first thing that it found wrong; the run ends then.
  var violation: Violation? { get }
  /// `violation` is there: asked after each step, so without a copy of its text.
  var hasViolation: Bool { get }

  /// A run's time goes on to here; everything until the next call happens at it.
  func timeAdvanced(to now: Instant)

  /// An event of the plan, before it takes effect; `text` is for people.
  func happened(_ event: WorldEvent, _ text: String)

  /// A router's engine took a packet from a port and decided.
  func received(
    _ packet: Span<UInt8>, router: Int, port: PortID, from address: PhysicalAddress,
    _ disposition: Disposition)

  /// A frame that never became a packet ended at a router's port.
  func damaged(_ reason: DropReason, router: Int, port: PortID)

  /// A router's port begins an attempt at a packet that waited in its queue.
  func transmitting(
    _ packet: Span<UInt8>, router: Int, port: PortID, to address: PhysicalAddress,
    failedAttempts: UInt8)

  /// How the oldest attempt of a port ended.
  func transmitted(_ result: TransmissionResult, router: Int, port: PortID)

  /// A router's port came up or went down; what waited there is gone then.
  func portChanged(isUp: Bool, router: Int, port: PortID)

  /// A device took a packet from its wire; `sender` is the address that the frame named.
  func deviceReceived(_ packet: Span<UInt8>, device: Int, from address: PhysicalAddress)
  /// A device puts a packet on its wire.
  func deviceSent(_ packet: Span<UInt8>, device: Int, to address: PhysicalAddress)
  /// A frame or packet ended at a device.
  func deviceDamaged(_ reason: DropReason, device: Int)

  /// A device of another make found that a router does what no standard allows.
  func deviceComplained(_ complaint: String, device: Int)

  /// What the packet that a router took last, for programs on it, came to: a message that is whole,
  /// or nothing, for that reason. Not told while the message lacks packets.
  func messageEnded(_ reason: DropReason?, router: Int)

  /// A request of one device to another of the plan's traffic ended.
  func requestEnded(from sender: Int, to target: Int, byteCount: Int, isAnswered: Bool)

  /// Something of the bus owner worth a line.
  func ownerEvent(_ event: OwnerEvent, router: Int)

  /// What a router's process tells of its leases: a file that was set aside, a lease that is not
  /// used, a write that failed. For people.
  func leasesTold(_ text: String, router: Int)

  /// A router was killed; `durable` are the leases that were on its disk for certain.
  func killed(router: Int, durable: [DurableLease])

  /// A person asked something of a router; `refusal` says why it was not begun.
  func commanded(_ command: RouterCommand, refusal: String?, router: Int)

  /// A router itself, or a program on it, asks somebody.
  func ownRequestBegan(router: Int)

  /// A request of a router itself has ended.
  func ownRequestEnded(_ outcome: OwnOutcome, router: Int)

  /// After each step, for every router that did anything in it; the engine is at rest.
  func stepped(router: Int, _ engine: borrowing Engine)

  /// Once, at the end of the run, for every router that runs then.
  func ended(router: Int, _ engine: borrowing Engine)
}

extension WorldObserver {
  public var violation: Violation? { nil }
  public var hasViolation: Bool { violation != nil }
  public func timeAdvanced(to now: Instant) {}
  public func happened(_ event: WorldEvent, _ text: String) {}
  public func received(
    _ packet: Span<UInt8>, router: Int, port: PortID, from address: PhysicalAddress,
    _ disposition: Disposition
  ) {}
  public func damaged(_ reason: DropReason, router: Int, port: PortID) {}
  public func transmitting(
    _ packet: Span<UInt8>, router: Int, port: PortID, to address: PhysicalAddress,
    failedAttempts: UInt8
  ) {}
  public func transmitted(_ result: TransmissionResult, router: Int, port: PortID) {}
  public func portChanged(isUp: Bool, router: Int, port: PortID) {}
  public func deviceReceived(_ packet: Span<UInt8>, device: Int, from address: PhysicalAddress) {}
  public func deviceSent(_ packet: Span<UInt8>, device: Int, to address: PhysicalAddress) {}
  public func deviceDamaged(_ reason: DropReason, device: Int) {}
  public func deviceComplained(_ complaint: String, device: Int) {}
  public func messageEnded(_ reason: DropReason?, router: Int) {}
  public func requestEnded(from sender: Int, to target: Int, byteCount: Int, isAnswered: Bool) {}
  public func ownerEvent(_ event: OwnerEvent, router: Int) {}
  public func leasesTold(_ text: String, router: Int) {}
  public func killed(router: Int, durable: [DurableLease]) {}
  public func commanded(_ command: RouterCommand, refusal: String?, router: Int) {}
  public func ownRequestBegan(router: Int) {}
  public func ownRequestEnded(_ outcome: OwnOutcome, router: Int) {}
  public func stepped(router: Int, _ engine: borrowing Engine) {}
  public func ended(router: Int, _ engine: borrowing Engine) {}
}
