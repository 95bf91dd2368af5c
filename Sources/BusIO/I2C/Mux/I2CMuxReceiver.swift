// The one receiver of a mux tree, shared by the links of its legs.
//
// Only the root adapter has our target address, and a frame received there does not say which leg
// it came through: it is attributed to one (`I2CMuxTree.attribute`) and kept for that leg's link.
//
// Owns: the receiver on the root adapter and an inbox a leg. Life: the receiver is open while at
// least one leg has its own open, under the token of one of those; when that leg closes, it is
// closed and opened again under another's. It is stopped when every leg has stopped.

internal import MCTPWire

/// Gives every leg of a tree an `I2CReceiver` of its own.
///
/// All ports of the tree have the same own address, that of the receiver. The links' receivers
/// keep this object alive.
public final class I2CMuxReceiver {
  /// Choice: 100 ms. A port whose inbox is full collects in the next turn of the loop; one that has
  /// not by then is stuck, and the other legs do not wait for it.
  private static let collectMsMax: UInt32 = 100

  let receiver: any I2CReceiver

  private let tree: I2CMuxTree
  /// Indexed by leg.
  private var inboxes: [I2CMuxInbox?] = []
  /// The leg under whose token the receiver is open; nil while it is closed.
  private var watcher: Int?
  private let frame: UnsafeMutableBufferPointer<UInt8>

  /// - Parameter receiver: on the root adapter, closed. This object alone uses it from here on.
  public init(tree: I2CMuxTree, receiver: any I2CReceiver) {
    self.tree = tree
    self.receiver = receiver
    frame = .allocate(capacity: I2CMuxInbox.frameByteCountMax)
    frame.initialize(repeating: 0)
    tree.receiver = self
  }

  deinit { frame.deallocate() }

  /// The receiver for the link of `leg`; once a leg.
  ///
  /// Frames that were attributed to a leg and not collected when its link closes are kept until it
  /// opens again.
  public func legReceiver(for leg: I2CMuxLeg) -> any I2CReceiver {
    precondition(leg.tree === tree, "a leg of another tree")
    while inboxes.count <= leg.index { inboxes.append(nil) }
    precondition(inboxes[leg.index] == nil, "a leg has one receiver")
    let inbox = I2CMuxInbox()
    inboxes[leg.index] = inbox
    return I2CMuxLegReceiver(leg: leg.index, inbox: inbox, shared: self)
  }

  func hasNews(of leg: Int) -> Bool { inbox(of: leg)?.hasNews ?? false }
  func overflowCount(of leg: Int) -> UInt64 { inbox(of: leg)?.overflowCount ?? 0 }
  func isOpen(_ leg: Int) -> Bool { inbox(of: leg)?.isOpen ?? false }

  /// The kernel's counters are of the root adapter: one leg shows them, so that sums are right.
  func showsCounters(_ leg: Int) -> Bool { inboxes.firstIndex { $0 != nil } == leg }

  /// Takes in all frames that were received, up to what a leg's inbox holds: the rest stays with
  /// the kernel until that leg's port has collected, which it does next. Only a leg that does not
  /// collect loses the newest.
  func pump(now: Instant) {
    tree.note(now)
    guard watcher != nil, !isBackedUp else { return }
    var span = frame.mutableSpan
    do throws(DeviceFailure) {
      while let count = try receiver.receive(into: &span) {
        let bytes = span.span.extracting(first: count)
        guard let leg = tree.attribute(bytes), let inbox = inbox(of: leg) else { continue }
        if inbox.isFull {
          inbox.overflowCount &+= 1
          continue
        }
        inbox.append(bytes)
        if inbox.isFull {
          inbox.fullSince = tree.now
          return
        }
      }
    } catch { fail(error) }
  }

  func open(_ leg: Int) throws(DeviceFailure) {
    guard let inbox = inbox(of: leg) else { return }
    if watcher == nil { try watch(for: leg, inbox) }
    inbox.failure = nil
    inbox.isOpen = true
    inbox.isStopped = false
  }

  func close(_ leg: Int) {
    guard let inbox = inbox(of: leg) else { return }
    // What came so far is this leg's as much as another's; closing may lose it.
    if watcher == leg { pump(now: tree.now) }
    inbox.isOpen = false
    inbox.failure = nil
    guard watcher == leg else { return }
    watcher = nil
    receiver.close()
    guard let next = inboxes.firstIndex(where: { $0?.isOpen ?? false }),
      let heir = self.inbox(of: next)
    else { return }
    do throws(DeviceFailure) {
      try watch(for: next, heir)
    } catch { tellAll(error) }
  }

  /// A leg that waits for its device, or never started, has not stopped: it may want what the
  /// receiver made.
  func stop(_ leg: Int) {
    close(leg)
    inbox(of: leg)?.isStopped = true
    if inboxes.allSatisfy({ $0?.isStopped ?? true }) { receiver.stop() }
  }

  private var isBackedUp: Bool {
    for case .some(let inbox) in inboxes where inbox.isOpen && inbox.isFull {
      if tree.now < inbox.fullSince.advanced(byMs: I2CMuxReceiver.collectMsMax) { return true }
    }
    return false
  }

  private func inbox(of leg: Int) -> I2CMuxInbox? {
    leg < inboxes.count ? inboxes[leg] : nil
  }

  private func watch(for leg: Int, _ inbox: I2CMuxInbox) throws(DeviceFailure) {
    receiver.token = inbox.token
    try receiver.open()
    watcher = leg
  }

  private func fail(_ failure: DeviceFailure) {
    watcher = nil
    receiver.close()
    tellAll(failure)
  }

  private func tellAll(_ failure: DeviceFailure) {
    for case .some(let inbox) in inboxes where inbox.isOpen { inbox.failure = failure }
  }
}

/// One leg's view of the shared receiver.
final class I2CMuxLegReceiver: I2CReceiver {
  private let leg: Int
  private let inbox: I2CMuxInbox
  private let shared: I2CMuxReceiver

  init(leg: Int, inbox: I2CMuxInbox, shared: I2CMuxReceiver) {
    self.leg = leg
    self.inbox = inbox
    self.shared = shared
  }

  var name: String { shared.receiver.name }
  var frameByteCountMax: Int { shared.receiver.frameByteCountMax }

  var token: UInt64 {
    get { inbox.token }
    set { inbox.token = newValue }
  }

  var linkCounters: [LinkCounter] {
    shared.showsCounters(leg) ? shared.receiver.linkCounters : []
  }

  func check(frameByteCount: Int) throws(ConfigurationFault) {
    try shared.receiver.check(frameByteCount: frameByteCount)
  }

  func open() throws(DeviceFailure) { try shared.open(leg) }

  func receive(into buffer: inout MutableSpan<UInt8>) throws(DeviceFailure) -> Int? {
    if inbox.isEmpty { shared.pump(now: .zero) }
    if let count = inbox.popFirst(into: &buffer) { return count }
    if let failure = inbox.failure { throw failure }
    return nil
  }

  func close() { shared.close(leg) }

  func stop() { shared.stop(leg) }
}
