internal import CLinuxBus

/// The near side of a pseudo-terminal pair in raw mode: a serial cable whose other end is a path.
public struct PseudoTerminal: ~Copyable {
  /// The far side, for `SerialLine` or any other program. Gone when this value is.
  public let farPath: String
  private let near: Descriptor
  private let far: Descriptor?

  /// The near side's number; valid while this value lives. Reads and writes on it never block.
  public var descriptor: Int32 { near.rawValue }

  /// - Parameter holdsFarSide: keeps the far side open here too, so that the near side never
  ///   hangs up, whoever opens and closes the far side. Without it, the near side reports a
  ///   hang-up from when the far side's last user closes it until the next one opens it.
  /// - Throws: `SystemError`: ENOSPC when the system has no pseudo-terminal left.
  public init(holdsFarSide: Bool = true) throws(SystemError) {
    var name = ""
    var opened: Int32 = 0
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      opened = linux_pty_open(text.baseAddress, text.count)
      guard opened >= 0 else { return }
      let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      name = String(decoding: bytes, as: UTF8.self)
    }
    let nearSide = Descriptor(adopting: try checked(opened, "open pseudo-terminal"))
    // Any rate will do: nothing on a pseudo-terminal takes time.
    _ = try SerialLine.configure(nearSide.rawValue, path: name, baudRate: 115_200)
    let held: Descriptor? =
      holdsFarSide
      ? Descriptor(adopting: try checked(linux_tty_open(name), "open", name)) : nil
    near = nearSide
    far = held
    farPath = name
  }
}
