import BusIO
import MCTPWire
import TestSupport

/// What a port told, in order, as text: `packet 1d: 01 00 …`, `damaged frameIntegrity: 3a …`,
/// `finished sent`, `up`, `down`.
final class RecordedPort: PortSink {
  var events: [String] = []
  /// Called within each `portFinishedTransmission`, as the daemon's drain is.
  var onFinished: () -> Void = {}

  func takeEvents() -> [String] {
    defer { events = [] }
    return events
  }

  func portReceived(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID) {
    let byteCount = address.form == .i3c ? 6 : 1
    let sender = (0..<byteCount).reversed().map {
      UInt8(truncatingIfNeeded: address.value >> UInt64(8 * $0))
    }
    events.append("packet \(hexText(sender)): \(text(packet))")
  }

  func portDamagedFrame(_ reason: DropReason, bytes: Span<UInt8>, on port: PortID) {
    events.append("damaged \(reason.name): \(text(bytes))")
  }

  func portFinishedTransmission(_ result: TransmissionResult, on port: PortID) {
    events.append("finished \(result)")
    onFinished()
  }

  func portChangedCondition(_ condition: PortCondition, on port: PortID) {
    events.append(condition.isUp ? "up" : "down")
  }

  private func text(_ bytes: Span<UInt8>) -> String {
    hexText(bytes.withUnsafeBufferPointer { Array($0) })
  }
}
