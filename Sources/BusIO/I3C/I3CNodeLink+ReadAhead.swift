internal import CLinuxBus
internal import MCTPWire

extension I3CNodeLink {
  /// Reads what the drivers have, as far as there is room; watches a node only once it is empty.
  ///
  /// - Returns: true when anything was there.
  func readAhead(_ now: Instant) -> Bool {
    guard interface == .i3cMCTP else { return false }
    var gotAny = false
    for index in states.indices where readAhead(index, now) { gotAny = true }
    return gotAny
  }

  private func readAhead(_ index: Int, _ now: Instant) -> Bool {
    guard let open = states[index].open else { return false }
    var gotAny = false
    while !states[index].readAhead.isFull {
      let result = states[index].readAhead.append { system.read(open.descriptor, $0) }
      switch result {
      case 1...:
        states[index].unannounced += 1
        gotAny = true
      case -Int64(EAGAIN):
        if !states[index].isWatched { gotAny = true }
        watch(index, open, now)
        return gotAny
      case 0:
        close(index, .gone("\(states[index].node.path): the device hung up"), now)
        return true
      default:
        let code = Int32(truncatingIfNeeded: -result)
        close(index, .system(error(code, "read", states[index].node.path)), now)
        return true
      }
    }
    if states[index].isWatched {
      loop.unwatch(open.descriptor)
      states[index].isWatched = false
    }
    return gotAny
  }

  private func watch(_ index: Int, _ open: I3COpenNode, _ now: Instant) {
    guard !states[index].isWatched else { return }
    do throws(SystemError) {
      try loop.watch(open.descriptor, interest: .readable, token: token)
      states[index].isWatched = true
    } catch {
      close(index, .system(error), now)
    }
  }

  func closeHungUp(_ now: Instant) {
    for index in states.indices where states[index].isWatched {
      guard let open = states[index].open else { continue }
      let readiness = Readiness(rawValue: UInt32(max(system.readiness(open.descriptor), 0)))
      guard !readiness.isDisjoint(with: [.hangUp, .error]) else { continue }
      close(index, .gone("\(states[index].node.path): the device hung up"), now)
    }
  }
}
