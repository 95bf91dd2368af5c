public import MCTPWire

/// The wire under an `I2CPort`: whole SMBus frames, one write at a time, nothing of MCTP.
///
/// Implementations: a virtual bus; a controller device that writes on a thread of its own together
/// with a queue file that receives. A link with descriptors registers them with the loop itself,
/// under its port's token.
///
/// Life: `start` once, `service` when a descriptor is ready or `nextDeadline` has passed, then
/// `finishedWrite` and `receive` until nil; `stop` once. Everything happens on the loop's thread.
public protocol I2CLink: AnyObject {
  /// A link that leaves `.up` has forgotten the write under way: it reports no result for it.
  /// Frames received before stay until they are collected.
  var condition: PortCondition { get }

  /// When `service` must be called though no descriptor is ready; a result or frame that was not
  /// collected counts as due. Nil while the bus is idle: an idle link never wakes the process.
  var nextDeadline: Instant? { get }

  /// Counters that the kernel keeps for it; none in most links.
  var linkCounters: [LinkCounter] { get }

  /// What waiting will not mend, looked at before `start`. A device that is not there is no fault.
  ///
  /// - Parameter frameByteCount: the port's largest frame, 73 to 259 bytes.
  func check(frameByteCount: Int) throws(ConfigurationFault)

  /// Opens the bus and its own target address, or begins to wait for them. Never throws.
  func start(now: Instant)

  /// A device of the system came or went, perhaps this one.
  func devicesChanged(now: Instant)

  /// Moves on what is under way.
  func service(now: Instant)

  /// Begins one write transfer; never waits for its end.
  ///
  /// - Parameters:
  ///   - frame: address byte first, PEC last; 9 to 259 bytes, copied. An implementation that
  ///     gives the address to the driver sends `frame[1...]`.
  ///   - now: only while `.up` and only after the result of the write before was collected.
  func startWrite(_ frame: Span<UInt8>, now: Instant)

  /// The result of the write, once; nil while it is under way. Nothing is retried here.
  func finishedWrite() -> TransmissionResult?

  /// Moves the oldest frame that was written to our own target address into `buffer`: address
  /// byte first, PEC last.
  ///
  /// - Parameter buffer: at least 260 bytes, one more than a legal frame; the rest of a longer
  ///   one is lost.
  /// - Returns: the number of bytes; nil when there is no frame.
  func receive(into buffer: inout MutableSpan<UInt8>) -> Int?

  /// Closes everything.
  func stop()
}

extension I2CLink {
  public var linkCounters: [LinkCounter] { [] }
  public func check(frameByteCount: Int) throws(ConfigurationFault) {}
  public func devicesChanged(now: Instant) {}
}
