/// How one attempt to put a frame on its medium ended.
public enum TransmissionResult: UInt8, Hashable, Sendable {
  /// The medium took the whole frame.
  case sent = 0
  /// Nobody acknowledged the address: target absent or busy.
  case addressNotAcknowledged = 1
  /// The target stopped acknowledging inside the frame: no buffer, or it refuses the PEC.
  case dataNotAcknowledged = 2
  /// Another controller won the bus.
  case arbitrationLost = 3
  /// The bus did not become free.
  case busBusy = 4
  /// The transfer took longer than the binding allows.
  case timedOut = 5
  /// The controller or the line failed.
  case busError = 6
  /// The port went down before the frame was out. Never retried.
  case portDown = 7
  /// The frame does not fit the medium or names an address of another medium. Never retried.
  case refused = 8

  public static let tableSize = 9

  /// True where the binding allows the same frame to be sent again at once
  /// (DSP0237 1.1.0, packet-level retries).
  public var isRetryable: Bool {
    switch self {
    case .addressNotAcknowledged, .dataNotAcknowledged, .arbitrationLost, .busBusy, .timedOut,
      .busError:
      true
    case .sent, .portDown, .refused: false
    }
  }
}
