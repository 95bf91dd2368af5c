public import MCTPWire

/// Finds the frames in the bytes of a serial line, however they are cut, and is in step again
/// after whatever the line did to them (DSP0253).
///
/// Owns one buffer of `2 * packetByteCountMax + 6` bytes, allocated in `init`, freed with the
/// value: the raw bytes of one frame attempt, from its opening flag on. Nothing else allocates.
///
/// How it recovers. Inside a packet a flag is never data, so it begins a new attempt at once. A
/// flag may only hide where bytes are counted, not searched: as the length (if the limit is 126 or
/// more), in the two FCS bytes, as the closing flag. So a failed attempt is re-scanned from the
/// first flag behind its opening flag. There are at most four such places in an attempt, hence a
/// byte is in at most five attempts (four when the limit is below 126); and each re-scan begins at
/// least one byte later than the last, hence they end.
///
/// What follows from it: with a limit below 126 every well-formed frame is received as soon as its
/// last byte is there, whatever came before it. Its opening flag can only be swallowed as FCS or
/// closing flag of an earlier attempt, and then its revision (01) or its length (not 7E) stands
/// where that attempt needs a flag. With a higher limit, `7E 01` cut off in front of a frame can
/// claim the frame's flag as a length of 126; the frame is then received no later than after the
/// silence that `nextDeadline` names, and always when that silence came before it.
public struct SerialDeframer: ~Copyable {
  public enum Event: Hashable, Sendable {
    /// A frame is complete; its packet is in `packet`.
    case packet
    /// Bytes were dropped; they are in `damaged`. A re-scan that fails inside bytes told already is
    /// not told again; a run of noise is told once, at its first byte.
    case damaged(FrameError)
  }

  /// What the next byte is.
  enum State {
    /// Before any flag. Noise is counted at its first byte; what follows a damaged frame up to
    /// the next flag belongs to that frame.
    case flag(isCounted: Bool)
    case revision
    case length
    case body
    case escaped
    case fcsHigh
    case fcsLow
    case closing
  }

  enum Verdict {
    case delivered
    case failed
  }

  /// The longest packet that is taken, 4 to 255 bytes.
  public let packetByteCountMax: Int
  let silenceNanosecondsMax: UInt64

  /// The attempt: raw bytes from the opening flag on; empty in state `.flag`.
  let raw: UnsafeMutablePointer<UInt8>
  let capacity: Int
  var count = 0
  /// Bytes of `raw` that `state` has seen; less than `count` only in a re-scan.
  var parsed = 0
  /// Leading bytes of `raw` that a delivered frame or an event has accounted for: an attempt
  /// inside them fails in silence.
  var accounted = 0
  var state = State.flag(isCounted: false)
  /// Set between an event and the next call: `raw` is left alone for `packet` and `damaged`.
  var verdict: Verdict?

  /// Packet bytes still to come, and whether any so far was escaped.
  var bodyRemaining = 0
  var hasEscape = false

  var packetByteCount = 0
  var damagedByteCount = 0
  var lastByteAt = Instant.zero

  /// - Parameters:
  ///   - packetByteCountMax: 4 to 255.
  ///   - byteNanoseconds: the time of one byte on the line; ten bits at 115200 baud by default.
  public init(
    packetByteCountMax: Int = SerialFrame.packetByteCountDefault, byteNanoseconds: UInt64 = 86_806
  ) {
    precondition(
      packetByteCountMax >= PacketHeader.byteCount
        && packetByteCountMax <= SerialFrame.packetByteCountMax, "a packet has 4 to 255 bytes")
    self.packetByteCountMax = packetByteCountMax
    // Choice: max(20 byte times, 1 s); no edition that was read fixes a value. Recovery does not
    // need the time-out below a limit of 126, and a sender that a busy machine keeps waiting in
    // the middle of a frame pauses for longer than the 100 ms that were tried first.
    self.silenceNanosecondsMax = max(20 &* min(byteNanoseconds, 1_000_000_000), 1_000_000_000)
    self.capacity = SerialFrame.byteCountMax(packetByteCount: packetByteCountMax)
    self.raw = .allocate(capacity: capacity)
    self.raw.initialize(repeating: 0, count: capacity)
  }

  deinit { raw.deallocate() }

  /// The packet of the last event, 4 to `packetByteCountMax` bytes, unescaped; empty when the last
  /// event was another. Borrowed until the next call.
  public var packet: Span<UInt8> {
    @_lifetime(borrow self) get { view(from: 3, count: packetByteCount) }
  }

  /// The dropped bytes of the last event, as they came; empty when the last event was another.
  /// Borrowed until the next call. Of noise, the part of the run in that call's bytes, as far as
  /// the buffer holds it.
  public var damaged: Span<UInt8> {
    @_lifetime(borrow self) get { view(from: 0, count: damagedByteCount) }
  }

  /// When a frame that has begun is to be given up unless more of it arrives; nil between frames.
  /// Read it after `next` returned nil, and call `expire` then.
  public var nextDeadline: Instant? {
    count > 1 ? lastByteAt.advanced(byNanoseconds: silenceNanosecondsMax) : nil
  }

  /// Takes bytes from `offset` on until something happened; call it until it returns nil, with the
  /// same `bytes` and `offset`.
  ///
  /// Whatever the bytes are, this returns. Where the stream is cut into calls makes no difference
  /// to the events. A gap between two calls is not judged here: bytes that are there have arrived,
  /// however late the caller reads them.
  ///
  /// - Parameters:
  ///   - offset: 0 to `bytes.count`; left behind the last byte taken.
  ///   - now: when `bytes` were read.
  /// - Returns: nil when all bytes are taken.
  public mutating func next(
    _ bytes: Span<UInt8>, offset: inout Int, now: Instant
  ) -> Event? {
    precondition(offset >= 0 && offset <= bytes.count, "offset outside the bytes")
    if offset < bytes.count { lastByteAt = now }
    packetByteCount = 0
    damagedByteCount = 0
    while true {
      resume()
      if parsed == count {
        if case .flag(let isCounted) = state {
          let noise = skipToFlag(bytes, offset: &offset)
          if noise > 0, !isCounted {
            state = .flag(isCounted: true)
            return .damaged(.noise)
          }
        } else if case .revision = state, takeWhole(bytes, offset: &offset) {
          return close()
        } else if case .body = state {
          takeBody(bytes, offset: &offset)
        }
        guard offset < bytes.count else { return nil }
        // Behind a frame that is accounted for, a byte that begins none is noise, not a frame of
        // another revision.
        if case .revision = state, accounted > 0, !SerialDeframer.begins(bytes[offset]) {
          (count, parsed, accounted) = (0, 0, 0)
          state = .flag(isCounted: false)
          continue
        }
        raw[count] = bytes[offset]
        count &+= 1
        offset &+= 1
      }
      parsed &+= 1
      if let event = accept(raw[parsed &- 1]) { return event }
    }
  }

  /// Gives up a partial frame after too long a silence; call it until it returns nil.
  ///
  /// Call it when `nextDeadline` has come and the line has nothing more to read. A frame that the
  /// partial one swallowed is received now.
  public mutating func expire(_ now: Instant) -> Event? {
    while true {
      var offset = 0
      if let event = next(Span(), offset: &offset, now: now) { return event }
      guard let nextDeadline, nextDeadline <= now else { return nil }
      if let event = fail(.truncated, byteCount: count) { return event }
    }
  }
}
