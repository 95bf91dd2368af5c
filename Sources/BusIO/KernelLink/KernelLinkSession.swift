// Finds one kernel link, makes it usable and watches that it stays so; for a whole port and for the
// receiving half of one.
//
// Owns the access to the kernel and which link was met last. Life: `open` and `close` in turns,
// `stop` once.

internal import CLinuxBus
internal import MCTPWire

final class KernelLinkSession {
  let configuration: KernelLinkPort.Configuration
  let access: any KernelLinkAccess
  /// As it was at the last look; nil while closed.
  private(set) var link: KernelLinkState.Link?

  /// The index of the link that was found up or was raised: who takes it down afterwards means it.
  private var metIndex: UInt32?
  private var statistics = KernelLinkStatistics()

  init(_ configuration: KernelLinkPort.Configuration, access: any KernelLinkAccess) {
    self.configuration = configuration
    self.access = access
  }

  private var name: String { configuration.linkName }

  /// The link's own address as a number; 0 where it has none.
  var linkAddress: UInt64 { link?.address.reduce(0) { $0 << 8 | UInt64($1) } ?? 0 }

  /// Changes nothing. What cannot be read now is no fault: `open` tells of it.
  ///
  /// - Parameter transmissionUnitBytes: in place of the configuration's, where the caller's frames
  ///   decide.
  func check(transmissionUnitBytes: Int? = nil) throws(ConfigurationFault) {
    guard let state = try? access.readState(), let link = state.link(named: name) else { return }
    var wanted = configuration
    if let transmissionUnitBytes { wanted.transmissionUnitBytes = transmissionUnitBytes }
    if let fault = state.fault(of: link, for: wanted) { throw fault }
  }

  /// Finds the link, moves it to its network, raises it where it is new, opens the socket.
  func open() throws(DeviceFailure) {
    // Before the look, so that no change falls between the two.
    try asking { () throws(SystemError) in try access.subscribe() }
    _ = hasNews()
    var found = try look()
    if let network = configuration.kernelNetwork, found.network != network {
      try asking { () throws(SystemError) in try access.move(found, toNetwork: network) }
      found = try look()
    }
    if !found.isUp, found.index != metIndex {
      try asking { () throws(SystemError) in try access.raise(found) }
      found = try look()
    }
    if found.isUp { metIndex = found.index }
    try requireUsable(found)
    try asking { () throws(SystemError) in try access.openSocket(found) }
    link = found
  }

  /// Looks again while open: throws when the link may not be used any longer.
  func recheck() throws(DeviceFailure) {
    let found = try look()
    guard found.index == link?.index else {
      throw .gone("\(name): another link has the name now")
    }
    try requireUsable(found)
    link = found
  }

  func hasNews() -> Bool { access.takeNews(of: name) }

  /// Read anew by each call; of a link that is not there, the last that were read.
  var linkCounters: [LinkCounter] {
    if let now = access.readStatistics(of: name) { statistics = now }
    return [
      LinkCounter("rx-crc-errors", statistics.rxCRCErrors),
      LinkCounter("rx-length-errors", statistics.rxLengthErrors),
      LinkCounter("rx-over-errors", statistics.rxOverErrors),
      LinkCounter("rx-dropped", statistics.rxDropped),
      LinkCounter("tx-errors", statistics.txErrors),
      LinkCounter("tx-dropped", statistics.txDropped),
      LinkCounter("socket-overruns", access.socketOverruns),
      LinkCounter("socket-discards", access.socketDiscards),
    ]
  }

  func close() {
    access.closeSocket()
    link = nil
  }

  func stop() {
    close()
    access.close()
  }

  private func look() throws(DeviceFailure) -> KernelLinkState.Link {
    let state = try asking { () throws(SystemError) in try access.readState() }
    guard let found = state.link(named: name) else {
      throw .gone("the system has no link \(name)")
    }
    if let fault = state.fault(of: found, for: configuration) { throw .configuration(fault) }
    return found
  }

  private func asking<Answer>(
    _ body: () throws(SystemError) -> Answer
  ) throws(DeviceFailure) -> Answer {
    do throws(SystemError) { return try body() } catch { throw .system(error) }
  }

  private func requireUsable(_ found: KernelLinkState.Link) throws(DeviceFailure) {
    guard found.isUp else {
      throw .gone("\(name) is down; `ip link set \(name) up` raises it")
    }
    if let network = configuration.kernelNetwork, found.network != network {
      let now = found.network.map { "network \($0)" } ?? "no network"
      throw .gone("\(name) is in \(now) of the kernel, not in \(network): somebody moved it")
    }
  }
}

extension KernelLinkSession {
  /// Words for a socket that failed.
  func failure(_ code: Int32, _ operation: String) -> String {
    let name = configuration.linkName
    switch code {
    case ENETDOWN: return "\(name) is down; `ip link set \(name) up` raises it"
    case ENXIO, ENODEV: return "the system has no link \(name)"
    default: return "\(SystemError(code: code, operation: operation, path: name))"
    }
  }
}
