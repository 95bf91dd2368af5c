import BusIO
import MCTPWire
import TestSupport
import Testing

@Suite("The I3C port on a bus without GETSTATUS")
struct I3CPortProbeTests {
  private let link = ScriptedI3CLink()
  private let sink = RecordedPort()
  private let port: I3CPort
  private let device: UInt64 = 0x02AE_0000_0001

  /// One device without interrupts at 0x09, its first read under way.
  init() {
    port = I3CPort(id: PortID(rawValue: 2), link: link)
    link.hasGetStatus = false
    link.devices = [
      I3CDevice(
        provisionedID: device, dynamicAddress: 0x09, bcr: 0x00, maxReadByteCount: 69,
        maxWriteByteCount: 69)
    ]
    port.start(now: .zero, sink: sink)
    _ = sink.takeEvents()
  }

  private func service(_ now: Instant = .zero) -> [String] {
    port.service(now: now, sink: sink)
    return sink.takeEvents()
  }

  @Test("A device that announces nothing is read from, never asked for its status")
  func reads() {
    #expect(link.takeStarted() == ["read 9 up to 69"])
    link.finish(.addressNotAcknowledged)
    #expect(service() == [])
    #expect(link.takeStarted() == [])
    #expect(port.nextDeadline == Instant.zero.advanced(byMs: 10))
  }

  @Test("A device that announces packets is not read from without an announcement")
  func announces() {
    _ = link.takeStarted()
    link.finish(.addressNotAcknowledged)
    link.devices[0].bcr = 0x06
    link.deviceGeneration += 1
    #expect(service(Instant.zero.advanced(byMs: 1000)) == [])
    #expect(link.takeStarted() == [])
    #expect(port.nextDeadline == nil)
  }

  @Test("A device that answers every read with no packet does not get the bus to itself")
  func garbage() {
    _ = link.takeStarted()
    link.finish(.sent, "ff ff ff ff ff ff")
    #expect(service() == ["damaged frameIntegrity: ff ff ff ff ff ff"])
    #expect(link.takeStarted() == [])
    #expect(port.nextDeadline == Instant.zero.advanced(byMs: 10))
  }

  @Test("A whole packet is followed by another read at once", .spec("DSP0233"))
  func again() {
    _ = link.takeStarted()
    link.finish(.sent, "01 08 0a c0 00 00 02 00 0a 00 00 69")
    #expect(service().count == 1)
    #expect(link.takeStarted() == ["read 9 up to 69"])
  }
}
