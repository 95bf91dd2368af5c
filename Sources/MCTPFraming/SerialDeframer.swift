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
/// byte is examined at most five times (four when the limit is below 126); and each re-scan
/// begins at least one byte later than the last, hence they end.
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
    /// Bytes were dropped; they are in `damaged`. Each dropped byte is told once at most, and a
    /// run of noise once, at its first byte.
    case damaged(FrameError)
  }

  /// What the next byte is.
  private enum State {
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

  private enum Verdict {
    case delivered
    case failed
  }

  /// The longest packet that is taken, 4 to 255 bytes.
  public let packetByteCountMax: Int
  private let silenceNanosecondsMax: UInt64

  /// The attempt: raw bytes from the opening flag on; empty in state `.flag`.
  private let raw: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var count = 0
  /// Bytes of `raw` that `state` has seen; less than `count` only in a re-scan.
  private var parsed = 0
  /// Leading bytes of `raw` that a delivered frame or an event has accounted for: an attempt
  /// inside them fails in silence.
  private var accounted = 0
  private var state = State.flag(isCounted: false)
  /// Set between an event and the next call: `raw` is left alone for `packet` and `damaged`.
  private var verdict: Verdict?

  /// Packet bytes still to come, and whether any so far was escaped.
  private var bodyRemaining = 0
  private var hasEscape = false

  private var packetByteCount = 0
  private var damagedByteCount = 0
  private var lastByteAt = Instant.zero

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
    // Choice: max(20 byte times, 100 ms); no edition that was read fixes a value.
    self.silenceNanosecondsMax = max(20 &* min(byteNanoseconds, 1_000_000_000), 100_000_000)
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

extension SerialDeframer {
  private static func begins(_ byte: UInt8) -> Bool {
    byte == SerialFrame.flag || byte == SerialFrame.revision
  }

  @_lifetime(borrow self)
  private func view(from offset: Int, count: Int) -> Span<UInt8> {
    let span = Span(_unsafeStart: UnsafePointer(raw + offset), count: count)
    return _overrideLifetime(span, borrowing: self)
  }

  /// Moves on one state; `byte` is the last of the `parsed` ones.
  private mutating func accept(_ byte: UInt8) -> Event? {
    switch state {
    case .flag:
      state = .revision
    case .revision:
      if byte == SerialFrame.flag {
        // `7E 7E` is one flag: the second.
        dropFront(1)
      } else if byte == SerialFrame.revision {
        state = .length
      } else {
        return fail(.revision, byteCount: parsed)
      }
    case .length:
      return acceptLength(byte)
    case .body:
      if byte == SerialFrame.flag { return fail(.truncated, byteCount: parsed &- 1) }
      if byte == SerialFrame.escape {
        hasEscape = true
        state = .escaped
      } else {
        acceptBodyBytes(1)
      }
    case .escaped:
      if byte == SerialFrame.flag { return fail(.truncated, byteCount: parsed &- 1) }
      guard SerialFrame.isSpecial(byte ^ SerialFrame.escapeMask) else {
        return fail(.escape, byteCount: parsed)
      }
      state = .body
      acceptBodyBytes(1)
    case .fcsHigh:
      state = .fcsLow
    case .fcsLow:
      state = .closing
    case .closing:
      // No flag where the length says: bytes were lost or the length is wrong, whatever the FCS.
      guard byte == SerialFrame.flag else { return fail(.length, byteCount: parsed) }
      return close()
    }
    return nil
  }

  private mutating func acceptLength(_ byte: UInt8) -> Event? {
    if byte >= UInt8(PacketHeader.byteCount), byte <= packetByteCountMax {
      bodyRemaining = Int(byte)
      hasEscape = false
      state = .body
      return nil
    }
    if byte == SerialFrame.flag { return fail(.truncated, byteCount: parsed &- 1) }
    return fail(byte < UInt8(PacketHeader.byteCount) ? .length : .tooLong, byteCount: parsed)
  }

  private mutating func acceptBodyBytes(_ number: Int) {
    bodyRemaining &-= number
    if bodyRemaining == 0 { state = .fcsHigh }
  }

  /// Judges an attempt with its closing flag in place.
  private mutating func close() -> Event? {
    let body = parsed &- SerialFrame.overheadByteCount
    let fcs = UInt16(raw[parsed &- 3]) << 8 | UInt16(raw[parsed &- 2])
    guard hasEscape ? escapedFCS(bodyByteCount: body) == fcs : plainFCS(body) == fcs else {
      return fail(.integrity, byteCount: parsed)
    }
    packetByteCount = hasEscape ? unescape(bodyByteCount: body) : body
    verdict = .delivered
    return .packet
  }

  private func plainFCS(_ bodyByteCount: Int) -> UInt16 {
    FCS.update(FCS.initial, view(from: 1, count: 2 &+ bodyByteCount))
  }

  /// Over the unescaped bytes, without changing them: a failed attempt is re-scanned.
  private func escapedFCS(bodyByteCount: Int) -> UInt16 {
    var fcs = FCS.update(FCS.initial, view(from: 1, count: 2))
    let body = view(from: 3, count: bodyByteCount)
    var offset = 0
    while offset < bodyByteCount {
      let run = SerialFrame.plainRunLength(body, from: offset, to: bodyByteCount)
      fcs = FCS.update(fcs, body.extracting(offset..<(offset &+ run)))
      offset &+= run
      // Every escape in an accepted body has its second byte.
      guard offset &+ 1 < bodyByteCount else { break }
      fcs = FCS.update(fcs, body[offset &+ 1] ^ SerialFrame.escapeMask)
      offset &+= 2
    }
    return fcs
  }

  /// Unescapes the body in place; returns the packet's size.
  private mutating func unescape(bodyByteCount: Int) -> Int {
    var from = 3
    var to = 3
    while from < 3 &+ bodyByteCount {
      if raw[from] == SerialFrame.escape {
        raw[to] = raw[from &+ 1] ^ SerialFrame.escapeMask
        from &+= 2
      } else {
        raw[to] = raw[from]
        from &+= 1
      }
      to &+= 1
    }
    return to &- 3
  }

  /// Ends the attempt; nil when all its bytes are accounted for already.
  ///
  /// - Parameter byteCount: the attempt's bytes; what lies behind them in `raw` begins a new one.
  private mutating func fail(_ error: FrameError, byteCount: Int) -> Event? {
    verdict = .failed
    guard byteCount > accounted else { return nil }
    accounted = byteCount
    damagedByteCount = byteCount
    return .damaged(error)
  }

  /// Begins the attempt that follows an ended one.
  private mutating func resume() {
    switch verdict {
    case nil: return
    case .delivered:
      // Choice: a closing flag may open the next frame. Nothing is lost by it, and some senders
      // share flags.
      accounted = parsed
      dropFront(parsed &- 1)
      state = .revision
    case .failed:
      var flag = 1
      while flag < count, raw[flag] != SerialFrame.flag { flag &+= 1 }
      if flag < count {
        dropFront(flag)
        state = .revision
      } else {
        (count, accounted) = (0, 0)
        state = .flag(isCounted: true)
      }
    }
    parsed = min(count, 1)
    verdict = nil
  }

  private mutating func dropFront(_ number: Int) {
    count &-= number
    raw.update(from: raw + number, count: count)
    parsed &-= min(parsed, number)
    accounted &-= min(accounted, number)
  }

  /// Takes the bytes before the next flag; returns their number and shows them as damaged.
  private mutating func skipToFlag(_ bytes: Span<UInt8>, offset: inout Int) -> Int {
    let start = offset
    while offset < bytes.count, bytes[unchecked: offset] != SerialFrame.flag { offset &+= 1 }
    if case .flag(isCounted: false) = state, offset > start {
      damagedByteCount = min(offset &- start, capacity)
      for index in 0..<damagedByteCount { raw[index] = bytes[start &+ index] }
    }
    return offset &- start
  }

  /// Takes the packet bytes before the next flag or escape, as many as the packet may still have.
  private mutating func takeBody(_ bytes: Span<UInt8>, offset: inout Int) {
    let end = offset &+ min(bodyRemaining, bytes.count &- offset)
    let run = SerialFrame.plainRunLength(bytes, from: offset, to: end)
    guard run > 0 else { return }
    bytes.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      (raw + count).update(from: start + offset, count: run)
    }
    count &+= run
    parsed = count
    offset &+= run
    acceptBodyBytes(run)
  }
}
