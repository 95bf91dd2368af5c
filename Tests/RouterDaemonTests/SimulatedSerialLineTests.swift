import BusIO
import MCTPSimulation
import MCTPWire
import RouterDaemon
import TestSupport
import Testing

@Suite("A simulated device on a pseudo-terminal")
struct SimulatedSerialLineTests {
  private final class Received: PortSink {
    var packets: [[UInt8]] = []
    var isUp = false

    func portReceived(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID) {
      packets.append(packet.withUnsafeBufferPointer { Array($0) })
    }
    func portDamagedFrame(_ reason: DropReason, bytes: Span<UInt8>, on port: PortID) {
      Issue.record("damaged: \(reason.name)")
    }
    func portFinishedTransmission(_ result: TransmissionResult, on port: PortID) {
      #expect(result == .sent)
    }
    func portChangedCondition(_ condition: PortCondition, on port: PortID) {
      isUp = condition.isUp
    }
  }

  @Test("The serial port asks it, and it asks by itself")
  func roundTrip() throws {
    let loop = try EventLoop()
    let endpoint = SimulatedEndpoint(SimulatedEndpointConfiguration(eid: EID(10)))
    let line = try SimulatedSerialLine(
      SimulatedSerialDevice(endpoint), loop: loop, token: 1)
    let port = SerialPort(
      id: PortID(rawValue: 2), configuration: .init(path: line.farPath), loop: loop, token: 2)
    let sink = Received()
    port.start(now: loop.now(), sink: sink)
    #expect(sink.isUp)

    /// Far beyond what a loaded machine needs.
    let end = loop.now().advanced(byMs: 10_000)
    func run(until isDone: () -> Bool) -> Bool {
      while !isDone() {
        guard loop.now() < end else { return false }
        let deadlines = [end, port.nextDeadline ?? end, line.nextDeadline ?? end]
        loop.wait(until: deadlines.min()) { _, _ in }
        line.service(now: loop.now())
        port.service(now: loop.now(), sink: sink)
      }
      return true
    }

    port.transmit(hex("01 00 08 c8 00 80 02").span, to: .none, now: loop.now())
    port.flush(now: loop.now(), sink: sink)
    let hasAnswer = run { sink.packets.count == 1 }
    #expect(hasAnswer)
    #expect(sink.packets == [hex("01 08 0a c0 00 00 02 00 0a 00 00")])

    // Longer than the terminal's buffer: it backs up and comes through in order.
    let body = [0x7E] + (0..<12_000).map { UInt8(truncatingIfNeeded: $0) }
    try line.withEndpoint(now: loop.now()) { (endpoint) throws in
      try endpoint.send(body.span, to: EID(8), now: loop.now())
    }
    let packetCount = (body.count + 63) / 64
    let hasAll = run { sink.packets.count == 1 + packetCount }
    #expect(hasAll)
    #expect(sink.packets.dropFirst().flatMap { $0.dropFirst(4) } == body)
    line.stop()
    port.stop()
  }
}
