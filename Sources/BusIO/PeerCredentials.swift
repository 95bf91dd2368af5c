internal import CLinuxBus

/// Who is at the other end of a connected local socket, as the kernel recorded it at connect.
public struct PeerCredentials: Hashable, Sendable {
  public let processID: Int32
  public let userID: UInt32
  public let groupID: UInt32

  /// - Throws: `SystemError` when `socket` is not a connected local socket.
  public init(socket: Int32) throws(SystemError) {
    var process: Int32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
    _ = try checked(linux_peer_credentials(socket, &process, &user, &group), "identify peer")
    processID = process
    userID = user
    groupID = group
  }

  /// True when the peer's process had `group` as its own or among its supplementary groups.
  ///
  /// - Throws: `SystemError` on kernels without SO_PEERGROUPS (before 4.13).
  public static func isMember(
    _ socket: Int32, of group: UInt32
  ) throws(SystemError) -> Bool {
    if try PeerCredentials(socket: socket).groupID == group { return true }
    return try checked(linux_peer_has_group(socket, group), "read peer's groups") == 1
  }
}
