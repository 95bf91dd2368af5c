internal import CLinuxBus

/// The system calls on nodes; a value, so that tests can play the kernel. Results are the shim's:
/// a count or descriptor, or -errno. `read` and `write` are called on the bus's thread too.
struct I3CNodeSystem: Sendable {
  var open: @Sendable (_ path: String, _ isNonBlocking: Bool) -> Int32
  var register: @Sendable (_ descriptor: Int32) -> Int32
  var read: @Sendable (_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int64
  var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int64
  /// 0 in `number`: there, but no character device.
  var find: @Sendable (_ path: String, _ number: inout UInt64) -> Int32
  /// The shim's readiness bits.
  var readiness: @Sendable (_ descriptor: Int32) -> Int32

  static let linux = I3CNodeSystem(
    open: { linux_i3c_open($0, $1) },
    register: { linux_i3c_register($0) },
    read: { linux_read($0, $1.baseAddress, $1.count) },
    write: { linux_write($0, $1.baseAddress, $1.count) },
    find: { linux_i3c_node($0, &$1) },
    readiness: { linux_poll_now($0, UInt32(LINUX_READABLE)) })
}
