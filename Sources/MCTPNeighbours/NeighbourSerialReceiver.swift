/// Takes a serial line byte by byte. One of two receivers: the one that resynchronises at each
/// flag, or that of Linux' mctp-serial, which after some faults hears no frame any more.
public struct NeighbourSerialReceiver: Sendable {
  private enum State {
    case idle
    case header
    case body
    case escaped
    case trailer
    case failed
  }

  /// Whatever its transmit side may send.
  private static let linuxByteCountMax = 74

  private let isDeafAfterBadFrame: Bool
  private let packetByteCountMax: Int
  private var state = State.idle
  /// Bytes of the present part, header (the flag counts), body or trailer, that are taken.
  private var position = 0
  private var length = 0
  private var body: [UInt8] = []
  private var fcs: UInt16 = 0
  private var received: UInt16 = 0

  public init(isDeafAfterBadFrame: Bool, packetByteCountMax: Int) {
    self.isDeafAfterBadFrame = isDeafAfterBadFrame
    self.packetByteCountMax = isDeafAfterBadFrame ? Self.linuxByteCountMax : packetByteCountMax
  }

  /// Whole frames go by unheard until bytes outside a frame wake it. Never true of the one that
  /// resynchronises.
  public var isDeaf: Bool {
    isDeafAfterBadFrame && position != 0 && (state == .failed || state == .idle)
  }

  /// A packet, when this byte ended a good frame.
  public mutating func receive(_ byte: UInt8) -> [UInt8]? {
    isDeafAfterBadFrame ? receiveAsLinux(byte) : receiveResynchronising(byte)
  }

  // ---- the one that resynchronises ---------------------------------------------------------

  private mutating func receiveResynchronising(_ byte: UInt8) -> [UInt8]? {
    switch state {
    case .idle, .failed:
      if byte == 0x7E { open() }
    case .header:
      takeHeader(byte)
    case .body:
      if byte == 0x7E {
        open()
      } else if byte == 0x7D {
        state = .escaped
      } else {
        append(byte)
      }
    case .escaped:
      if byte == 0x5E || byte == 0x5D {
        append(byte ^ 0x20)
      } else if byte == 0x7E {
        open()
      } else {
        state = .idle
      }
    case .trailer:
      return takeTrailer(byte)
    }
    return nil
  }

  private mutating func open() {
    state = .header
    position = 1
  }

  private mutating func takeHeader(_ byte: UInt8) {
    if position == 1 {
      if byte == 0x01 {
        fcs = NeighbourChecksum.fcs(byte: byte, after: NeighbourChecksum.fcsStart)
        position = 2
      } else if byte != 0x7E {
        state = .idle
      }
      return
    }
    guard byte >= 4, Int(byte) <= packetByteCountMax else {
      if byte == 0x7E { open() } else { state = .idle }
      return
    }
    begin(length: byte)
  }

  private mutating func takeTrailer(_ byte: UInt8) -> [UInt8]? {
    if position < 2 {
      received = received << 8 | UInt16(byte)
      position += 1
      return nil
    }
    state = .idle
    guard byte == 0x7E, received == fcs else { return nil }
    return body
  }

  // ---- Linux -------------------------------------------------------------------------------

  /// The fault that makes it deaf: `failed` ends at any flag, but the position stays, so that the
  /// next header is read from the middle.
  private mutating func receiveAsLinux(_ byte: UInt8) -> [UInt8]? {
    switch state {
    case .idle, .header:
      state = .header
      takeHeaderAsLinux(byte)
    case .body:
      if byte == 0x7D { state = .escaped } else { append(byte) }
    case .escaped:
      append(byte | 0x20)
    case .trailer:
      if position < 2 {
        received = received << 8 | UInt16(byte)
        position += 1
      } else if byte == 0x7E {
        state = .idle
        position = 0
        return received == fcs && body.count >= 4 ? body : nil
      } else {
        state = .failed
      }
    case .failed:
      if byte == 0x7E { state = .idle }
    }
    return nil
  }

  private mutating func takeHeaderAsLinux(_ byte: UInt8) {
    switch position {
    case 0 where byte == 0x7E:
      position = 1
    case 1 where byte == 0x01:
      fcs = NeighbourChecksum.fcs(byte: byte, after: NeighbourChecksum.fcsStart)
      position = 2
    case 2 where Int(byte) <= packetByteCountMax:
      begin(length: byte)
    default:
      state = .failed
    }
  }

  // ---- both --------------------------------------------------------------------------------

  private mutating func begin(length byte: UInt8) {
    fcs = NeighbourChecksum.fcs(byte: byte, after: fcs)
    length = Int(byte)
    body.removeAll(keepingCapacity: true)
    position = 0
    received = 0
    state = length == 0 ? .trailer : .body
  }

  private mutating func append(_ byte: UInt8) {
    fcs = NeighbourChecksum.fcs(byte: byte, after: fcs)
    body.append(byte)
    state = body.count == length ? .trailer : .body
  }
}
