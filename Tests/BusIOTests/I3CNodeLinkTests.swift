import BusIO
import Glibc
import MCTPWire
import Synchronization
import TestSupport
import Testing

private let first = "/dev/i3c-mctp-0"
private let second = "/dev/i3c-mctp-1"
private let firstID: UInt64 = 0x02AE_0000_0001
private let secondID: UInt64 = 0x02AE_0000_0002

/// The vectors that go one way, without those that are no packets.
private func vectors(_ direction: String) -> [TestVector] {
  testVectors("i3c").filter {
    $0.expectation.hasPrefix(direction) && $0.expectation.hasSuffix(": packet")
  }
}

@Suite("An I3C bus of i3c-mctp nodes")
struct I3CNodeLinkTests {
  /// Two nodes, both there.
  private func bench() throws -> I3CNodeBench {
    let bench = try I3CNodeBench(
      .i3cMCTP,
      [
        I3CNode(path: first, provisionedID: firstID),
        I3CNode(path: second, provisionedID: secondID),
      ])
    bench.kernel.add(first, number: 100)
    bench.kernel.add(second, number: 101)
    return bench
  }

  @Test("Both nodes are opened and registered for; an idle bus wakes nobody")
  func opens() throws {
    let bench = try bench()
    #expect(bench.start() == ["up"])
    #expect(bench.kernel.takeLog() == ["open \(first)", "open \(second)"])
    #expect(bench.kernel[first]?.registerCount == 1)
    #expect(bench.link.devices.map(\.provisionedID) == [firstID, secondID])
    #expect(bench.link.devices.allSatisfy { $0.announcesPackets && $0.isMCTP })
    #expect(bench.service() == [])
    #expect(bench.port.nextDeadline == nil)
    #expect(bench.port.notes == [])
    #expect(bench.loop.readyNow() == [])
  }

  @Test("A packet is written without its PEC, which the driver makes", .spec("DSP0233"))
  func writes() throws {
    let bench = try bench()
    _ = bench.start()
    _ = bench.kernel.takeLog()
    let cases = vectors("write")
    #expect(cases.map(\.name) == ["C1", "C2", "C3", "C4", "C7"])
    for vector in cases {
      let packet = [UInt8](vector.bytes.dropLast())
      bench.port.transmit(packet.span, to: .i3c(secondID), now: .zero)
      #expect(bench.serviceWhenReady() == ["finished sent"])
      #expect(bench.kernel.takeLog() == ["write \(second): \(hexText(packet))"])
    }
  }

  @Test("A packet that the driver has is read without being asked for", .spec("DSP0233"))
  func reads() throws {
    let bench = try bench()
    _ = bench.start()
    let cases = vectors("read")
    #expect(cases.map(\.name) == ["C5", "C6", "C8"])
    for vector in cases {
      let packet = [UInt8](vector.bytes.dropLast())
      bench.kernel.receive(packet, at: second)
      #expect(bench.events(1) == ["packet 02 ae 00 00 00 02: \(hexText(packet))"])
    }
    #expect(bench.port.nextDeadline == nil)
    #expect(bench.loop.readyNow() == [])
  }

  @Test("Never more than 68 bytes are asked for: drivers copy what they are asked for")
  func readLength() throws {
    let bench = try bench()
    _ = bench.start()
    bench.kernel.receive(hex("01 08 0a c0 7e"), at: first)
    _ = bench.events(1)
    #expect(!bench.kernel.readByteCounts.isEmpty)
    #expect(bench.kernel.readByteCounts.allSatisfy { $0 == 68 })
  }

  @Test("What is too short for a packet is reported, not lost")
  func tooShort() throws {
    let bench = try bench()
    _ = bench.start()
    bench.kernel.receive(hex("01 08 0a"), at: first)
    #expect(bench.events(1) == ["damaged frameTooShort: 01 08 0a"])
  }

  @Test("A node that stays readable during a write is read 16 packets ahead, without spinning")
  func bounded() throws {
    let bench = try bench()
    _ = bench.start()
    let packets = (0..<20).map { hex("01 08 0a c0 7e") + [UInt8($0)] }
    bench.kernel.gate.withLock { _ in
      bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero)
      for packet in packets { bench.kernel.receive(packet, at: first) }
      #expect(bench.loop.readyNow() == [I3CNodeBench.token])
      #expect(bench.service() == [])
      // Four are left in the driver; nothing is ready, nothing due before the transfer's time-out.
      #expect(bench.kernel.readByteCounts.count == 17)
      #expect(bench.loop.readyNow() == [])
      #expect(bench.service() == [])
      #expect(bench.port.nextDeadline == bench.ms(3000))
    }
    let expected = packets.map { "packet 02 ae 00 00 00 01: \(hexText($0))" }
    let events = bench.events(21)
    #expect(events.filter { $0 != "finished sent" } == expected)
    #expect(events.count == 21)
    #expect(bench.link.linkCounters.allSatisfy { $0.count == 0 })
    // Watched again.
    #expect(bench.service() == [])
    bench.kernel.receive(packets[3], at: first)
    #expect(bench.loop.readyNow() == [I3CNodeBench.token])
  }

  @Test("A driver that somebody else uses is waited for, with words")
  func busy() throws {
    let bench = try bench()
    bench.kernel.change(first) { $0.registerError = EBUSY }
    bench.kernel.change(second) { $0.openError = EBUSY }
    #expect(bench.start() == ["down"])
    #expect(
      bench.reason == "register for packets of \(first): Device or resource busy (16); another"
        + " program has the device; end it (and 1 more)")
    #expect(bench.port.nextDeadline == bench.ms(100))
    // Another try that ends alike is no news.
    #expect(bench.service(bench.ms(100)) == [])
    #expect(bench.port.nextDeadline == bench.ms(300))
    bench.kernel.change(first) { $0.registerError = 0 }
    #expect(bench.service(bench.ms(300)) == ["up"])
  }

  @Test("An older driver without the registration is used as it is")
  func olderDriver() throws {
    let bench = try bench()
    bench.kernel.change(first) { $0.registerError = ENOTTY }
    #expect(bench.start() == ["up"])
    #expect(bench.link.devices.count == 2)
  }

  @Test("While one node is there the bus is up; the other is noted, retried and found")
  func comesAndGoes() throws {
    let bench = try bench()
    bench.kernel.remove(second)
    #expect(bench.start() == ["up"])
    #expect(
      bench.port.notes == [
        "open \(second): No such file or directory (2); tried again after 100 ms"
      ])
    #expect(bench.port.nextDeadline == bench.ms(100))
    #expect(bench.service(bench.ms(100)) == [])
    #expect(bench.port.nextDeadline == bench.ms(300))

    bench.kernel.add(second, number: 101)
    let generation = bench.link.deviceGeneration
    #expect(bench.devicesChanged(bench.ms(150)) == [])
    #expect(bench.link.deviceGeneration != generation)
    #expect(bench.port.notes == [])
    #expect(bench.port.nextDeadline == nil)
    bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(secondID), now: bench.ms(150))
    #expect(bench.serviceWhenReady(bench.ms(150)) == ["finished sent"])
  }

  @Test("A node that another device has taken over is opened anew")
  func replaced() throws {
    let bench = try bench()
    _ = bench.start()
    _ = bench.kernel.takeLog()
    #expect(bench.devicesChanged() == [])
    #expect(bench.kernel.takeLog() == [])
    bench.kernel.add(first, number: 200)
    #expect(bench.devicesChanged() == [])
    #expect(bench.kernel.takeLog() == ["open \(first)"])
    bench.kernel.remove(first)
    #expect(bench.devicesChanged() == [])
    #expect(bench.link.devices.map(\.provisionedID) == [secondID])
  }

  @Test("A node whose number belongs to another device since is not used")
  func otherDevice() throws {
    let bench = try bench()
    bench.kernel.add(first, number: 0xF003)
    bench.sysfs.set(["pid": "2ae00000009"], of: "dev/char/240:3/device")
    #expect(bench.start() == ["up"])
    #expect(bench.link.devices.map(\.provisionedID) == [secondID])
    #expect(
      bench.port.notes == [
        "\(first) is device 0x2ae00000009, not 0x2ae00000001; tried again after 100 ms"
      ])
  }

  @Test("Without a provisioned ID in the topology the system's is used")
  func idOfSystem() throws {
    let bench = try I3CNodeBench(.i3cMCTP, [I3CNode(path: first)])
    bench.kernel.add(first, number: 0xF000)
    #expect(bench.start() == ["down"])
    #expect(bench.reason == "\(first): its provisioned ID is unknown; put it into the topology")
    bench.sysfs.set(["pid": "2ae00000001"], of: "dev/char/240:0/device")
    #expect(bench.devicesChanged() == ["up"])
    #expect(bench.link.devices.map(\.provisionedID) == [firstID])
  }

  @Test("A node that hangs up leaves; what was read from it before still arrives")
  func hangsUp() throws {
    let bench = try bench()
    _ = bench.start()
    bench.kernel.receive(hex("01 08 0a c0 7e 01"), at: first)
    bench.kernel.receive(hex("01 08 0a c0 7e 02"), at: first)
    bench.kernel.change(first) { $0.openError = EACCES }
    bench.kernel.hangUp(first)
    #expect(
      bench.events(2) == [
        "packet 02 ae 00 00 00 01: 01 08 0a c0 7e 01",
        "packet 02 ae 00 00 00 01: 01 08 0a c0 7e 02",
      ])
    #expect(bench.service() == [])
    #expect(bench.link.devices.map(\.provisionedID) == [secondID])
    #expect(bench.port.notes == ["\(first): the device hung up; tried again after 100 ms"])
    #expect(bench.loop.readyNow() == [])
  }

  @Test("A node that reports an error and has nothing to read is closed: it would wake us for ever")
  func pollError() throws {
    let bench = try bench()
    _ = bench.start()
    #expect(bench.service() == [])
    #expect(bench.link.devices.count == 2)
    bench.kernel.change(second) { $0.readiness = 16 }
    #expect(bench.service() == [])
    #expect(bench.link.devices.map(\.provisionedID) == [firstID])
    #expect(bench.port.notes == ["\(second): the device hung up; tried again after 100 ms"])
  }

  @Test("Nodes are opened and looked after between transfers: their attributes wait for the bus")
  func betweenTransfers() throws {
    let bench = try bench()
    bench.kernel.remove(second)
    _ = bench.start()
    _ = bench.kernel.takeLog()
    bench.kernel.gate.withLock { _ in
      bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero)
      bench.kernel.add(second, number: 101)
      #expect(bench.devicesChanged() == [])
      #expect(bench.kernel.takeLog() == [])
      #expect(bench.port.nextDeadline == bench.ms(3000))
    }
    #expect(bench.events(1) == ["finished sent"])
    #expect(bench.kernel.takeLog().last == "open \(second)")
    #expect(bench.link.devices.count == 2)
  }

  @Test("What was read ahead goes before a waiting write, as it takes no time of the bus")
  func readsFirst() throws {
    let bench = try bench()
    _ = bench.start()
    for last: UInt8 in 0..<3 { bench.kernel.receive(hex("01 08 0a c0 7e") + [last], at: first) }
    bench.kernel.gate.withLock { _ in
      bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero)
      #expect(bench.service() == [])
    }
    let port = bench.port
    var isFirst = true
    bench.sink.onFinished = {
      if isFirst { port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero) }
      isFirst = false
    }
    let events = bench.events(5).map { $0.prefix(8) }
    bench.sink.onFinished = {}
    #expect(events == ["finished", "packet 0", "packet 0", "packet 0", "finished"])
  }

  @Test("A write to a node whose device is gone ends it; with the last one the port is down")
  func gone() throws {
    let bench = try bench()
    _ = bench.start()
    bench.kernel.change(first) { $0.writeErrors = [ENODEV] }
    bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero)
    #expect(bench.serviceWhenReady() == ["finished addressNotAcknowledged"])
    #expect(bench.link.devices.map(\.provisionedID) == [secondID])
    #expect(bench.port.condition == .up)
    bench.kernel.change(second) { $0.writeErrors = [ESHUTDOWN] }
    bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(secondID), now: .zero)
    #expect(bench.serviceWhenReady() == ["finished addressNotAcknowledged"])
    #expect(bench.port.nextDeadline == .zero)
    #expect(bench.service() == ["down"])
    #expect(bench.reason.contains("write \(first): No such device (19)"))
    // Both are there again.
    #expect(bench.service(bench.ms(100)) == ["up"])
    #expect(bench.link.devices.count == 2)
  }

  @Test(
    "Each error of a write is told as the engine knows it, and the node stays",
    arguments: [
      (EIO, TransmissionResult.addressNotAcknowledged), (EREMOTEIO, .addressNotAcknowledged),
      (ENXIO, .addressNotAcknowledged), (ETIMEDOUT, .timedOut), (EAGAIN, .busBusy),
      (EBUSY, .busBusy), (EINVAL, .refused), (EMSGSIZE, .refused), (ENOMEM, .busError),
    ])
  func errors(_ code: Int32, _ result: TransmissionResult) throws {
    let bench = try bench()
    _ = bench.start()
    bench.kernel.change(first) { $0.writeErrors = [code] }
    bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero)
    #expect(bench.serviceWhenReady() == ["finished \(result)"])
    #expect(bench.service() == [])
    #expect(bench.link.devices.count == 2)
  }

  @Test("A transfer that does not end in 3 s takes the bus down until it does; packets wait")
  func stuck() throws {
    let bench = try bench()
    _ = bench.start()
    bench.kernel.gate.withLock { _ in
      bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero)
      #expect(bench.port.nextDeadline == bench.ms(3000))
      #expect(bench.service(Instant(nanoseconds: 2_999_999_999)) == [])
      bench.kernel.receive(hex("01 08 0a c0 7e"), at: second)
      #expect(bench.service(bench.ms(3000)) == ["finished portDown", "down"])
      #expect(
        bench.reason == "bus stuck: write \(first) has not ended for 3 s; reset the bus or its"
          + " device")
      #expect(!bench.port.hasCredit)
      #expect(bench.loop.readyNow() == [])
      #expect(bench.service(bench.ms(8000)) == [])
      #expect(bench.port.nextDeadline == bench.ms(13000))
    }
    #expect(
      bench.events(2, bench.ms(9000)) == ["up", "packet 02 ae 00 00 00 02: 01 08 0a c0 7e"])
  }

  @Test("stop does not wait for a transfer; its node is closed when it has ended")
  func stops() throws {
    let bench = try bench()
    _ = bench.start()
    let far = try #require(bench.kernel[first]?.far)
    bench.kernel.gate.withLock { _ in
      bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero)
      bench.port.stop()
      #expect(bench.port.condition == .stopped)
      #expect(bench.port.nextDeadline == nil)
    }
    // The far end reports the end of the near one.
    #expect(readBytes(far, count: 1) == [])
    #expect(bench.loop.readyNow() == [])
  }
}
