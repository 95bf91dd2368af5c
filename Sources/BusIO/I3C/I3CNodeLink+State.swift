internal import MCTPWire

extension I3CNodeLink {
  /// A node and what came of it.
  struct State {
    let node: I3CNode
    var open: I3COpenNode?
    var isWatched = false
    var openSince = Instant.zero
    /// As it is, or was while something read from it is still here.
    var device: I3CDevice?
    /// Why it is not open.
    var reason = ""
    var retryAt = Instant.zero
    var retryMs: UInt32 = 0
    var backoff = Backoff()
    var readAhead: I3CPacketRing
    /// Packets read ahead whose interrupt the port has not collected.
    var unannounced = 0

    var isPresent: Bool { open != nil || !readAhead.isEmpty }
  }

  enum Transfer {
    case none
    case underWay(Int, isRead: Bool, deadline: Instant)
    /// Given up; the thread has not returned from it.
    case stuck(Int, isRead: Bool, retryAt: Instant)
    /// A read of what was read ahead.
    case readAhead(Int)
    case ended(TransmissionResult, [UInt8])
  }

  struct Job: Sendable {
    enum Action: Sendable {
      case write([UInt8])
      case read(byteCountMax: Int)
    }
    let node: I3COpenNode
    let action: Action
  }

  struct Outcome: Sendable {
    /// A count or -errno.
    let result: Int64
    let bytes: [UInt8]
  }
}
