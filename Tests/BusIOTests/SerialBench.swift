import BusIO
import Glibc
import MCTPFraming
import MCTPWire
import Testing

/// Writes down what a port reports; answers nothing unless told to echo.
final class Recorder: PortSink {
  var packets: [[UInt8]] = []
  var damaged: [(reason: DropReason, bytes: [UInt8])] = []
  var results: [TransmissionResult] = []
  var conditions: [PortCondition] = []
  var onPacket: (([UInt8]) -> Void)?

  func portReceived(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID) {
    #expect(address == PhysicalAddress.none)
    let bytes = packet.indices.map { packet[$0] }
    packets.append(bytes)
    onPacket?(bytes)
  }

  func portDamagedFrame(_ reason: DropReason, bytes: Span<UInt8>, on port: PortID) {
    damaged.append((reason, bytes.indices.map { bytes[$0] }))
  }

  func portFinishedTransmission(_ result: TransmissionResult, on port: PortID) {
    results.append(result)
  }

  func portChangedCondition(_ condition: PortCondition, on port: PortID) {
    conditions.append(condition)
  }
}

/// A port whose path is a link to the far side of a pseudo-terminal, and that terminal's near side
/// as the peer. The link is taken away before the terminal is, because its number is used again at
/// once, perhaps by another test.
final class SerialBench {
  let loop: EventLoop
  let sink = Recorder()
  let port: SerialPort
  let link: String
  private var cable: PseudoTerminal?
  /// The time that the port is told.
  var now = Instant(nanoseconds: 1_000_000_000)

  static let token: UInt64 = 5

  init(
    wakePeerReceiver: Bool = false, transmissionUnitBytes: Int = 64, outputBytesMax: Int = 16_384
  ) throws {
    let template = "/tmp/mctp-router-test-" + String(repeating: "X", count: 6)
    var name = Array(template.utf8CString)
    mkdtemp(&name)
    link = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/line"
    loop = try EventLoop()
    port = SerialPort(
      id: PortID(rawValue: 3),
      configuration: SerialPort.Configuration(
        path: link, transmissionUnitBytes: transmissionUnitBytes,
        wakePeerReceiver: wakePeerReceiver, outputBytesMax: outputBytesMax),
      loop: loop, token: SerialBench.token)
  }

  deinit {
    port.stop()
    unplug()
    rmdir(String(link.dropLast("/line".count)))
  }

  /// A bench whose port is up, with nothing reported yet but that.
  static func up(
    wakePeerReceiver: Bool = false, transmissionUnitBytes: Int = 64, outputBytesMax: Int = 16_384
  ) throws -> SerialBench {
    let bench = try SerialBench(
      wakePeerReceiver: wakePeerReceiver, transmissionUnitBytes: transmissionUnitBytes,
      outputBytesMax: outputBytesMax)
    try bench.plug()
    bench.port.start(now: bench.now, sink: bench.sink)
    try #require(bench.sink.conditions == [.up])
    return bench
  }

  /// The peer's descriptor.
  var peer: Int32 { cable?.descriptor ?? -1 }
  /// The terminal itself, behind the link.
  var farPath: String { cable?.farPath ?? "" }

  func plug() throws {
    let fresh = try PseudoTerminal()
    try #require(symlink(fresh.farPath, link) == 0)
    cable = consume fresh
  }

  func unplug() {
    unlink(link)
    cable = nil
  }

  func transmit(_ packet: [UInt8]) {
    port.transmit(packet.span, to: .none, now: now)
  }

  func flush() { port.flush(now: now, sink: sink) }
  func service() { port.service(now: now, sink: sink) }

  /// Lets the port work until `isDone`.
  func run(until isDone: () -> Bool) -> Bool {
    loop.run(
      until: isDone,
      { token, _ in
        #expect(token == SerialBench.token)
        service()
      })
  }
}

/// A frame of serial.hex and the packet in it, both written out.
struct SerialVector: CustomTestStringConvertible, Sendable {
  let name: String
  let frame: [UInt8]
  let packet: [UInt8]
  var testDescription: String { name }
}
