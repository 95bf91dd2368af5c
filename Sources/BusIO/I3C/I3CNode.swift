/// Which driver is behind the character devices of an I3C bus.
public enum I3CNodeInterface: Hashable, Sendable {
  /// `/dev/i3c-mctp-N` of vendor kernels: one packet a read or write, PEC made and checked below,
  /// readable when the kernel has read one. For one program at a time.
  case i3cMCTP
  /// `/dev/bus/i3c/BUS-PID` (i3cdev, in no mainline release): private transfers as they are, PEC
  /// included, and no word of an interrupt. The last resort: each device is asked in turn.
  case i3cDevice
}

/// One target on an I3C bus, as the topology names it.
public struct I3CNode: Hashable, Sendable {
  public var path: String
  /// 48 bits. Nil: from the path's name where that has it, else from the system.
  public var provisionedID: UInt64?

  public init(path: String, provisionedID: UInt64? = nil) {
    self.path = path
    self.provisionedID = provisionedID
  }

  /// The path's last part.
  var name: Substring {
    path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
  }

  /// The provisioned ID in a name of the form `BUS-PID`, such as `0-2ae00000000`; nil for others.
  var provisionedIDOfName: UInt64? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, UInt32(parts[0]) != nil, parts[1].count <= 12,
      parts[1].allSatisfy(\.isHexDigit)
    else { return nil }
    return UInt64(parts[1], radix: 16)
  }
}

/// An open node. Jobs of the bus's thread hold it, so the thread never uses a descriptor that is
/// closed, or another file's that has got its number since.
final class I3COpenNode: Sendable {
  private let owner: Descriptor
  /// The device number of the path when it was opened.
  let number: UInt64

  init(adopting descriptor: Int32, number: UInt64) {
    owner = Descriptor(adopting: descriptor)
    self.number = number
  }

  var descriptor: Int32 { owner.rawValue }
}
