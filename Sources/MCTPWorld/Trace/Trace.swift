// What happened in a world: always as a digest, and as text and as a capture file when asked.
//
// Owns the digest; text and capture go out through what the caller gave. Lives as long as a run.
// The digest is made of the fields of each observation and its time, in an order that is fixed
// here: the same run has the same digest in every process, whether text is wanted or not.

internal import MCTPEndpoint
public import MCTPEngine
public import MCTPWire
internal import Topology

public final class Trace: WorldObserver {
  /// Numbers that begin an observation in the digest.
  enum Kind: UInt64 {
    case event = 1
    case received, damaged, transmitting, transmitted, portChanged
    case deviceReceived, deviceSent, deviceDamaged, ownerEvent
    case leasesTold, killed, commanded, ownRequestEnded, messageEnded
    case deviceComplained
  }

  /// The same for the same run; another one when a byte, a decision or a time differs.
  public var hash: UInt64 { digest.value }
  /// Observations so far.
  public private(set) var observationCount: UInt64 = 0

  var digest = Digest64()
  private(set) var now = Instant.zero
  private let text: ((String) -> Void)?
  private let capture: PacketCapture?
  /// Names for people: `router/port`.
  private let portNames: [[String]]
  private let deviceNames: [String]
  private let placeWidth: Int

  /// - Parameters:
  ///   - text: gets the legend at once, then a line for each observation, without a line end.
  ///   - capture: gets each packet of the routers' ports that it wants.
  public init(board: Board, text: ((String) -> Void)? = nil, capture: PacketCapture? = nil) {
    self.text = text
    self.capture = capture
    portNames = board.routers.map { router in
      router.topology.ports.map { "\(router.name)/\($0.name)" }
    }
    deviceNames = board.devices.map(\.name)
    let names = portNames.joined() + deviceNames + board.routers.map(\.name)
    placeWidth = names.reduce(5) { max($0, $1.count) }
    guard let text else { return }
    for line in Trace.legend { text(line) }
    text(TraceLine.heading(placeWidth: placeWidth))
  }

  // MARK: Observations

  public func timeAdvanced(to now: Instant) { self.now = now }

  public func happened(_ event: WorldEvent, _ text: String) {
    note(.event, 0, 0)
    digest.add(text.utf8.span)
    write("world", "*") { $0.what = text }
  }

  public func received(
    _ packet: Span<UInt8>, router: Int, port: PortID, from address: PhysicalAddress,
    _ disposition: Disposition
  ) {
    note(.received, router, UInt64(port.rawValue))
    add(packet, address)
    digest.add(disposition.traceCode)
    if text != nil {
      var line = line(portNames[router][Int(port.rawValue)], "<", packet, address)
      line.what = words(disposition, router)
      emit(line, packet)
    }
    if let capture {
      capture.received(
        packet, router: router, port: port, from: address, at: now,
        drop: disposition.dropReason)
    }
  }

  public func damaged(_ reason: DropReason, router: Int, port: PortID) {
    note(.damaged, router, UInt64(port.rawValue))
    digest.add(UInt64(reason.rawValue))
    write(portName(router, port), "x") { $0.what = "frame ended: \(reason.explanation)" }
  }

  public func transmitting(
    _ packet: Span<UInt8>, router: Int, port: PortID, to address: PhysicalAddress,
    failedAttempts: UInt8
  ) {
    note(.transmitting, router, UInt64(port.rawValue))
    add(packet, address)
    digest.add(UInt64(failedAttempts))
    if text != nil {
      var line = line(portName(router, port), ">", packet, address)
      line.what = failedAttempts == 0 ? "" : "attempt \(failedAttempts + 1)"
      emit(line, packet)
    }
    if let capture {
      capture.transmitting(
        packet, router: router, port: port, to: address, at: now,
        failedAttempts: failedAttempts)
    }
  }

  public func transmitted(_ result: TransmissionResult, router: Int, port: PortID) {
    note(.transmitted, router, UInt64(port.rawValue))
    digest.add(UInt64(result.rawValue))
    write(portName(router, port), "=") { $0.what = result.traceWords }
  }

  public func portChanged(isUp: Bool, router: Int, port: PortID) {
    note(.portChanged, router, UInt64(port.rawValue))
    digest.add(isUp ? 1 : 0)
    write(portName(router, port), "|") { $0.what = isUp ? "port up" : "port down" }
  }

  public func deviceReceived(_ packet: Span<UInt8>, device: Int, from address: PhysicalAddress) {
    note(.deviceReceived, device, 0)
    add(packet, address)
    if text != nil { emit(line(deviceNames[device], "d<", packet, address), packet) }
  }

  public func deviceSent(_ packet: Span<UInt8>, device: Int, to address: PhysicalAddress) {
    note(.deviceSent, device, 0)
    add(packet, address)
    if text != nil { emit(line(deviceNames[device], "d>", packet, address), packet) }
  }

  public func deviceDamaged(_ reason: DropReason, device: Int) {
    note(.deviceDamaged, device, 0)
    digest.add(UInt64(reason.rawValue))
    write(deviceNames[device], "dx") { $0.what = "frame ended: \(reason.explanation)" }
  }

  public func deviceComplained(_ complaint: String, device: Int) {
    note(.deviceComplained, device, 0)
    digest.add(complaint.utf8.span)
    write(deviceNames[device], "d!") { $0.what = "complains: \(complaint)" }
  }

  public func messageEnded(_ reason: DropReason?, router: Int) {
    note(.messageEnded, router, UInt64(reason?.rawValue ?? 0))
    write(routerName(router), "!") {
      $0.what = "a message " + (reason.map { "ended: \($0.explanation)" } ?? "is whole")
    }
  }

  public func ownerEvent(_ event: OwnerEvent, router: Int) {
    note(.ownerEvent, router, 0)
    event.add(to: &digest)
    write(routerName(router), "!") { $0.what = event.traceWords }
  }

  public func leasesTold(_ text: String, router: Int) {
    note(.leasesTold, router, 0)
    digest.add(text.utf8.span)
    write(routerName(router), "!") { $0.what = text }
  }

  public func killed(router: Int, durable: [DurableLease]) {
    note(.killed, router, UInt64(durable.count))
    for lease in durable { digest.add(UInt64(lease.network) << 8 | UInt64(lease.eid.rawValue)) }
    write(routerName(router), "!") { $0.what = "\(durable.count) leases are certain to be kept" }
  }

  public func commanded(_ command: RouterCommand, refusal: String?, router: Int) {
    note(.commanded, router, refusal == nil ? 0 : 1)
    let text = command.text { "port \($0.rawValue)" }
    digest.add(text.utf8.span)
    write(routerName(router), "!") {
      $0.what = text + (refusal.map { ": refused, \($0)" } ?? ": begun")
    }
  }

  public func ownRequestEnded(_ outcome: OwnOutcome, router: Int) {
    note(.ownRequestEnded, router, 0)
    digest.add(UInt64(outcome.ticket.rawValue))
    if case .answered(_, let source, let body) = outcome {
      digest.add(UInt64(source.rawValue))
      digest.add(body.span)
    }
    write(routerName(router), "!") { $0.what = outcome.traceWords }
  }

  // MARK: Inside

  private func note(_ kind: Kind, _ place: Int, _ port: UInt64) {
    observationCount &+= 1
    digest.add(kind.rawValue << 56 | UInt64(place) << 8 | port)
    digest.add(now.nanoseconds)
  }

  private func add(_ packet: Span<UInt8>, _ address: PhysicalAddress) {
    digest.add(packet)
    digest.add(UInt64(address.form.rawValue) << 56 | address.value)
  }

  private func portName(_ router: Int, _ port: PortID) -> String {
    portNames[router][Int(port.rawValue)]
  }

  private func routerName(_ router: Int) -> String {
    portNames[router].first.map { String($0.prefix { $0 != "/" }) } ?? "router \(router)"
  }

  private func words(_ disposition: Disposition, _ router: Int) -> String {
    switch disposition {
    case .forwarded(let egress): "forwarded to \(portName(router, egress))"
    case .answered: "taken by the router"
    case .deliver: "delivered"
    case .dropped(let reason): "DROPPED: \(reason.explanation)"
    }
  }

  private func line(
    _ place: String, _ mark: String, _ packet: Span<UInt8>, _ address: PhysicalAddress
  ) -> TraceLine {
    var line = TraceLine(time: now, place: place, mark: mark)
    line.address = address.description
    line.read(packet)
    return line
  }

  private func write(
    _ place: @autoclosure () -> String, _ mark: String, _ fill: (inout TraceLine) -> Void
  ) {
    guard let text else { return }
    var line = TraceLine(time: now, place: place(), mark: mark)
    fill(&line)
    text(line.text(placeWidth: placeWidth))
  }

  private func emit(_ line: TraceLine, _ packet: Span<UInt8>) {
    guard let text else { return }
    var line = line
    line.readBytes(packet)
    text(line.text(placeWidth: placeWidth))
  }
}
