// What the kernel tells of an I2C adapter: its number, and where it hangs in a tree of muxes.
// A value, read once from sysfs; nothing here talks to the bus.

internal import CLinuxBus

/// An I2C adapter: a controller, or one channel of a mux behind it.
public struct I2CAdapter: Hashable, Sendable {
  /// The mux whose channel an adapter is.
  public struct Mux: Hashable, Sendable {
    /// The mux's device in sysfs, for example `1-0070`.
    public let name: String
    /// What the mux does between transfers, in its driver's words: a channel's number, or -1 for
    /// "stays as it is" and -2 for "disconnects". Nil where the driver does not offer it.
    public let idleState: String?
  }

  /// I2C_MAJOR: device numbers of adapter nodes.
  private static let nodeMajor: UInt32 = 89

  /// N of `i2c-N`.
  public let number: Int
  /// The adapter that holds the own target address: the controller at the top of the muxes.
  public let rootNumber: Int
  /// Nil for an adapter that is no channel of a mux.
  public let mux: Mux?

  public var isBehindMux: Bool { number != rootNumber }

  /// The adapter of a node, links followed.
  ///
  /// - Parameter devicePath: for example `/dev/i2c-2` or a link to it.
  /// - Throws: `.system` when it is not there, `.configuration` when it is no adapter's node.
  public init(devicePath: String, sysfsRoot: String = "/sys") throws(DeviceFailure) {
    var facts = linux_i2c_file()
    let result = linux_i2c_file_facts(devicePath, &facts)
    guard result >= 0 else {
      throw .system(SystemError(code: -result, operation: "look at", path: devicePath))
    }
    let isNode = facts.is_character_device != 0
    guard isNode, let number = I2CAdapter.number(major: facts.major, minor: facts.minor) else {
      throw .configuration(
        ConfigurationFault(
          "\(devicePath) is not the node of an I2C adapter",
          hint: "name one such as /dev/i2c-2; `i2cdetect -l` lists them"))
    }
    try self.init(number: number, sysfsRoot: sysfsRoot)
  }

  /// - Throws: `.system` when sysfs has no such adapter.
  public init(number: Int, sysfsRoot: String = "/sys") throws(DeviceFailure) {
    let path = "\(sysfsRoot)/bus/i2c/devices/i2c-\(number)"
    let real = I2CAdapter.realPath(path)
    guard let realPath = real.path else {
      throw .system(
        SystemError(
          code: real.code, operation: "look at", path: path, hint: "there is no such adapter"))
    }
    self.number = number
    rootNumber = I2CAdapter.rootNumber(of: realPath) ?? number
    mux = I2CAdapter.mux(of: realPath)
  }

  /// The adapter of a device number; nil for other devices than adapters.
  package static func number(major: UInt32, minor: UInt32) -> Int? {
    major == nodeMajor ? Int(minor) : nil
  }

  /// The first of the adapters that the path ends with: each channel of a mux is the child of the
  /// adapter that the mux hangs on. An adapter further up, behind a device that is no mux, is on a
  /// bus of its own.
  private static func rootNumber(of realPath: String) -> Int? {
    var root: Int?
    for part in realPath.split(separator: "/").reversed() {
      guard part.hasPrefix("i2c-"), let number = Int(part.dropFirst(4)) else { break }
      root = number
    }
    return root
  }

  private static func mux(of realPath: String) -> Mux? {
    guard let device = I2CAdapter.realPath(realPath + "/mux_device").path,
      let name = device.split(separator: "/").last
    else { return nil }
    return Mux(name: String(name), idleState: attribute(device + "/idle_state"))
  }

  /// The first line of a small file; nil when it cannot be read.
  static func attribute(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
      let count = linux_i2c_attribute_read(path, text.baseAddress, text.count)
      guard count >= 0 else { return nil }
      let line = text.prefix(Int(count)).prefix { $0 != 0 && $0 != 10 }
      return String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  private static func realPath(_ path: String) -> (path: String?, code: Int32) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { text in
      let result = linux_i2c_real_path(path, text.baseAddress, text.count)
      guard result >= 0 else { return (nil, -result) }
      let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      return (String(decoding: bytes, as: UTF8.self), 0)
    }
  }
}
