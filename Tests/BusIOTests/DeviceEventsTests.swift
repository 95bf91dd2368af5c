import Glibc
import TestSupport
import Testing

@testable import BusIO

@Suite("Device events")
struct DeviceEventsTests {
  private func isOfInterest(_ lines: String...) -> Bool {
    var bytes: [UInt8] = []
    for line in lines { bytes += Array(line.utf8) + [0] }
    return DeviceEvents.matters(bytes.span)
  }

  @Test(
    "Devices that come and go on buses with MCTP matter, and those of classes nobody knows",
    arguments: ["i2c", "i2c-dev", "i3c", "misc", "net", "tty", "aspeed-mctp", "platform"])
  func matters(_ subsystem: String) {
    for action in ["add", "remove", "bind", "unbind", "move"] {
      #expect(isOfInterest("\(action)@/devices/x", "ACTION=\(action)", "SUBSYSTEM=\(subsystem)"))
    }
    #expect(!isOfInterest("change@/devices/x", "ACTION=change", "SUBSYSTEM=\(subsystem)"))
  }

  @Test(
    "Disks and other classes that never carry MCTP do not", arguments: ["block", "input", "bdi"])
  func doesNotMatter(_ subsystem: String) {
    #expect(!isOfInterest("add@/devices/x", "ACTION=add", "SUBSYSTEM=\(subsystem)"))
  }

  @Test("An event without subsystem matters, one without action does not")
  func incomplete() {
    #expect(isOfInterest("add@/devices/x", "ACTION=add"))
    #expect(!isOfInterest("add@/devices/x", "SUBSYSTEM=i2c"))
    #expect(!isOfInterest())
  }

  @Test("Whatever the bytes are, they are read to an end")
  func hostile() {
    let text = "add@/x\0ACTION=add\0SUBSYSTEM=i2c\0"
    let good = Array(text.utf8)
    let isGood = DeviceEvents.matters(good.span)
    #expect(isGood)
    for count in 0..<good.count { _ = DeviceEvents.matters(Array(good.prefix(count)).span) }
    for index in good.indices {
      for value: UInt8 in [0x00, 0x3D, 0xFF] {
        var bytes = good
        bytes[index] = value
        _ = DeviceEvents.matters(bytes.span)
      }
    }
  }

  @Test("The kernel's own events arrive under the token", .enabled(if: canMakeEvents))
  func arrives() throws {
    let loop = try EventLoop()
    let events = try DeviceEvents(loop: loop, token: 7)
    _ = events.service()
    // Other devices of this machine may come and go meanwhile: only the first report is judged.
    makeEvent()
    var token: UInt64?
    var isReported = false
    let take: (UInt64, Readiness) -> Void = { reported, _ in
      token = reported
      if events.service() { isReported = true }
    }
    #expect(loop.run(until: { isReported }, take))
    #expect(token == 7)
  }

  /// Where the kernel takes a request for an event of the loopback link.
  private static let requestPath = "/sys/class/net/lo/uevent"
  private static var canMakeEvents: Bool { access(requestPath, W_OK) == 0 }

  private func makeEvent() {
    let file = open(DeviceEventsTests.requestPath, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    let owner = Descriptor(adopting: file)
    writeBytes(owner.rawValue, Array("add".utf8))
  }
}
