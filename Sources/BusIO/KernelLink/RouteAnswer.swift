// How an answer of rtnetlink is put together: from datagrams to its end.
//
// Owns what it remembers of one answer. Whatever the bytes are, it ends or asks for more.

internal import CLinuxBus

/// Reads the answer to one request.
struct RouteAnswer {
  /// The request's; messages with another one are leftovers.
  let sequence: UInt32
  private var isInconsistent = false

  init(sequence: UInt32) { self.sequence = sequence }

  /// - Returns: nil while more follows; 0 at a good end; the kernel's errno value; EINTR for a
  ///   list that changed while it was told; EBADMSG for bytes that are no messages.
  mutating func take(_ bytes: Span<UInt8>, into state: inout KernelLinkState) -> Int32? {
    var offset = 0
    while let message = NetlinkMessage.next(bytes, &offset) {
      guard message.sequence == sequence else { continue }
      if message.flags & NetlinkMessage.isInconsistent != 0 { isInconsistent = true }
      switch message.type {
      case NetlinkMessage.done, NetlinkMessage.error:
        let code = message.errorCode(bytes) ?? EBADMSG
        return code == 0 && isInconsistent ? EINTR : code
      default:
        state.take(message, bytes)
        // NLM_F_MULTI: part of a list, whose end is told. A message alone is the answer.
        if message.flags & 0x2 == 0 { return 0 }
      }
    }
    return offset == bytes.count ? nil : EBADMSG
  }
}

/// Whether a datagram of the subscription may concern a link.
enum KernelLinkNews {
  /// - Returns: true for the link itself, MCTP addresses and other links with MCTP, whose
  ///   networks may have become the same; true also for bytes that are no messages.
  static func concern(_ name: String, _ bytes: Span<UInt8>) -> Bool {
    var offset = 0
    while let message = NetlinkMessage.next(bytes, &offset) {
      switch message.type {
      case RouteRequest.newLink, RouteRequest.deleteLink:
        if let link = KernelLinkState.Link(message.body, bytes),
          link.name == name || link.network != nil
        {
          return true
        }
      case RouteRequest.newAddress, RouteRequest.deleteAddress:
        if KernelLinkState.LocalAddress(message.body, bytes) != nil { return true }
      default: break
      }
    }
    return offset != bytes.count
  }
}
