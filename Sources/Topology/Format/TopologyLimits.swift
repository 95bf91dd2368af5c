/// What bounds a topology file, in one place.
public enum TopologyLimits {
  public static let fileByteCountMax = 1 << 20
  /// Mappings and lists inside one another; the format needs seven.
  public static let depthMax = 16
  /// Scalars, lists and mappings: twice what the largest topology needs.
  public static let nodeCountMax = 100_000
  public static let diagnosticCountMax = 100

  public static let portCountMax = 32
  public static let routeCountMax = 222
  public static let deviceCountMax = 256
  public static let messageTypeCountMax = 32
  public static let vendorMessageCountMax = 32
  /// Device nodes of one I3C port. Choice: about what the capacitance of one bus allows.
  public static let targetCountMax = 11
  /// Ranges of EIDs to give out, in one network.
  public static let eidRangeCountMax = 32
  /// Devices that are expected on one port: as many as I2C has addresses.
  public static let expectedDeviceCountMax = 112
  public static let scanRangeCountMax = 32
  /// EIDs by UUID: as many as can be assigned in one network.
  public static let fixedEIDCountMax = 247

  /// Names of routers, ports and devices, in bytes.
  public static let nameByteCountMax = 32
  /// Names of kernel links, in bytes: IFNAMSIZ without the final zero.
  public static let linkNameByteCountMax = 15
  /// Paths of device nodes, in bytes.
  public static let pathByteCountMax = 255
  /// A socket address holds 108 bytes with the final zero.
  public static let socketPathByteCountMax = 107
}
