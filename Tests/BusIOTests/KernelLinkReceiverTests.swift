import Glibc
import MCTPFraming
import MCTPWire
import TestSupport
import Testing

@testable import BusIO

@Suite("The kernel link as an I2C receiver")
struct KernelLinkReceiverTests {
  private let kernel = PlayedKernel()
  private let receiver: KernelLinkReceiver

  init() {
    receiver = KernelLinkReceiver(
      .init(linkName: "mctpi2c6", addressing: .i2c(ownAddress: 0x10)), access: kernel)
  }

  private func receive() throws(DeviceFailure) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0xEE, count: 260)
    var span = buffer.mutableSpan
    guard let count = try receiver.receive(into: &span) else { return nil }
    return Array(buffer.prefix(count))
  }

  @Test("A frame gets its PEC back: vector I2", .spec("DSP0237 1.1.0 §6.2"))
  func addsPEC() throws {
    try receiver.open()
    kernel.received = [.success(hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00"))]
    #expect(try receive() == hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b6"))
    #expect(try receive() == nil)
  }

  @Test("Frames too short and too long are seen to be so by the port's decoder")
  func sizes() throws {
    try receiver.open()
    func verdict(_ byteCount: Int) throws -> FrameError? {
      kernel.received = [.success([0x20, 0x0F] + [UInt8](repeating: 0, count: byteCount - 2))]
      let frame = try #require(try receive())
      do throws(FrameError) {
        _ = try SMBusFrame(decoding: frame.span, ownAddress: 0x10)
        return nil
      } catch {
        return error
      }
    }
    #expect(try verdict(7) == .tooShort)
    #expect(try verdict(258) == .length)
    #expect(try verdict(259) == .tooLong)
    #expect(try verdict(300) == .tooLong)
    kernel.received = [.success([])]
    #expect(try receive() == [0])
  }

  @Test("Its largest frame follows from the link's MTU once it is open")
  func frameByteCountMax() throws {
    kernel.link.kernelMTUBytes = 68
    try receiver.open()
    #expect(receiver.frameByteCountMax == 73)
    receiver.close()
    kernel.link.kernelMTUBytes = 254
    try receiver.open()
    #expect(receiver.frameByteCountMax == 259)
  }

  @Test("Check judges the MTU by the port's largest frame")
  func check() throws {
    kernel.link.kernelMTUBytes = 100
    try receiver.check(frameByteCount: 73)
    #expect(throws: ConfigurationFault.self) { try receiver.check(frameByteCount: 259) }
  }

  @Test("A link that is missing, and one that goes down, are failures in words")
  func failures() throws {
    let link = kernel.state.links.removeLast()
    #expect(throws: DeviceFailure.gone("the system has no link mctpi2c6")) { try receiver.open() }
    kernel.state.links.append(link)
    try receiver.open()
    kernel.hasNews = true
    #expect(try receive() == nil)
    kernel.link.isUp = false
    kernel.hasNews = true
    #expect(throws: DeviceFailure.self) { try receive() }
    receiver.close()
    #expect(throws: DeviceFailure.self) { try receiver.open() }
    kernel.link.isUp = true
    try receiver.open()
    kernel.received = [.failure(.init(ENETDOWN))]
    #expect(throws: DeviceFailure.self) { try receive() }
    #expect(kernel.takeLog() == ["socket 5", "close", "socket 5"])
  }

  @Test("A link on which the kernel answers is a fault")
  func fault() {
    kernel.state.addresses = [.init(eid: 8, linkIndex: 5)]
    #expect {
      try receiver.open()
    } throws: { error in
      "\(error)".contains("mctp addr del 8 dev mctpi2c6")
    }
  }
}
