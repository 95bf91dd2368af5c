import BusIO
import CLinuxBus
import Glibc
import MCTPWire
import Synchronization
import TestSupport
import Testing

@testable import BusIO

private let first = "/dev/bus/i3c/0-2ae00000001"
private let second = "/dev/bus/i3c/0-2ae00000002"
private let firstID: UInt64 = 0x02AE_0000_0001
private let secondID: UInt64 = 0x02AE_0000_0002

@Suite("An I3C bus of bare device nodes")
struct I3CDeviceNodeTests {
  /// One node, there, at the address, and its port up.
  private func bench(
    _ address: UInt8 = 0x09, _ facts: [String: String] = [:], transmissionUnitBytes: Int = 64
  ) throws -> I3CNodeBench {
    let bench = try I3CNodeBench(
      .i3cDevice, [I3CNode(path: first)], transmissionUnitBytes: transmissionUnitBytes)
    bench.kernel.add(first, number: 100)
    bench.sysfs.setDevice("0-2ae00000001", address: address, facts)
    return bench
  }

  /// Ends the read that a fresh port begins with.
  private func quiet(_ bench: I3CNodeBench, _ now: Instant = .zero) {
    #expect(bench.serviceWhenReady(now) == [])
    _ = bench.kernel.takeLog()
  }

  @Test("A write carries our PEC over the address that the system tells", .spec("DSP0233"))
  func writes() throws {
    for vector in testVectors("i3c") where vector.expectation == "write 0x09: packet" {
      let bench = try bench()
      #expect(bench.start() == ["up"])
      quiet(bench)
      bench.port.transmit([UInt8](vector.bytes.dropLast()).span, to: .i3c(firstID), now: .zero)
      #expect(bench.serviceWhenReady() == ["finished sent"])
      #expect(bench.kernel.takeLog() == ["write \(first): \(hexText(vector.bytes))"])
    }
  }

  @Test("A read's PEC is checked; what is no packet is reported", .spec("DSP0233"))
  func reads() throws {
    var names: [String] = []
    for vector in testVectors("i3c") where vector.expectation.hasPrefix("read") {
      names.append(vector.name)
      let words = vector.expectation.split(separator: ":")
      let address = try #require(UInt8(words[0].suffix(2), radix: 16))
      let bench = try bench(address)
      bench.kernel.change(first) { $0.reads = [.bytes(vector.bytes)] }
      _ = bench.start()
      let ending = words[1].dropFirst()
      let expected =
        ending == "packet"
        ? "packet 02 ae 00 00 00 01: \(hexText(vector.bytes.dropLast()))"
        : "damaged \(ending): \(hexText(vector.bytes))"
      #expect(bench.events(1) == [expected])
    }
    #expect(names.count == 8)
  }

  @Test("A device that has nothing is asked every 50 ms in the end; it is no error and no loss")
  func polls() throws {
    let bench = try bench()
    #expect(bench.start() == ["up"])
    var now = Instant.zero
    var intervals: [UInt64] = []
    for _ in 0..<6 {
      #expect(bench.serviceWhenReady(now) == [])
      let next = try #require(bench.port.nextDeadline)
      intervals.append(next.nanoseconds(since: now) / 1_000_000)
      now = next
      #expect(bench.service(now) == [])
    }
    #expect(intervals == [10, 20, 40, 50, 50, 50])
    #expect(bench.link.devices.count == 1)
    #expect(bench.link.linkCounters.first == LinkCounter("empty-reads", 6))
    #expect(bench.port.notes == [])
  }

  @Test("After a packet the device is read again at once; after a write soon")
  func readsAgain() throws {
    let bench = try bench()
    let packet = hex("01 08 0a c0 00 00 02 00 0a 00 00 69")
    bench.kernel.change(first) { $0.reads = [.bytes(packet), .bytes(packet)] }
    _ = bench.start()
    #expect(bench.serviceWhenReady().count == 1)
    #expect(bench.serviceWhenReady().count == 1)
    quiet(bench)
    #expect(bench.port.nextDeadline == bench.ms(10))
    bench.port.transmit(hex("01 00 0a c8 00 80 02").span, to: .i3c(firstID), now: .zero)
    #expect(bench.serviceWhenReady() == ["finished sent"])
    #expect(bench.port.nextDeadline == bench.ms(5))
  }

  @Test("A read that no driver acknowledges leaves the node open, also with ENXIO")
  func notAcknowledged() throws {
    let bench = try bench()
    bench.kernel.change(first) { $0.reads = [.fails(ENXIO), .bytes([]), .fails(EREMOTEIO)] }
    _ = bench.start()
    for time: UInt32 in [0, 10, 30] {
      _ = bench.service(bench.ms(time))
      #expect(bench.serviceWhenReady(bench.ms(time)) == [])
    }
    #expect(bench.link.linkCounters.first == LinkCounter("empty-reads", 3))
    #expect(bench.port.condition == .up)
    #expect(bench.kernel.takeLog().filter { $0.hasPrefix("open") }.count == 1)
  }

  @Test("ENXIO from a node whose path is gone, ENODEV from any: the device is gone")
  func gone() throws {
    for code in [ENXIO, ENODEV] {
      let bench = try bench()
      bench.kernel.change(first) { $0.reads = [.fails(code)] }
      bench.kernel.gate.withLock { _ in
        #expect(bench.start() == ["up"])
        if code == ENXIO { bench.kernel.add(first, number: 200) { $0.reads = [.fails(code)] } }
      }
      #expect(bench.events(1) == ["down"])
      #expect(bench.reason.hasPrefix(code == ENXIO ? "\(first): another device" : "read \(first)"))
      #expect(bench.service(bench.ms(100)) == ["up"])
    }
  }

  @Test("An address that changes is used at the next notice, with its PEC")
  func addressChanges() throws {
    let bench = try bench()
    _ = bench.start()
    quiet(bench)
    bench.sysfs.setDevice("0-2ae00000001", address: 0x0A)
    #expect(bench.devicesChanged() == [])
    quiet(bench)
    bench.port.transmit(hex("01 09 08 c0 7e 01").span, to: .i3c(firstID), now: .zero)
    #expect(bench.serviceWhenReady() == ["finished sent"])
    #expect(bench.kernel.takeLog() == ["write \(first): 01 09 08 c0 7e 01 ba"])
  }

  @Test("A device is not used before its address is known, nor one that is not MCTP's")
  func facts() throws {
    let bench = try bench()
    let folder = "bus/i3c/devices/0-2ae00000001"
    bench.sysfs.set(["dynamic_address": nil], of: folder)
    #expect(bench.start() == ["down"])
    #expect(
      bench.reason == "\(first): its address is needed for the PEC, \(bench.sysfs.path)/\(folder)"
        + " has none")
    bench.sysfs.set(["dynamic_address": "00"], of: folder)
    #expect(bench.devicesChanged() == [])
    bench.sysfs.set(["dynamic_address": "0x09", "dcr": "0x63"], of: folder)
    #expect(bench.devicesChanged() == ["down"])
    #expect(bench.reason == "\(first): no MCTP device: its DCR is 0x63, not 0xcc")
    bench.sysfs.set(["dcr": "0xcc", "pid": "2ae00000009"], of: folder)
    #expect(bench.devicesChanged() == ["down"])
    #expect(bench.reason == "\(first) is device 0x2ae00000009, not 0x2ae00000001")
    bench.sysfs.set(["pid": "2ae00000001"], of: folder)
    #expect(bench.devicesChanged() == ["up"])
    #expect(bench.link.devices.map(\.dynamicAddress) == [0x09])
    // No interrupt of it reaches us, whatever its BCR.
    #expect(bench.link.devices.allSatisfy { !$0.announcesPackets })
  }

  @Test("Known lengths are used and noted where they are less than the port's; unknown are not")
  func lengths() throws {
    let unknown = try bench(transmissionUnitBytes: 100)
    _ = unknown.start()
    #expect(unknown.link.devices.map(\.maxReadByteCount) == [105])
    #expect(unknown.link.devices.map(\.maxWriteByteCount) == [105])
    #expect(unknown.port.notes == [])

    let known = try bench(0x09, ["mrl": "69", "max_write_len": "0x30"])
    _ = known.start()
    #expect(known.link.devices.map(\.maxReadByteCount) == [69])
    #expect(known.link.devices.map(\.maxWriteByteCount) == [48])
    #expect(known.port.notes == ["\(first): takes packets of at most 43 payload bytes"])
    quiet(known)
    known.port.transmit([UInt8](repeating: 1, count: 48).span, to: .i3c(firstID), now: .zero)
    #expect(known.service() == ["finished refused"])
  }

  @Test("Two devices and a full egress queue take turns on the bus")
  func turns() throws {
    let bench = try I3CNodeBench(.i3cDevice, [I3CNode(path: first), I3CNode(path: second)])
    bench.kernel.add(first, number: 100)
    bench.kernel.add(second, number: 101)
    // The second has the lower address.
    bench.sysfs.setDevice("0-2ae00000001", address: 0x0A)
    bench.sysfs.setDevice("0-2ae00000002", address: 0x09)
    let packet = hex("01 08 0a c0 00 00 02 00 0a 00 00 69")
    bench.kernel.change(first) {
      $0.reads = Array(repeating: .bytes(hex("01 08 0a c0 7e 01 2b")), count: 9)
    }
    bench.kernel.change(second) { $0.reads = Array(repeating: .bytes(packet), count: 9) }
    let port = bench.port
    bench.sink.onFinished = {
      port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero)
    }
    _ = bench.start()
    bench.port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(firstID), now: .zero)
    for _ in 0..<9 { _ = bench.serviceWhenReady() }
    bench.sink.onFinished = {}
    let verbs = bench.kernel.takeLog().filter { !$0.hasPrefix("open") }.prefix(8).map {
      $0.split(separator: " ")[0] + ($0.contains("0001") ? " 1" : " 2")
    }
    #expect(
      verbs == [
        "read 2", "write 1", "read 1", "write 1", "read 2", "write 1", "read 1", "write 1",
      ])
  }

  @Test("A packet that comes after the bus was given up is counted as lost")
  func lateRead() throws {
    let bench = try bench()
    bench.kernel.change(first) { $0.reads = [.bytes(hex("01 08 0a c0 7e 01 e7"))] }
    bench.kernel.gate.withLock { _ in
      _ = bench.start()
      #expect(bench.service(bench.ms(3000)) == ["down"])
      #expect(bench.reason.hasPrefix("bus stuck: read \(first)"))
    }
    #expect(bench.events(1, bench.ms(3001)) == ["up"])
    #expect(
      bench.link.linkCounters == [LinkCounter("empty-reads", 0), LinkCounter("late-reads", 1)])
  }
}

@Suite("The topology's I3C nodes")
struct I3CNodeCheckTests {
  private func fault(
    _ interface: I3CNodeInterface, _ nodes: [I3CNode], transmissionUnitBytes: Int = 64,
    _ prepare: (PlayedI3CKernel) -> Void = { _ in }
  ) throws -> String? {
    let bench = try I3CNodeBench(interface, nodes, transmissionUnitBytes: transmissionUnitBytes)
    prepare(bench.kernel)
    do throws(ConfigurationFault) {
      try bench.port.check()
      return nil
    } catch {
      return error.message
    }
  }

  @Test("Nodes that are not there are no fault")
  func absent() throws {
    #expect(try fault(.i3cMCTP, [I3CNode(path: "/dev/i3c-mctp-0", provisionedID: 1)]) == nil)
    #expect(try fault(.i3cDevice, [I3CNode(path: first, provisionedID: firstID)]) == nil)
  }

  @Test("What waiting will not mend is a fault")
  func faults() throws {
    #expect(
      try fault(.i3cDevice, [I3CNode(path: first)]) { $0.add(first, number: 0) }
        == "\(first) is no character device")
    #expect(
      try fault(.i3cDevice, [I3CNode(path: first, provisionedID: 9)])
        == "\(first) is device 0x2ae00000001, not 0x9")
    #expect(
      try fault(.i3cDevice, [I3CNode(path: "/dev/i3c-mctp-0")])
        == "/dev/i3c-mctp-0 has no bus and provisioned ID in its name")
    #expect(
      try fault(.i3cDevice, [I3CNode(path: first), I3CNode(path: first)])
        == "\(first) and \(first) are one device")
    let twice = [I3CNode(path: "/a", provisionedID: 1), I3CNode(path: "/b", provisionedID: 1)]
    #expect(try fault(.i3cMCTP, twice) == "/a and /b are one device")
    let many = (0...100).map { I3CNode(path: "/\($0)", provisionedID: UInt64($0)) }
    #expect(try fault(.i3cMCTP, many) == "101 I3C devices on one bus")
    #expect(
      try fault(.i3cMCTP, [I3CNode(path: "/a", provisionedID: 1)], transmissionUnitBytes: 65)
        == "i3c-mctp devices carry 64 payload bytes a packet, not 65")
  }

  @Test("The provisioned ID in a name is hexadecimal, as the kernel writes it")
  func names() {
    let cases: [(String, UInt64?)] = [
      ("/dev/bus/i3c/0-2ae00000000", 0x02AE_0000_0000), ("12-1", 1), ("0-fffffffffffff", nil),
      ("/dev/i3c-mctp-0", nil), ("0-", nil), ("-1", nil), ("0-1-2", nil), ("0-+1", nil), ("", nil),
    ]
    for (path, expected) in cases { #expect(I3CNode(path: path).provisionedIDOfName == expected) }
  }

  @Test("The calls of the system itself tell character devices from files, and unknown requests")
  func system() throws {
    let system = I3CNodeSystem.linux
    var number: UInt64 = 0
    #expect(system.find("/dev/null", &number) == 0)
    #expect(linux_i3c_major(number) == 1 && linux_i3c_minor(number) == 3)
    #expect(system.find("/proc/self/status", &number) == 0)
    #expect(number == 0)
    #expect(system.find("/dev/no-such-node", &number) == -ENOENT)
    #expect(system.open("/dev/no-such-node", true) == -ENOENT)
    let null = Descriptor(adopting: system.open("/dev/null", true))
    #expect(fcntl(null.rawValue, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(null.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    #expect(system.register(null.rawValue) == -ENOTTY)
  }
}
