internal import CLinuxBus
internal import MCTPWire

extension KernelLinkPort {
  /// Choice: a full queue of the link is tried again every 5 ms and given up after 100 ms, which
  /// is MT3, what a packet may take through a bus; then the engine decides.
  private static let retryMs: UInt32 = 5
  private static let attemptsMax = 20

  /// Tries once more what the kernel did not take.
  func resend(now: Instant) {
    switch outgoing {
    case .none, .ended: break
    case .backedUp(let count): send(count, attempts: 1, now: now)
    case .retrying(let count, let attempts, let at):
      if at <= now { send(count, attempts: attempts + 1, now: now) }
    }
  }

  /// Hands the frame in the buffer to the kernel.
  func send(_ count: Int, attempts: Int, now: Instant) {
    let result = session.access.send(frame.span.extracting(first: count))
    // Every other outcome ends the wait for room.
    session.access.wantsWritable = result == -EAGAIN
    switch -result {
    case 0: outgoing = .ended(.sent)
    case EAGAIN: outgoing = .backedUp(count)
    case ENOBUFS, ENOMEM:
      outgoing =
        attempts < KernelLinkPort.attemptsMax
        ? .retrying(
          count, attempts: attempts, at: now.advanced(byMs: KernelLinkPort.retryMs))
        : .ended(.busBusy)
    case EMSGSIZE, EINVAL: outgoing = .ended(.refused)
    case ENETDOWN, ENXIO, ENODEV:
      outgoing = .ended(.portDown)
      failure = session.failure(-result, "write")
    default: outgoing = .ended(.busError)
    }
  }
}
