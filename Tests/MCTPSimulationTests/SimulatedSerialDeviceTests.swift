import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("A simulated device on a serial line")
struct SimulatedSerialDeviceTests {
  private let endpoint = SimulatedEndpoint(SimulatedEndpointConfiguration(eid: EID(10)))

  @Test("Vector S1 in any two pieces is answered with one frame")
  func answers() {
    let request = hex("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e")
    for cut in 0...request.count {
      var device = SimulatedSerialDevice(
        SimulatedEndpoint(SimulatedEndpointConfiguration(eid: EID(10))))
      let (first, second) = ([UInt8](request.prefix(cut)), [UInt8](request.dropFirst(cut)))
      device.receive(first.span, now: .zero)
      device.receive(second.span, now: .zero)
      // The FCS was computed apart from this code.
      let answer = device.nextBytes(now: .zero).map(hexText)
      #expect(answer == "7e 01 0b 01 08 0a c0 00 00 02 00 0a 00 00 ab d2 7e")
      let more = device.nextBytes(now: .zero)
      #expect(more == nil)
    }
  }

  @Test("A damaged frame is counted and the next one answered")
  func damaged() {
    var device = SimulatedSerialDevice(endpoint)
    device.receive(hex("7e 01 07 01 00 08 c8 00 80 02 2b c2 7e").span, now: .zero)
    let nothing = device.nextBytes(now: .zero)
    #expect(nothing == nil)
    #expect(endpoint.dropCounts == [.frameIntegrity: 1])
    device.receive(hex("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e").span, now: .zero)
    let answer = device.nextBytes(now: .zero)
    #expect(answer != nil)
  }

  @Test("A frame that stops coming is given up at the deadline")
  func truncated() {
    var device = SimulatedSerialDevice(endpoint)
    device.receive(hex("7e 01 07 01 00").span, now: .zero)
    let deadline = device.nextDeadline
    #expect(deadline == Instant.zero.advanced(byMs: 1000))
    device.advance(to: Instant.zero.advanced(byMs: 1000))
    #expect(endpoint.dropCounts == [.frameTruncated: 1])
    let idle = device.nextDeadline
    #expect(idle == nil)
  }
}
