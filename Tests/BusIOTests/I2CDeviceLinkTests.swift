import BusIO
import Glibc
import MCTPWire
import Synchronization
import TestSupport
import Testing

@Suite("An I2C link through an adapter's node")
struct I2CDeviceLinkTests {
  private let bench: I2CBench
  /// Vector I1's packet, to 0x1d.
  private let packet = hex("01 00 08 c8 00 80 02")

  init() throws { bench = try I2CBench() }

  private func started() {
    bench.start()
    #expect(bench.sink.takeEvents() == ["up"])
  }

  @Test("Vector I1 reaches the driver with its address apart and its PEC behind it")
  func writesI1() {
    started()
    bench.transmit(packet)
    #expect(bench.run(until: { !bench.sink.events.isEmpty }))
    #expect(bench.sink.takeEvents() == ["finished sent"])
    let written = bench.adapter.state.withLock { $0.written }
    #expect(written.map(\.address) == [0x1D])
    #expect(written.map(\.bytes) == [hex("0f 08 21 01 00 08 c8 00 80 02 56")])
  }

  @Test("The largest frame reaches the driver whole", .spec("DSP0237 1.1.0 §6.2"))
  func writesLargest() {
    started()
    bench.transmit([1, 0x33, 0x32, 0xC8] + [UInt8](0...0xF9), to: 0x21)
    #expect(bench.run(until: { !bench.sink.events.isEmpty }))
    let bytes = bench.adapter.state.withLock { $0.written.first?.bytes } ?? []
    #expect(bytes.count == 258)
    #expect(Array(bytes.prefix(3)) == [0x0F, 0xFF, 0x21])
    #expect(Array(bytes[7..<257]) == [UInt8](0...0xF9))
  }

  @Test("Each errno of a driver has its result", .spec("DSP0237 1.1.0, packet-level retries"))
  func results() {
    let table: [(Int32, TransmissionResult?)] = [
      (0, .sent), (ENXIO, .addressNotAcknowledged), (EREMOTEIO, .addressNotAcknowledged),
      (EIO, .dataNotAcknowledged), (EAGAIN, .arbitrationLost), (EBUSY, .busBusy),
      (ETIMEDOUT, .timedOut), (EPROTO, .busError), (ESHUTDOWN, .busError),
      (EOPNOTSUPP, .refused), (EINVAL, .refused), (ENODEV, nil),
    ]
    for (code, result) in table {
      #expect(TransmissionResult(i2cOutcome: -code) == result, "errno \(code)")
    }
  }

  @Test("A write is tried once, and its result told once")
  func triesOnce() {
    started()
    bench.adapter.set(\.outcomes, [-ENXIO, -EAGAIN, -EIO])
    for name in ["addressNotAcknowledged", "arbitrationLost", "dataNotAcknowledged", "sent"] {
      bench.transmit(packet)
      #expect(bench.run(until: { !bench.sink.events.isEmpty }))
      bench.service()
      #expect(bench.sink.takeEvents() == ["finished \(name)"])
    }
    #expect(bench.adapter.state.withLock { $0.written.count } == 4)
  }

  @Test("An idle link asks for nothing; a write is due when it may be stuck")
  func deadlines() throws {
    started()
    #expect(bench.port.nextDeadline == nil)
    bench.transmit(packet)
    #expect(bench.port.nextDeadline == bench.now.advanced(byMs: 3_000))
    #expect(bench.run(until: { !bench.sink.events.isEmpty }))
    #expect(bench.port.nextDeadline == nil)
  }

  @Test("Frames come from the receiver, and its counters are the link's")
  func receives() {
    started()
    bench.receiver.frames = [hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b6")]
    bench.service()
    #expect(bench.sink.takeEvents() == ["packet 1d: 01 08 0a c0 00 00 02 00 0a 00 00"])
    #expect(bench.port.linkCounters == [LinkCounter("rx-over-errors", 3)])
    #expect(bench.receiver.token == 5)
  }

  @Test("A transfer that does not return takes the link down; its return brings it up anew")
  func stuck() {
    started()
    bench.adapter.isGated.withLock { $0 = true }
    bench.transmit(packet)
    bench.waitForTransfer()
    bench.now = bench.now.advanced(byMs: 2_999)
    bench.service()
    #expect(bench.sink.takeEvents() == [])
    bench.now = bench.now.advanced(byMs: 1)
    bench.service()
    #expect(bench.sink.takeEvents() == ["finished portDown", "down"])
    #expect(bench.reason.hasPrefix("bus stuck: a transfer on /dev/i2c-2"))
    // Waiting costs nothing, and begins nothing beside the transfer that hangs.
    #expect(bench.port.nextDeadline == nil)
    bench.now = bench.now.advanced(byMs: 60_000)
    bench.service()
    bench.port.devicesChanged(now: bench.now, sink: bench.sink)
    #expect(bench.adapter.state.withLock { $0.openCount } == 1)
    #expect(!bench.adapter.isClosedNow())
    bench.adapter.isGated.withLock { $0 = false }
    bench.adapter.gate.ring()
    #expect(bench.run(until: { bench.link.condition.isUp }))
    #expect(bench.sink.takeEvents() == ["up"])
    #expect(bench.adapter.state.withLock { $0.openCount } == 2)
    bench.transmit(packet)
    #expect(bench.run(until: { !bench.sink.events.isEmpty }))
    #expect(bench.sink.takeEvents() == ["finished sent"])
  }

  @Test("Frames that come while the bus is stuck are delivered, so that they do not wake for ever")
  func receivesWhileStuck() {
    started()
    bench.adapter.isGated.withLock { $0 = true }
    bench.transmit(packet)
    bench.waitForTransfer()
    bench.now = bench.now.advanced(byMs: 3_000)
    bench.service()
    _ = bench.sink.takeEvents()
    bench.receiver.frames = [hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b6")]
    bench.service()
    #expect(bench.sink.takeEvents() == ["packet 1d: 01 08 0a c0 00 00 02 00 0a 00 00"])
    bench.receiver.readFailure = .gone("the queue went away")
    bench.service()
    #expect(!bench.receiver.isOpen)
    #expect(bench.adapter.state.withLock { $0.openCount } == 1)
    bench.adapter.gate.ring()
  }

  @Test("stop ends the receiver for good, also while the link waits")
  func stops() {
    started()
    bench.receiver.readFailure = .gone("the queue went away")
    bench.service()
    #expect(bench.receiver.stopCount == 0)
    bench.port.stop()
    #expect(bench.receiver.stopCount == 1)
  }

  @Test("stop does not wait for a transfer; the node is closed when it returns")
  func stopsWhileStuck() {
    started()
    bench.adapter.isGated.withLock { $0 = true }
    bench.transmit(packet)
    bench.waitForTransfer()
    bench.port.stop()
    #expect(bench.link.condition == .stopped)
    #expect(!bench.receiver.isOpen)
    // Removing what the receiver made would wait for the transfer.
    #expect(bench.receiver.stopCount == 0)
    #expect(!bench.adapter.isClosedNow())
    bench.adapter.gate.ring()
    #expect(bench.adapter.isClosed())
    #expect(bench.loop.readyNow() == [])
  }
}

@Suite("An I2C link whose devices come and go")
struct I2CDeviceLifeTests {
  private let bench: I2CBench
  private let packet = hex("01 00 08 c8 00 80 02")

  init() throws { bench = try I2CBench() }

  @Test("A node that is missing is waited for, less and less often, with its path and a hint")
  func missing() {
    bench.adapter.set(\.openCode, -ENOENT)
    bench.start()
    #expect(bench.sink.takeEvents() == ["down"])
    #expect(bench.reason.hasPrefix("open /dev/i2c-2: No such file or directory (2); "))
    for ms: UInt32 in [100, 200, 400] {
      #expect(bench.port.nextDeadline == bench.now.advanced(byMs: ms))
      bench.now = bench.now.advanced(byMs: ms)
      bench.service()
    }
    // Told once, not with every further try.
    #expect(bench.sink.takeEvents() == [])
    #expect(bench.receiver.openCount == 0)
    bench.adapter.set(\.openCode, 0)
    bench.port.devicesChanged(now: bench.now, sink: bench.sink)
    #expect(bench.link.condition == .up)
    #expect(bench.receiver.isOpen)
  }

  @Test("Without its receiver the link stays down, and leaves the node closed")
  func receiverMissing() {
    bench.receiver.openFailure = .gone("no queue")
    bench.start()
    #expect(bench.reason == "no queue")
    #expect(bench.adapter.isClosed())
    bench.receiver.openFailure = nil
    bench.now = bench.now.advanced(byMs: 100)
    bench.service()
    #expect(bench.link.condition == .up)
  }

  @Test("ENODEV ends the packet and the link; both halves are closed, the next try opens anew")
  func deviceGone() {
    bench.start()
    bench.adapter.set(\.outcomes, [-ENODEV])
    bench.transmit(packet)
    #expect(bench.run(until: { !bench.link.condition.isUp }))
    #expect(bench.sink.takeEvents() == ["up", "finished portDown", "down"])
    #expect(bench.reason == "write /dev/i2c-2: No such device (19)")
    #expect(bench.adapter.isClosed())
    #expect(!bench.receiver.isOpen)
    bench.now = bench.now.advanced(byMs: 100)
    bench.service()
    #expect(bench.sink.takeEvents() == ["up"])
  }

  @Test("A node that went away, or is another device now, is let go of at once")
  func nodeGone() {
    bench.start()
    bench.port.devicesChanged(now: bench.now, sink: bench.sink)
    #expect(bench.link.condition == .up)
    for device: Int64 in [-Int64(ENOENT), 8] {
      bench.adapter.set(\.device, device)
      bench.port.devicesChanged(now: bench.now, sink: bench.sink)
      #expect(bench.reason == "/dev/i2c-2: the adapter went away")
      #expect(bench.adapter.isClosed())
      #expect(!bench.receiver.isOpen)
      bench.adapter.set(\.device, 9)
      bench.port.devicesChanged(now: bench.now, sink: bench.sink)
      #expect(bench.link.condition == .up)
    }
  }

  @Test("A node that goes away under a transfer that hangs does not keep its successor waiting")
  func goneWhileStuck() {
    bench.start()
    bench.adapter.isGated.withLock { $0 = true }
    bench.transmit(packet)
    bench.waitForTransfer()
    bench.now = bench.now.advanced(byMs: 3_000)
    bench.service()
    bench.adapter.set(\.device, 8)
    bench.port.devicesChanged(now: bench.now, sink: bench.sink)
    #expect(bench.reason == "/dev/i2c-2: the adapter went away")
    bench.port.devicesChanged(now: bench.now, sink: bench.sink)
    #expect(bench.link.condition == .up)
    #expect(bench.adapter.state.withLock { $0.openCount } == 2)
    bench.adapter.gate.ring()
  }

  @Test("A receiver that fails takes the link down and closes the node")
  func receiverFails() {
    bench.start()
    bench.receiver.readFailure = .gone("the queue went away")
    bench.service()
    #expect(bench.sink.takeEvents() == ["up", "down"])
    #expect(bench.reason == "the queue went away")
    #expect(bench.adapter.isClosed())
    #expect(!bench.receiver.isOpen)
  }

  @Test("A receiver that fails under a transfer leaves the node to it, and opens none beside it")
  func receiverFailsWhileWriting() {
    bench.start()
    bench.adapter.isGated.withLock { $0 = true }
    bench.transmit(packet)
    bench.waitForTransfer()
    bench.receiver.readFailure = .gone("the queue went away")
    bench.service()
    #expect(bench.sink.takeEvents() == ["up", "finished portDown", "down"])
    #expect(bench.port.nextDeadline == nil)
    bench.service()
    #expect(bench.adapter.state.withLock { $0.openCount } == 1)
    bench.receiver.readFailure = nil
    bench.adapter.isGated.withLock { $0 = false }
    bench.adapter.gate.ring()
    #expect(bench.run(until: { bench.link.condition.isUp }))
    #expect(bench.adapter.state.withLock { $0.openCount } == 2)
  }

  @Test("check finds what waiting will not mend, and nothing in what is not there")
  func check() throws {
    try bench.port.check()
    #expect(bench.adapter.isClosed())
    bench.adapter.set(\.openCode, -ENOENT)
    try bench.port.check()
    bench.adapter.set(\.openCode, 0)
    bench.adapter.set(\.functionality, -Int64(ENOTTY))
    #expect(throws: ConfigurationFault.self) { try bench.port.check() }
    // SMBus blocks with PEC only.
    bench.adapter.set(\.functionality, 0x0200_0008)
    let fault = #expect(throws: ConfigurationFault.self) { try bench.port.check() }
    #expect(
      fault?.message == "the I2C adapter at /dev/i2c-2 writes SMBus blocks only: 27 payload bytes, "
        + "and MCTP asks for at least 64")
    bench.adapter.set(\.functionality, 1)
    try bench.port.check()
    let queueFault = ConfigurationFault("queue", hint: "")
    bench.receiver.fault = queueFault
    #expect(throws: queueFault) { try bench.port.check() }
  }

  @Test("An adapter that turns out unfit when it comes is said to be so")
  func unfitLater() throws {
    bench.adapter.set(\.openCode, -ENOENT)
    try bench.port.check()
    bench.start()
    bench.adapter.set(\.openCode, 0)
    bench.adapter.set(\.functionality, 0)
    bench.port.devicesChanged(now: bench.now, sink: bench.sink)
    #expect(bench.reason.contains("can write neither I2C messages nor SMBus blocks"))
  }
}
