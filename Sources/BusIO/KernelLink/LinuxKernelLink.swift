// Owns three descriptors: an rtnetlink socket for requests, one that hears of changes, and the
// packet socket of one link. The last two are watched by the loop under one token.
//
// Life: the request socket opens with the first request; the news begin with `subscribe` and the
// packet socket comes and goes with its link.

internal import CLinuxBus
internal import MCTPWire

/// The running kernel.
final class LinuxKernelLink: KernelLinkAccess {
  /// The kernel fills up to 32 KiB of a list into one datagram, and tells less where it is less.
  private static let answerByteCount = 32_768
  /// More than the socket holds: frames may still come while it is emptied.
  private static let discardsMax = 8_192
  /// How often a list is asked for that changes while it is told.
  private static let listTriesMax = 4

  var token: UInt64

  private let loop: EventLoop
  private let answer: UnsafeMutableBufferPointer<UInt8>
  private var sequence: UInt32 = 0
  private var route: Descriptor?
  private var news: Descriptor?
  private var socket: Descriptor?
  /// -1 while the socket above is closed, which spares a look into an optional per packet.
  private var packets: Int32 = -1
  private var linkIndex: UInt32 = 0
  private var drops: UInt64 = 0
  private(set) var socketDiscards: UInt64 = 0

  init(loop: EventLoop, token: UInt64) {
    self.loop = loop
    self.token = token
    answer = .allocate(capacity: LinuxKernelLink.answerByteCount)
    answer.initialize(repeating: 0)
  }

  deinit {
    close()
    answer.deallocate()
  }

  var wantsWritable = false {
    didSet {
      guard packets >= 0, wantsWritable != oldValue else { return }
      loop.change(packets, interest: wantsWritable ? [.readable, .writable] : .readable)
    }
  }

  var socketOverruns: UInt64 {
    if packets >= 0 { drops += UInt64(max(0, linux_packet_drops(packets))) }
    return drops
  }

  func openSocket(_ link: KernelLinkState.Link) throws(SystemError) {
    closeSocket()
    let opened = Descriptor(
      adopting: try checked(linux_packet_open(link.index), "open packet socket on", link.name) {
        $0 == EPERM || $0 == EACCES ? "the process needs CAP_NET_RAW" : ""
      })
    try loop.watch(opened.rawValue, interest: .readable, token: token)
    packets = opened.rawValue
    socket = consume opened
    linkIndex = link.index
  }

  func receive(into buffer: inout MutableSpan<UInt8>) -> Int {
    let descriptor = packets
    guard descriptor >= 0 else { return -Int(EAGAIN) }
    return buffer.withUnsafeMutableBytes {
      Int(linux_packet_receive(descriptor, $0.baseAddress, $0.count))
    }
  }

  func send(_ frame: Span<UInt8>) -> Int32 {
    guard packets >= 0 else { return -ENETDOWN }
    return frame.withUnsafeBytes {
      linux_packet_send(packets, linkIndex, $0.baseAddress, $0.count)
    }
  }

  func closeSocket() {
    guard packets >= 0 else { return }
    drops = socketOverruns
    for _ in 0..<LinuxKernelLink.discardsMax {
      guard linux_packet_receive(packets, nil, 0) >= 0 else { break }
      socketDiscards += 1
    }
    loop.unwatch(packets)
    packets = -1
    wantsWritable = false
    socket = nil
  }

  func close() {
    closeSocket()
    if let descriptor = news?.rawValue { loop.unwatch(descriptor) }
    news = nil
    route = nil
  }
}

extension LinuxKernelLink {
  func subscribe() throws(SystemError) {
    guard news == nil else { return }
    let opened = Descriptor(
      adopting: try checked(linux_route_subscribe(), "subscribe to changes of links"))
    try loop.watch(opened.rawValue, interest: .readable, token: token)
    news = consume opened
  }

  func takeNews(of name: String) -> Bool {
    guard let descriptor = news?.rawValue else { return false }
    var concerns = false
    while true {
      let count = linux_netlink_receive(descriptor, answer.baseAddress, answer.count)
      if count == -Int64(EAGAIN) { return concerns }
      // ENOBUFS: some were lost, and those that were not follow.
      guard count >= 0, count <= Int64(answer.count) else {
        concerns = true
        if count < 0, count != -Int64(ENOBUFS) { return true }
        continue
      }
      let bytes = UnsafeBufferPointer(answer).span.extracting(first: Int(count))
      if KernelLinkNews.concern(name, bytes) { concerns = true }
    }
  }
}

extension LinuxKernelLink {
  func readState() throws(SystemError) -> KernelLinkState {
    var state = KernelLinkState()
    try list(into: &state) { RouteRequest.links(sequence: $0) }
    // A kernel without MCTP answers the next two with what other families have.
    guard state.links.contains(where: { $0.network != nil }) else { return state }
    try list(into: &state) { RouteRequest.addresses(sequence: $0) }
    try list(into: &state) { RouteRequest.routes(sequence: $0) }
    return state
  }

  func move(_ link: KernelLinkState.Link, toNetwork network: UInt32) throws(SystemError) {
    try change("move to network \(network):", link) {
      RouteRequest.move(link: link.index, toNetwork: network, sequence: $0)
    }
  }

  func raise(_ link: KernelLinkState.Link) throws(SystemError) {
    try change("raise", link) { RouteRequest.raise(link: link.index, sequence: $0) }
  }

  func readStatistics(of name: String) -> KernelLinkStatistics? {
    var state = KernelLinkState()
    let code = try? ask(RouteRequest.link(named: name, sequence: nextSequence()), &state)
    return code == 0 ? state.link(named: name)?.statistics : nil
  }

  private func nextSequence() -> UInt32 {
    sequence &+= 1
    return sequence
  }

  private func change(
    _ operation: String, _ link: KernelLinkState.Link, _ request: (UInt32) -> RouteRequest
  ) throws(SystemError) {
    var state = KernelLinkState()
    let code = try ask(request(nextSequence()), &state)
    _ = try checked(-code, operation, link.name) {
      $0 == EPERM ? "the process needs CAP_NET_ADMIN" : ""
    }
  }

  private func list(
    into state: inout KernelLinkState, _ request: (UInt32) -> RouteRequest
  ) throws(SystemError) {
    for _ in 0..<LinuxKernelLink.listTriesMax {
      var listed = state
      let code = try ask(request(nextSequence()), &listed)
      if code == EINTR { continue }
      _ = try checked(-code, "list links")
      state = listed
      return
    }
    throw SystemError(
      code: EAGAIN, operation: "list links", hint: "links come and go all the time")
  }

  /// Sends a request and takes in all of its answer.
  ///
  /// - Returns: 0, the kernel's errno value, or EINTR for a list that changed while it was told.
  private func ask(
    _ request: RouteRequest, _ state: inout KernelLinkState
  ) throws(SystemError) -> Int32 {
    if route == nil {
      route = Descriptor(adopting: try checked(linux_route_open(), "open rtnetlink"))
    }
    guard let descriptor = route?.rawValue else { return EBADF }
    let sent = request.bytes.span.withUnsafeBytes {
      linux_netlink_send(descriptor, $0.baseAddress, $0.count)
    }
    _ = try checked(sent, "ask rtnetlink")
    var reader = RouteAnswer(sequence: sequence)
    while true {
      let count = linux_netlink_receive(descriptor, answer.baseAddress, answer.count)
      guard count >= 0, count <= Int64(answer.count) else {
        // What is left of this answer must not be taken for the next one's.
        route = nil
        let code = count < 0 ? Int32(-count) : EMSGSIZE
        throw SystemError(code: code, operation: "read the answer of rtnetlink")
      }
      let bytes = UnsafeBufferPointer(answer).span.extracting(first: Int(count))
      if let code = reader.take(bytes, into: &state) { return code }
    }
  }
}
