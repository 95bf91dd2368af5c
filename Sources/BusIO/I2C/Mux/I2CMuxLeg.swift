internal import MCTPWire

/// One port's place in a mux tree: what an `I2CPort` asks the tree, and what it counts there.
///
/// Life: made by `I2CMuxTree.makeLeg`, given to one port and to `I2CMuxReceiver.legReceiver`.
/// Everything happens on the loop's thread.
public final class I2CMuxLeg {
  /// The port's name in the topology.
  public let portName: String
  public let tree: I2CMuxTree
  let index: Int

  init(portName: String, tree: I2CMuxTree, index: Int) {
    self.portName = portName
    self.tree = tree
    self.index = index
  }

  /// When the port must be serviced for the tree's sake: nil unless it has the turn.
  var nextDeadline: Instant? { tree.deadline(of: index) }

  /// True when the packet that waits may begin now.
  var isReady: Bool { tree.isReady(index) }

  /// True when frames for this leg were read, perhaps by another leg's port, or the receiver
  /// failed: the link has something to collect.
  var hasReceived: Bool { tree.receiver?.hasNews(of: index) ?? false }

  /// At the start of every `service`: takes in what was received, ends what is over.
  func advance(to now: Instant) {
    tree.receiver?.pump(now: now)
    tree.advance(to: now)
  }

  /// Asks for the bus. True: write `frame` now and report its end; false: ask again when `isReady`.
  func begin(_ frame: Span<UInt8>, now: Instant) -> Bool { tree.begin(index, frame, now: now) }

  /// The write that `begin` allowed has ended.
  func finish(_ result: TransmissionResult, now: Instant) {
    tree.finish(index, result, now: now)
  }

  /// The port went down or stopped: it waits for nothing and gives its turn up.
  func leave() { tree.leave(index) }

  /// `mux-answered` + `mux-expired` + what is awaited now are the requests that were written.
  public var linkCounters: [LinkCounter] {
    tree.counters(of: index).linkCounters
      + [LinkCounter("mux-overflow", tree.receiver?.overflowCount(of: index) ?? 0)]
  }
}
