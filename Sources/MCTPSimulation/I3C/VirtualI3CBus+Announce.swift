// When a target announces its packets, and when again.

public import MCTPWire

extension VirtualI3CBus {
  /// Every target announces again what it has to send: for a controller that forgot.
  public mutating func announceAgain(now: Instant) {
    advance(to: now)
    for index in members.indices { announceAgain(index) }
    useFreeBus(at: time)
  }

  /// Raises the interrupt for the oldest outgoing frame unless it is announced already: one
  /// interrupt announces one packet.
  mutating func announce(_ index: Int) {
    let member = members[index]
    guard member.target.interruptsWithByte, !member.outgoing.isEmpty else { return }
    if let announcedAt = member.announcedAt,
      time < announcedAt.advanced(byMs: Self.announcementStaleMs)
    {
      return
    }
    members[index].wantsInterrupt = true
  }

  /// Choice: a target whose packet the faults kept from being read announces it again after
  /// `announcementStaleMs`. One whose memory is full has no next packet to announce it with.
  mutating func reannounce(_ index: Int, after instant: Instant) {
    guard members[index].target.interruptsWithByte else { return }
    let at = instant.advanced(byMs: Self.announcementStaleMs)
    members[index].reannounceAt = at
    reannounceNext = reannounceNext.map { min($0, at) } ?? at
  }

  /// Those whose time has come.
  mutating func reannounce() {
    reannounceNext = nil
    for index in members.indices {
      guard let at = members[index].reannounceAt else { continue }
      if at <= time {
        announceAgain(index)
      } else {
        reannounceNext = reannounceNext.map { min($0, at) } ?? at
      }
    }
    useFreeBus(at: time)
  }

  private mutating func announceAgain(_ index: Int) {
    members[index].reannounceAt = nil
    members[index].announcedAt = nil
    announce(index)
  }
}
