internal import CLinuxBus

/// Lets another thread wake the loop: an eventfd. Rings that nobody has cleared yet count as one.
public final class WakeUp: Sendable {
  private let owner: Descriptor

  /// - Throws: `SystemError` when the process is out of descriptors.
  public init() throws(SystemError) {
    owner = Descriptor(adopting: try checked(linux_eventfd_open(), "create wake-up"))
  }

  /// For `EventLoop.watch` with `.readable`; valid while this object lives.
  public var descriptor: Int32 { owner.rawValue }

  /// Makes the descriptor readable. From any thread; never blocks.
  public func ring() {
    precondition(linux_eventfd_ring(owner.rawValue) == 0, "the wake-up's descriptor failed")
  }

  /// Makes the descriptor unreadable. Call it before looking at what the other thread left, or a
  /// ring between the two is lost.
  public func clear() {
    precondition(linux_eventfd_clear(owner.rawValue) == 0, "the wake-up's descriptor failed")
  }
}
