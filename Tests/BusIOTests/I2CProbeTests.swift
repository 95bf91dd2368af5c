import BusIO
import MCTPWire
import Synchronization
import TestSupport
import Testing

@Suite("A probe of an I2C bus")
struct I2CProbeTests {
  private let bench: I2CBench
  /// Byte count 17; capabilities 0x81, version 0x08, vendor 0x8086, device 0x1234, interface
  /// 0x0020 (bit 5), subsystem 0x1AF4 0x0001, vendor's own 0xDEADBEEF, address 0x1D. No PEC.
  private let udid = hex("11 81 08 80 86 12 34 00 20 1a f4 00 01 de ad be ef 3a")

  init() throws {
    bench = try I2CBench()
    bench.start()
    _ = bench.sink.takeEvents()
  }

  /// The CRC-8 of SMBus, bit by bit (DSP0237 1.1.0 §6.2).
  private static func pec(_ bytes: [UInt8]) -> UInt8 {
    var crc: UInt8 = 0
    for byte in bytes {
      crc ^= byte
      for _ in 0..<8 { crc = crc & 0x80 != 0 ? (crc << 1) ^ 7 : crc << 1 }
    }
    return crc
  }

  private func probe(_ addresses: [UInt8], asksUDID: Bool = false) -> [I2CProbeResult] {
    bench.link.startProbe(addresses, asksUDID: asksUDID, now: bench.now)
    var results: [I2CProbeResult]?
    #expect(
      bench.run(until: {
        results = results ?? bench.link.finishedProbe()
        return results != nil
      }))
    return results ?? []
  }

  private var asked: [String] { bench.adapter.state.withLock { $0.asked } }

  @Test("It asks by quick write, and by receive byte where memories sit")
  func asks() {
    bench.adapter.set(\.acknowledging, [0x1D, 0x50])
    let results = probe([0x1C, 0x1D, 0x33, 0x50])
    #expect(results.map(\.address) == [0x1C, 0x1D, 0x33, 0x50])
    #expect(
      results.map(\.finding) == [.notAcknowledged, .acknowledged, .notAcknowledged, .acknowledged])
    #expect(
      asked == [
        "select 1c", "quick", "select 1d", "quick", "select 33", "receive", "select 50", "receive",
      ])
  }

  @Test("An adapter without quick writes asks by receive byte, and one with neither says so")
  func fewerFunctions() throws {
    for (bits, finding): (Int64, I2CProbeResult.Finding) in [
      (0x0002_0001, .acknowledged),
      (0x1, .failed("the adapter cannot do the transfer that is safe at this address")),
    ] {
      let other = try I2CBench()
      other.adapter.set(\.functionality, bits)
      other.adapter.set(\.acknowledging, [0x1D])
      other.start()
      other.link.startProbe([0x1D], asksUDID: false, now: other.now)
      var results: [I2CProbeResult]?
      #expect(
        other.run(until: {
          results = results ?? other.link.finishedProbe()
          return results != nil
        }))
      #expect(results?.map(\.finding) == [finding])
    }
  }

  @Test("An address that a kernel driver has is left alone")
  func driver() {
    bench.adapter.set(\.selectCodes, [0x10: -16])
    #expect(probe([0x10]).map(\.finding) == [.usedByDriver])
    #expect(asked == ["select 10"])
  }

  @Test("Reserved addresses are not asked")
  func reserved() {
    for result in probe([0x07, 0x78]) {
      guard case .failed = result.finding else {
        Issue.record("asked \(result.address)")
        continue
      }
    }
    #expect(asked == [])
  }

  @Test("A device that gives its UDID is said to claim MCTP by bit 5 of the interface")
  func identifies() throws {
    bench.adapter.set(\.acknowledging, [0x1D])
    // Directed Get UDID: command = address << 1 | 1 (SMBus, Address Resolution Protocol).
    let answer = udid + [I2CProbeTests.pec([0xC2, 0x3B, 0xC3] + udid)]
    bench.adapter.set(\.udidAnswer, answer)
    let result = try #require(probe([0x1D], asksUDID: true).first)
    #expect(asked == ["select 1d", "quick", "select 61", "block 3b"])
    let found = try #require(result.udid)
    #expect(found.vendorID == 0x8086)
    #expect(found.deviceID == 0x1234)
    #expect(found.interface == 0x0020)
    #expect(found.subsystemVendorID == 0x1AF4)
    #expect(found.vendorSpecificID == 0xDEAD_BEEF)
    #expect(found.address == 0x1D)
    #expect(found.claimsMCTP)
  }

  @Test("A UDID with a wrong PEC, or of bytes that nobody drove, is none")
  func rejects() throws {
    let good = udid + [I2CProbeTests.pec([0xC2, 0x3B, 0xC3] + udid)]
    #expect(SMBusUDID(answer: good.span, command: 0x3B) != nil)
    for index in good.indices {
      var bad = good
      bad[index] ^= 0x10
      #expect(SMBusUDID(answer: bad.span, command: 0x3B) == nil, "byte \(index)")
    }
    let idle = [UInt8](repeating: 0xFF, count: 19)
    #expect(SMBusUDID(answer: idle.span, command: 0x3B) == nil)
    #expect(SMBusUDID(answer: good.span.extracting(0..<18), command: 0x3B) == nil)
  }

  @Test("A write waits for one address, and the rest of the probe for the write")
  func yieldsToWrites() {
    bench.adapter.isGated.withLock { $0 = true }
    bench.link.startProbe([0x1C, 0x1E], asksUDID: false, now: bench.now)
    bench.waitForTransfer()
    bench.transmit(hex("01 00 08 c8 00 80 02"))
    #expect(bench.adapter.state.withLock { $0.written.isEmpty })
    bench.adapter.isGated.withLock { $0 = false }
    bench.adapter.gate.ring()
    #expect(bench.run(until: { !bench.sink.events.isEmpty }))
    #expect(bench.sink.takeEvents() == ["finished sent"])
    var results: [I2CProbeResult]?
    #expect(
      bench.run(until: {
        results = results ?? bench.link.finishedProbe()
        return results != nil
      }))
    #expect(results?.count == 2)
  }

  @Test("A link that is down finds nothing and says why")
  func down() {
    bench.adapter.set(\.device, 8)
    bench.port.devicesChanged(now: bench.now, sink: bench.sink)
    let results = probe([0x1D])
    #expect(results.map(\.finding) == [.failed("/dev/i2c-2: the adapter went away")])
  }
}
