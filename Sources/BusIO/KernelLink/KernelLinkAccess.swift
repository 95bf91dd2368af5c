internal import MCTPWire

/// What ports over kernel links need of the kernel: the system itself, or a test that plays it.
///
/// Life: requests at any time; `subscribe` once; `openSocket` and `closeSocket` in turns; `close`
/// once. Descriptors are watched by the implementation, under `token`. Everything happens on the
/// loop's thread, and nothing blocks: rtnetlink answers within the call that asks.
protocol KernelLinkAccess: AnyObject {
  /// The loop's token for what is opened from now on.
  var token: UInt64 { get set }

  /// All links, and the MCTP addresses and routes of the system.
  func readState() throws(SystemError) -> KernelLinkState

  /// Moves a link to another MCTP network.
  func move(_ link: KernelLinkState.Link, toNetwork network: UInt32) throws(SystemError)

  /// Raises a link.
  func raise(_ link: KernelLinkState.Link) throws(SystemError)

  /// What the kernel counted for a link; nil when it is not there.
  func readStatistics(of name: String) -> KernelLinkStatistics?

  /// Begins to hear of changes. Repeated calls do nothing.
  func subscribe() throws(SystemError)

  /// Takes in the news there are.
  ///
  /// - Returns: whether any may concern the link: its own, that of an MCTP address, that of
  ///   another MCTP link; true too when news were lost.
  func takeNews(of name: String) -> Bool

  /// Opens the packet socket on a link.
  func openSocket(_ link: KernelLinkState.Link) throws(SystemError)

  /// Moves the oldest received MCTP frame into `buffer`.
  ///
  /// - Returns: its length, above `buffer.count` where its end was lost; -EAGAIN when there is
  ///   none; another negative errno value when the link failed.
  func receive(into buffer: inout MutableSpan<UInt8>) -> Int

  /// Queues one frame in the kernel.
  ///
  /// - Returns: 0 or a negative errno value.
  func send(_ frame: Span<UInt8>) -> Int32

  /// Whether the loop also reports that the socket takes frames again.
  var wantsWritable: Bool { get set }

  /// Frames lost because the socket was full, over the life of this object.
  var socketOverruns: UInt64 { get }

  /// Frames that were in the socket when it was closed, over the life of this object.
  var socketDiscards: UInt64 { get }

  /// Closes the packet socket; what is left in it is counted.
  func closeSocket()

  /// Ends everything.
  func close()
}
