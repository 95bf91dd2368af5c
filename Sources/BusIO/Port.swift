// What the daemon's loop and a port of any medium say to each other.
//
// A port owns its descriptors, its framing and what it holds of unsent bytes. It knows no EIDs
// and makes no decision about packets. Everything happens on the loop's one thread.

public import MCTPFraming
public import MCTPWire

/// Where a port is in its life.
public enum PortCondition: Hashable, Sendable {
  /// Not started, or stopped for good.
  case stopped
  /// The device is not there or went away; the port tries again at `retryAt`.
  case waiting(reason: String, retryAt: Instant)
  /// Packets flow.
  case up

  public var isUp: Bool { self == .up }
}

/// One bus of this device, seen from the event loop.
///
/// Life: `start` once, then `service` whenever the loop reports one of the port's descriptors or
/// `nextDeadline` has passed, `transmit` while `hasCredit`, `flush` after a batch, `stop` once.
/// Only `start`, `service`, `devicesChanged` and `flush` call the sink, so a sink may call
/// `transmit` from within.
public protocol Port: AnyObject {
  var condition: PortCondition { get }

  /// When `service` must be called even though no descriptor is ready; nil while only descriptors
  /// matter, so that an idle port never wakes the process. Read it again after every call.
  var nextDeadline: Instant? { get }

  /// True while the port takes one more packet. False while it is not up.
  var hasCredit: Bool { get }

  /// Counters beside those of the engine; none in most ports.
  var linkCounters: [LinkCounter] { get }

  /// What people should know of a port that is up all the same: one of several devices is missing.
  var notes: [String] { get }

  /// The devices that the bus itself says are there now; empty on buses that do not say.
  var reportedDevices: [PhysicalAddress] { get }

  /// Differs from the value before whenever `reportedDevices` differs.
  var reportGeneration: Int { get }

  /// Looks for what waiting will not mend, before `start`. A device that is not there is no fault.
  func check() throws(ConfigurationFault)

  /// Opens the device, or begins to wait for it. Never throws: a device that is missing is a
  /// condition.
  func start(now: Instant, sink: any PortSink)

  /// Reads everything there is and hands it to the sink packet by packet; finishes transmissions.
  func service(now: Instant, sink: any PortSink)

  /// A device of the system came or went, perhaps this port's: a port that waits tries again now,
  /// one that is up looks whether its device is still there.
  func devicesChanged(now: Instant, sink: any PortSink)

  /// Takes one packet (MCTP header on) to put on the medium. The bytes are copied.
  ///
  /// Every accepted packet is answered by exactly one `portFinishedTransmission`, in the order of
  /// the calls. Call only while `hasCredit`.
  func transmit(_ packet: Span<UInt8>, to address: PhysicalAddress, now: Instant)

  /// Puts on the medium what `transmit` collected: one system call where the medium allows it.
  func flush(now: Instant, sink: any PortSink)

  /// Closes everything. Packets that were accepted and not finished are the caller's to count.
  func stop()
}

extension Port {
  public var linkCounters: [LinkCounter] { [] }
  public var notes: [String] { [] }
  public var reportedDevices: [PhysicalAddress] { [] }
  public var reportGeneration: Int { 0 }
  public func check() throws(ConfigurationFault) {}
  public func devicesChanged(now: Instant, sink: any PortSink) {}
}

/// What a port reports. Spans are borrowed for the length of the call.
public protocol PortSink: AnyObject {
  /// A whole packet (MCTP header on) from the device at `address`.
  func portReceived(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID)

  /// A frame that never became a packet.
  ///
  /// - Parameter bytes: what there is of it; may be empty, may be cut.
  func portDamagedFrame(_ reason: DropReason, bytes: Span<UInt8>, on port: PortID)

  /// The oldest accepted packet is finished.
  func portFinishedTransmission(_ result: TransmissionResult, on port: PortID)

  /// `condition` changed.
  func portChangedCondition(_ condition: PortCondition, on port: PortID)
}

extension PortSink {
  /// Reports what a serial line's deframer found, which is borrowed because that is in its buffer.
  public func portFound(
    _ event: SerialDeframer.Event, by deframer: borrowing SerialDeframer, on port: PortID
  ) {
    switch event {
    case .packet: portReceived(deframer.packet, from: .none, on: port)
    case .damaged(let error):
      portDamagedFrame(error.dropReason, bytes: deframer.damaged, on: port)
    }
  }
}
