internal import CLinuxBus

/// A terminal, real or pseudo, that this process has to itself: raw, 8N1, no flow control.
public struct SerialLine: ~Copyable {
  /// As it was given; a symbolic link stays one.
  public let path: String
  /// What the driver made of the wanted rate, in bits a second.
  public let actualBaudRate: UInt32
  private let owner: Descriptor

  /// The open line's number; valid while this value lives. Reads and writes on it never block.
  public var descriptor: Int32 { owner.rawValue }

  /// Opens and locks the line, then sets it up and discards what it holds from earlier.
  ///
  /// The lock comes first, so that a second daemon is refused before it has touched the line. It
  /// is an flock, which also stops a second daemon that runs as root; TIOCEXCL stops everybody
  /// else.
  ///
  /// - Parameter path: links are followed now, so one that was pointed elsewhere is found there.
  /// - Parameter baudRate: any rate above 0.
  /// - Throws: `SystemError` with a hint where the cause is a common one.
  public init(path: String, baudRate: UInt32) throws(SystemError) {
    let opened = Descriptor(
      adopting: try checked(linux_tty_open(path), "open", path, hint: SerialLine.openHint))
    let lock = linux_lock(opened.rawValue)
    // As EBUSY, which is what TIOCEXCL gives: the same cause in the same words.
    _ = try checked(
      lock == -EWOULDBLOCK ? -EBUSY : lock, "lock", path, hint: SerialLine.openHint)
    let actual = try SerialLine.configure(opened.rawValue, path: path, baudRate: baudRate)
    _ = try checked(linux_tty_flush(opened.rawValue), "flush", path)
    _ = try checked(linux_tty_exclusive(opened.rawValue, true), "take exclusive use of", path)
    self.path = path
    actualBaudRate = actual
    owner = opened
  }

  deinit {
    // Closing a line that still has bytes to send blocks until they are out, by default up to
    // 30 s. Only then: on a pseudo-terminal a flush would take bytes from the far side.
    if linux_tty_unsent(owner.rawValue) > 0 { _ = linux_tty_flush(owner.rawValue) }
    // The flag outlives us where somebody else has the line open, and would lock everybody out.
    _ = linux_tty_exclusive(owner.rawValue, false)
  }

  /// Raw mode and rate for an open terminal; on a pseudo-terminal's near side, for its far side.
  ///
  /// - Returns: the rate that the driver made of it.
  static func configure(
    _ descriptor: Int32, path: String, baudRate: UInt32
  ) throws(SystemError) -> UInt32 {
    guard baudRate > 0 else {
      // Rate 0 means hang up.
      throw SystemError(
        code: EINVAL, operation: "set up", path: path, hint: "the baud rate must be above 0")
    }
    var actual: UInt32 = 0
    _ = try checked(
      linux_tty_configure(descriptor, baudRate, &actual), "set up", path,
      hint: SerialLine.configureHint)
    // Choice: 3 %, about what two ends may differ by before the last bit of a character is lost.
    let difference = actual > baudRate ? actual - baudRate : baudRate - actual
    guard UInt64(difference) * 100 <= UInt64(baudRate) * 3 else {
      throw SystemError(
        code: EINVAL, operation: "set up", path: path,
        hint: "the device cannot do \(baudRate) baud; the nearest it offers is \(actual)")
    }
    return actual
  }

  private static func openHint(_ code: Int32) -> String {
    switch code {
    case EACCES, EPERM: "add the user to the group that owns the device, usually dialout"
    case EBUSY: "another program has the line; `fuser` with this path names it"
    case ENOENT: "no such device; check the path and the cable"
    case ENXIO, ENODEV, EIO: "the device node is there, the hardware is not"
    default: ""
    }
  }

  private static func configureHint(_ code: Int32) -> String {
    switch code {
    case ENOTTY: "this is not a terminal device"
    case EIO, ENXIO, ENODEV: "the device node is there, the hardware is not"
    case EINVAL: "the driver refuses raw mode or this baud rate"
    default: ""
    }
  }
}
