internal import CLinuxBus

/// Owns one file descriptor and closes it.
public struct Descriptor: ~Copyable, Sendable {
  /// The number to hand to system calls and to `EventLoop.watch`; valid while this value lives.
  public let rawValue: Int32

  /// Takes over `rawValue`: nobody else may close it.
  public init(adopting rawValue: Int32) {
    precondition(rawValue >= 0, "not a descriptor")
    self.rawValue = rawValue
  }

  deinit { _ = linux_close(rawValue) }
}
