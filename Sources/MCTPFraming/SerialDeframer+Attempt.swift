internal import MCTPWire

// How an attempt at a frame goes on, ends and makes room for the next: the private half of
// `SerialDeframer`.

extension SerialDeframer {
  static func begins(_ byte: UInt8) -> Bool {
    byte == SerialFrame.flag || byte == SerialFrame.revision
  }

  @_lifetime(borrow self)
  func view(from offset: Int, count: Int) -> Span<UInt8> {
    let span = Span(_unsafeStart: UnsafePointer(raw + offset), count: count)
    return _overrideLifetime(span, borrowing: self)
  }

  /// Moves on one state; `byte` is the last of the `parsed` ones.
  mutating func accept(_ byte: UInt8) -> Event? {
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

  mutating func acceptLength(_ byte: UInt8) -> Event? {
    if byte >= UInt8(PacketHeader.byteCount), byte <= packetByteCountMax {
      bodyRemaining = Int(byte)
      hasEscape = false
      state = .body
      return nil
    }
    if byte == SerialFrame.flag { return fail(.truncated, byteCount: parsed &- 1) }
    return fail(byte < UInt8(PacketHeader.byteCount) ? .length : .tooLong, byteCount: parsed)
  }

  mutating func acceptBodyBytes(_ number: Int) {
    bodyRemaining &-= number
    if bodyRemaining == 0 { state = .fcsHigh }
  }

  /// Judges an attempt with its closing flag in place.
  mutating func close() -> Event? {
    let body = parsed &- SerialFrame.overheadByteCount
    let fcs = UInt16(raw[parsed &- 3]) << 8 | UInt16(raw[parsed &- 2])
    guard hasEscape ? escapedFCS(bodyByteCount: body) == fcs : plainFCS(body) == fcs else {
      return fail(.integrity, byteCount: parsed)
    }
    packetByteCount = hasEscape ? unescape(bodyByteCount: body) : body
    verdict = .delivered
    return .packet
  }

  func plainFCS(_ bodyByteCount: Int) -> UInt16 {
    FCS.update(FCS.initial, view(from: 1, count: 2 &+ bodyByteCount))
  }

  /// Over the unescaped bytes, without changing them: a failed attempt is re-scanned.
  func escapedFCS(bodyByteCount: Int) -> UInt16 {
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
  mutating func unescape(bodyByteCount: Int) -> Int {
    let body = raw + 3
    var from = 0
    var to = 0
    while from < bodyByteCount {
      let run = SerialFrame.plainRunLength(
        view(from: 3, count: bodyByteCount), from: from, to: bodyByteCount)
      if from != to { (body + to).update(from: body + from, count: run) }
      from &+= run
      to &+= run
      guard from &+ 1 < bodyByteCount else { break }
      body[to] = body[from &+ 1] ^ SerialFrame.escapeMask
      from &+= 2
      to &+= 1
    }
    return to
  }

  /// Ends the attempt; nil when all its bytes are accounted for already.
  ///
  /// - Parameter byteCount: the attempt's bytes; what lies behind them in `raw` begins a new one.
  mutating func fail(_ error: FrameError, byteCount: Int) -> Event? {
    verdict = .failed
    guard byteCount > accounted else { return nil }
    accounted = byteCount
    damagedByteCount = byteCount
    return .damaged(error)
  }

  /// Begins the attempt that follows an ended one.
  mutating func resume() {
    switch verdict {
    case nil: return
    case .delivered:
      // Choice: a closing flag may open the next frame. Nothing is lost by it, and some senders
      // share flags.
      accounted = max(accounted, parsed)
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

  mutating func dropFront(_ number: Int) {
    count &-= number
    if count == 1 {
      raw[0] = raw[number]
    } else {
      raw.update(from: raw + number, count: count)
    }
    parsed &-= min(parsed, number)
    accounted &-= min(accounted, number)
  }

  /// Takes the bytes before the next flag; returns their number and shows them as damaged.
  mutating func skipToFlag(_ bytes: Span<UInt8>, offset: inout Int) -> Int {
    let start = offset
    while offset < bytes.count, bytes[unchecked: offset] != SerialFrame.flag { offset &+= 1 }
    if case .flag(isCounted: false) = state, offset > start {
      damagedByteCount = min(offset &- start, capacity)
      for index in 0..<damagedByteCount { raw[index] = bytes[start &+ index] }
    }
    return offset &- start
  }

  /// Takes all that follows the opening flag when it is there up to the closing flag; else takes
  /// nothing. Byte by byte the same state takes two fifths more instructions.
  mutating func takeWhole(_ bytes: Span<UInt8>, offset: inout Int) -> Bool {
    var start = offset
    if start < bytes.count, bytes[start] == SerialFrame.flag { start &+= 1 }
    guard bytes.count &- start >= 2, bytes[start] == SerialFrame.revision else { return false }
    var remaining = Int(bytes[start &+ 1])
    guard remaining >= PacketHeader.byteCount, remaining <= packetByteCountMax else { return false }
    var isEscaped = false
    var end = start &+ 2
    while true {
      let run = SerialFrame.plainRunLength(
        bytes, from: end, to: min(end &+ remaining, bytes.count))
      end &+= run
      remaining &-= run
      if remaining == 0 { break }
      guard end &+ 1 < bytes.count, bytes[end] == SerialFrame.escape,
        SerialFrame.isSpecial(bytes[end &+ 1] ^ SerialFrame.escapeMask)
      else { return false }
      isEscaped = true
      end &+= 2
      remaining &-= 1
      if remaining == 0 { break }
    }
    // Two bytes of FCS stand in front of the closing flag.
    guard end &+ 2 < bytes.count, bytes[end &+ 2] == SerialFrame.flag else { return false }
    // A second flag is the opening one: fresh, where the first may have closed a frame.
    if start > offset { accounted = 0 }
    append(bytes, from: start, count: end &+ 3 &- start)
    offset = end &+ 3
    hasEscape = isEscaped
    return true
  }

  /// Takes the packet bytes before the next flag or escape, as many as the packet may still have.
  mutating func takeBody(_ bytes: Span<UInt8>, offset: inout Int) {
    let end = offset &+ min(bodyRemaining, bytes.count &- offset)
    let run = SerialFrame.plainRunLength(bytes, from: offset, to: end)
    guard run > 0 else { return }
    append(bytes, from: offset, count: run)
    offset &+= run
    acceptBodyBytes(run)
  }

  /// Appends bytes that need no look.
  mutating func append(_ bytes: Span<UInt8>, from offset: Int, count number: Int) {
    precondition(number <= capacity &- count && offset &+ number <= bytes.count, "no room")
    bytes.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      (raw + count).update(from: start + offset, count: number)
    }
    count &+= number
    parsed = count
  }
}
