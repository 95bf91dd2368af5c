public import MCTPWire

/// Why a frame holds no packet, or a packet fits no frame.
public enum FrameError: UInt8, Error, Hashable, Sendable {
  /// Too few bytes for the binding's header, a packet header and the check.
  case tooShort = 1
  /// More bytes than the binding, the port or the buffer carries.
  case tooLong = 2
  /// The length or byte count field is illegal or disagrees with the bytes received.
  case length = 3
  /// PEC or FCS is wrong.
  case integrity = 4
  /// Not an MCTP frame: another SMBus command code, another USB identifier.
  case notMCTP = 5
  /// SMBus: the destination is not us, or the source byte is not a legal source.
  case address = 6
  /// Serial: unknown revision byte.
  case revision = 7
  /// Serial: an escape followed by a byte that needs none.
  case escape = 8
  /// The frame was cut short: a new frame began inside it, or it stopped arriving.
  case truncated = 9
  /// Bytes between frames that belong to none.
  case noise = 10

  /// The reason under which the frame is counted.
  public var dropReason: DropReason {
    switch self {
    case .tooShort: .frameTooShort
    case .tooLong: .frameTooLong
    case .length: .frameLength
    case .integrity: .frameIntegrity
    case .notMCTP: .frameNotMCTP
    case .address: .frameAddress
    case .revision: .frameRevision
    case .escape: .frameEscape
    case .truncated: .frameTruncated
    case .noise: .noise
    }
  }
}
