// The targets' side of the bus: who is there, what they have to send and what they received.

public import MCTPWire

extension VirtualI3CBus {
  /// Puts a target on the bus; it gets the lowest free dynamic address.
  ///
  /// - Parameter framesMax: frames it holds each way.
  /// - Returns: the dynamic address; nil when its provisioned ID is there already or the bus is
  ///   full.
  @discardableResult
  public mutating func attach(_ target: VirtualI3CTarget, framesMax: Int = 16) -> UInt8? {
    guard index(of: target.provisionedID) == nil else { return nil }
    let taken = Set(members.map(\.dynamicAddress))
    // 0x3E, 0x5E, 0x6E, 0x76 and everything from 0x78 are one bit error away from 0x7E.
    let free = (Self.firstDynamicAddress...0x77).first {
      !taken.contains($0) && ($0 ^ 0x7E).nonzeroBitCount != 1
    }
    guard let free else { return nil }
    let place = members.firstIndex { $0.dynamicAddress > free } ?? members.count
    members.insert(
      Member(target: target, dynamicAddress: free, life: nextLife(), framesMax: framesMax),
      at: place)
    generation += 1
    return free
  }

  /// Takes a target off the bus; what it held is gone.
  public mutating func detach(_ provisionedID: UInt64) {
    guard let index = index(of: provisionedID) else { return }
    forgetFrames(of: index)
    members.remove(at: index)
    generation += 1
  }

  public mutating func arm(_ faults: Faults, on provisionedID: UInt64) {
    guard let index = index(of: provisionedID) else { return }
    members[index].faults = faults
  }

  public func dynamicAddress(of provisionedID: UInt64) -> UInt8? {
    index(of: provisionedID).map { members[$0].dynamicAddress }
  }

  /// True while `queueRead` takes a frame.
  public func canQueueRead(_ provisionedID: UInt64) -> Bool {
    index(of: provisionedID).map { members[$0].outgoing.count < members[$0].framesMax } ?? false
  }

  /// Offers one frame, PEC included, for the controller to read; a target that interrupts
  /// announces it.
  ///
  /// - Returns: false when the target is absent or holds as many frames as it may.
  @discardableResult
  public mutating func queueRead(
    _ provisionedID: UInt64, frame: Span<UInt8>, now: Instant
  ) -> Bool {
    advance(to: now)
    guard let index = index(of: provisionedID),
      members[index].outgoing.count < members[index].framesMax
    else { return false }
    members[index].outgoing.append(Array(copying: frame))
    announce(index)
    useFreeBus(at: time)
    return true
  }

  /// The oldest private write that the target holds, PEC included.
  public mutating func nextWrite(to provisionedID: UInt64) -> [UInt8]? {
    guard let index = index(of: provisionedID), !members[index].incoming.isEmpty else { return nil }
    heldWriteCount -= 1
    return members[index].incoming.removeFirst()
  }

  /// Empties a target's memory, as its restart does: what it received, has to send and announced.
  public mutating func clear(_ provisionedID: UInt64) {
    guard let index = index(of: provisionedID) else { return }
    forgetFrames(of: index)
    members[index].life = nextLife()
    members[index].wantsInterrupt = false
    members[index].announcedAt = nil
    members[index].reannounceAt = nil
  }
}

extension VirtualI3CBus {
  private mutating func forgetFrames(of index: Int) {
    let (held, unread) = (members[index].incoming.count, members[index].outgoing.count)
    heldWriteCount -= held
    impairment.counts.gone += held + unread
    members[index].incoming = []
    members[index].outgoing = []
  }

  private mutating func nextLife() -> Int {
    lifeCount += 1
    return lifeCount
  }

  func index(of provisionedID: UInt64) -> Int? {
    members.firstIndex { $0.target.provisionedID == provisionedID }
  }

  func index(at dynamicAddress: UInt8) -> Int? {
    members.firstIndex { $0.dynamicAddress == dynamicAddress }
  }

  func index(ofLife life: Int) -> Int? { members.firstIndex { $0.life == life } }
}
