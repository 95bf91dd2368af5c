// The receiving half of an I2C port over a link of mctp-i2c: what the kernel's driver received,
// while somebody else writes to the bus.
//
// Owns the session with the link. The driver took the PEC off after checking it: it is put back,
// so that the port decodes and checks a whole frame as from any other receiver. It sees the link's
// own frames only, so the kernel's answers do not come back as received ones.

internal import CLinuxBus
internal import MCTPFraming
internal import MCTPWire

public final class KernelLinkReceiver: I2CReceiver {
  public let name: String
  public private(set) var frameByteCountMax = SMBusFrame.byteCountMax

  private let session: KernelLinkSession

  public var token: UInt64 {
    get { session.access.token }
    set { session.access.token = newValue }
  }

  /// - Parameters:
  ///   - linkName: as `ip link` shows it: `mctpi2c6`.
  ///   - kernelNetwork: the kernel's MCTP network that the link is moved to; nil leaves it.
  ///   - ownAddress: seven bits, unshifted.
  public convenience init(
    linkName: String, kernelNetwork: UInt32? = nil, ownAddress: UInt8,
    transmissionUnitBytes: Int = 64, loop: EventLoop, token: UInt64 = 0
  ) {
    self.init(
      KernelLinkPort.Configuration(
        linkName: linkName, kernelNetwork: kernelNetwork,
        addressing: .i2c(ownAddress: ownAddress),
        transmissionUnitBytes: transmissionUnitBytes),
      access: LinuxKernelLink(loop: loop, token: token))
  }

  init(_ configuration: KernelLinkPort.Configuration, access: any KernelLinkAccess) {
    name = configuration.linkName
    session = KernelLinkSession(configuration, access: access)
  }

  /// Looks at the link as it is now, with the MTU that the port's largest frame needs.
  public func check(frameByteCount: Int) throws(ConfigurationFault) {
    let unit = frameByteCount - SMBusFrame.overheadByteCount - PacketHeader.byteCount
    try session.check(transmissionUnitBytes: unit)
  }

  public func open() throws(DeviceFailure) {
    do throws(DeviceFailure) {
      try session.open()
    } catch {
      session.close()
      throw error
    }
    let packetByteCount = session.link?.kernelMTUBytes ?? SMBusFrame.packetByteCountMax
    frameByteCountMax = min(
      packetByteCount + SMBusFrame.overheadByteCount, SMBusFrame.byteCountMax)
  }

  /// Looks for news of the link whenever there is no frame.
  public func receive(into buffer: inout MutableSpan<UInt8>) throws(DeviceFailure) -> Int? {
    let count = session.access.receive(into: &buffer)
    guard count >= 0 else {
      guard count == -Int(EAGAIN) else {
        throw .gone(session.failure(Int32(-count), "read"))
      }
      if session.hasNews() { try session.recheck() }
      return nil
    }
    // A frame that fills the buffer is seen to be too long without its end.
    guard count < buffer.count else { return buffer.count }
    buffer[count] = PEC.update(0, buffer.span.extracting(first: count))
    return count + 1
  }

  public var linkCounters: [LinkCounter] { session.linkCounters }

  /// The next `open` looks for the link anew, and raises it only if it is another one.
  public func close() { session.stop() }
}
