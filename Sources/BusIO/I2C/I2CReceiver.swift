/// Where frames written to our own target address on an I2C bus come from: a queue file, a kernel
/// link. Half of a real `I2CLink`; the other half is a controller device that writes.
///
/// Life: `open` and `close` in turns, as the device comes and goes; `stop` when it is not wanted
/// any more. Everything happens on the loop's thread. It registers its descriptor with the loop
/// itself, under its port's token.
public protocol I2CReceiver: AnyObject {
  /// What it reads from, for people: a path or a link's name.
  var name: String { get }

  /// The loop's token under which it is watched, from the next `open` on.
  var token: UInt64 { get set }

  /// The largest frame it hands over, address byte and PEC included: 9 to 259 bytes. Known after
  /// `open`.
  var frameByteCountMax: Int { get }

  /// What waiting will not mend, looked at before the port starts; throws nothing while the device
  /// is not there.
  func check(frameByteCount: Int) throws(ConfigurationFault)

  /// Opens the device and starts to watch it.
  func open() throws(DeviceFailure)

  /// Moves the oldest frame into `buffer`: address byte first, PEC last.
  ///
  /// - Parameter buffer: at least 260 bytes, one more than a legal frame.
  /// - Returns: its bytes, nil when there is none.
  /// - Throws: when the device went away or failed; then `close` it.
  func receive(into buffer: inout MutableSpan<UInt8>) throws(DeviceFailure) -> Int?

  /// Counters that the kernel keeps for it.
  var linkCounters: [LinkCounter] { get }

  /// For a while: what this object made for itself stays and goes on receiving.
  func close()

  /// For good, open or not: what this object made is removed too, which may wait for the transfer
  /// under way on the bus. It can be opened again.
  func stop()
}

extension I2CReceiver {
  /// For a receiver that makes nothing.
  public func stop() { close() }
}
