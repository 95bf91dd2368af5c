// Frames that must not be packets: damaged ones and random ones. A check finds damage of a good
// frame with certainty; of bytes that were no good frame before, only decoding tells.

internal import MCTPFraming
internal import MCTPWire

extension Array where Element == UInt8 {
  /// Makes sure that this SMBus frame holds no packet: one bit, if it happens to hold one.
  mutating func spoilSMBusFrame() {
    if holdsSMBusPacket() { flipLastBit() }
  }

  /// Makes sure that this I3C transfer holds no packet: one bit, if it happens to hold one.
  mutating func spoilI3CFrame(dynamicAddress: UInt8, isRead: Bool) {
    if holdsI3CPacket(dynamicAddress, isRead) { flipLastBit() }
  }

  private func holdsSMBusPacket() -> Bool {
    guard let address = first else { return false }
    do throws(FrameError) {
      _ = try SMBusFrame(decoding: span, ownAddress: address >> 1)
      return true
    } catch {
      return false
    }
  }

  private func holdsI3CPacket(_ dynamicAddress: UInt8, _ isRead: Bool) -> Bool {
    do throws(FrameError) {
      _ = try I3CFrame(decoding: span, dynamicAddress: dynamicAddress, isRead: isRead)
      return true
    } catch {
      return false
    }
  }

  private mutating func flipLastBit() {
    guard let last = popLast() else { return }
    append(last ^ 1)
  }
}
