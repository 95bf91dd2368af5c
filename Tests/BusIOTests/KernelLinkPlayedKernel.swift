import Glibc
import MCTPWire

@testable import BusIO

/// A kernel with links, under the test's control.
final class PlayedKernel: KernelLinkAccess {
  var token: UInt64 = 0
  var state = KernelLinkState()
  var statistics: KernelLinkStatistics?
  /// What the next looks at the state end with.
  var stateErrors: [SystemError] = []
  var socketError: SystemError?
  var hasNews = false
  /// What comes in; a negative number is an errno value.
  var received: [Result<[UInt8], Errno>] = []
  /// What the next sends end with; 0 for those beyond.
  var sendResults: [Int32] = []
  private(set) var sent: [[UInt8]] = []
  /// What was asked for, in order: `network 7`, `raise`, `socket 5`, `close`.
  private(set) var log: [String] = []
  private(set) var isSocketOpen = false
  var wantsWritable = false
  var socketOverruns: UInt64 = 0
  var socketDiscards: UInt64 = 0

  struct Errno: Error {
    let code: Int32
    init(_ code: Int32) { self.code = code }
  }

  /// An I2C link `mctpi2c6`, index 5, up, in network 1, with our address 0x10.
  init() {
    state.links = [
      KernelLinkState.Link(
        index: 1, name: "lo", isUp: true, hardwareType: 772, kind: "", kernelMTUBytes: 65_536,
        address: [0, 0, 0, 0, 0, 0], network: 1),
      KernelLinkState.Link(
        index: 5, name: "mctpi2c6", isUp: true, hardwareType: 290, kind: "",
        kernelMTUBytes: 254, kernelMTUBytesMax: 254, address: [0x10], network: 1),
    ]
  }

  /// The link under test.
  var link: KernelLinkState.Link {
    get { state.links[1] }
    set { state.links[1] = newValue }
  }

  func takeLog() -> [String] {
    defer { log = [] }
    return log
  }

  func takeSent() -> [[UInt8]] {
    defer { sent = [] }
    return sent
  }

  func readState() throws(SystemError) -> KernelLinkState {
    if !stateErrors.isEmpty { throw stateErrors.removeFirst() }
    return state
  }

  func move(_ link: KernelLinkState.Link, toNetwork network: UInt32) throws(SystemError) {
    log.append("network \(network)")
    for index in state.links.indices where state.links[index].index == link.index {
      state.links[index].network = network
    }
  }

  func raise(_ link: KernelLinkState.Link) throws(SystemError) {
    log.append("raise")
    for index in state.links.indices where state.links[index].index == link.index {
      state.links[index].isUp = true
    }
  }

  func readStatistics(of name: String) -> KernelLinkStatistics? { statistics }

  func subscribe() throws(SystemError) {}

  func takeNews(of name: String) -> Bool {
    defer { hasNews = false }
    return hasNews
  }

  func openSocket(_ link: KernelLinkState.Link) throws(SystemError) {
    if let socketError { throw socketError }
    log.append("socket \(link.index)")
    isSocketOpen = true
  }

  func receive(into buffer: inout MutableSpan<UInt8>) -> Int {
    guard isSocketOpen, !received.isEmpty else { return -Int(EAGAIN) }
    switch received.removeFirst() {
    case .failure(let errno): return -Int(errno.code)
    case .success(let bytes):
      for index in 0..<min(bytes.count, buffer.count) { buffer[index] = bytes[index] }
      return bytes.count
    }
  }

  func send(_ frame: Span<UInt8>) -> Int32 {
    guard isSocketOpen else { return -ENETDOWN }
    if !sendResults.isEmpty {
      let result = sendResults.removeFirst()
      if result != 0 { return -result }
    }
    sent.append(frame.withUnsafeBufferPointer { Array($0) })
    return 0
  }

  func closeSocket() {
    guard isSocketOpen else { return }
    socketDiscards += UInt64(received.count)
    received = []
    isSocketOpen = false
    log.append("close")
  }

  func close() { closeSocket() }
}
