public import MCTPWire

/// Makes messages out of packets (DSP0236 1.3.3 §8.7 and §8.9).
///
/// Owns the memory of every assembly under way and of the last completed message, allocated once.
/// An assembly lives from its start packet to its end packet, to a packet that breaks it or to
/// `timeoutMs` of silence. A completed message lies in one buffer until the next `receive`, so a
/// message that nobody collects costs nothing.
///
/// Poll `expireNext` at `nextDeadline`; after `receive` the deadline may have changed.
public struct Reassembler: ~Copyable {
  public let limits: ReassemblyLimits
  /// Assemblies under way: 0 to `limits.assembliesMax`.
  public private(set) var assemblyCount = 0
  /// Packets held in them.
  public private(set) var heldPacketCount = 0
  /// The largest body that is taken.
  public let messageBytesMax: Int

  private var assemblies: FixedTable<Assembly>
  private var pool: BlockPool
  private let buffer: UnsafeMutableRawBufferPointer
  private var messageByteCount = 0

  public init(limits: ReassemblyLimits = ReassemblyLimits()) {
    self.limits = limits
    let messageBytesMax = limits.effectiveMessageBytesMax
    self.messageBytesMax = messageBytesMax
    buffer = .allocate(byteCount: messageBytesMax, alignment: 8)
    pool = BlockPool(byteCount: limits.memoryBytesMax - messageBytesMax)
    assemblies = FixedTable(count: limits.assembliesMax, repeating: Assembly())
  }

  deinit { buffer.deallocate() }

  /// The body of the message that the last `receive` completed, type byte first; else empty.
  public var message: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let bytes = UnsafeBufferPointer(buffer.bindMemory(to: UInt8.self))
      let span = Span(_unsafeElements: bytes).extracting(first: messageByteCount)
      return _overrideLifetime(span, borrowing: self)
    }
  }

  /// Message bytes that assemblies may still take, in whole blocks.
  public var freeByteCount: Int { pool.freeBlockCount * BlockPool.blockBytes }

  /// Takes one packet that is for this device. Whatever the bytes are, it returns.
  ///
  /// The caller has judged the destination EID and, for TO = 0, whether anybody waits for the tag.
  ///
  /// - Parameter packet: header and payload; borrowed for the call.
  /// - Complexity: the number of assemblies, and the message's bytes when it completes.
  public mutating func receive(_ packet: Span<UInt8>, from origin: PacketOrigin, now: Instant)
    -> Reception
  {
    messageByteCount = 0
    guard let header = PacketHeader(packet) else { return .dropped(.packetTooShort) }
    guard header.version == PacketHeader.supportedVersion else { return .dropped(.headerVersion) }
    let payload = packet.extracting(droppingFirst: PacketHeader.byteCount)
    let terminus = Terminus(header, from: origin)
    guard header.som else {
      return proceed(payload, header, terminus, from: origin, now: now)
    }
    guard payload.count > 0 else { return .dropped(.packetTooShort) }
    return start(payload, header, terminus, from: origin, now: now)
  }

  /// The time at which `expireNext` has something to say; nil when nothing is under way.
  public var nextDeadline: Instant? {
    guard assemblyCount > 0 else { return nil }
    var earliest: Instant?
    for slot in 0..<assemblies.count where assemblies[slot].isActive {
      let deadline = assemblies[slot].deadline
      if earliest.map({ deadline < $0 }) ?? true { earliest = deadline }
    }
    return earliest
  }

  /// Ends one assembly whose time is up; call it until it returns nil.
  public mutating func expireNext(now: Instant) -> EndedAssembly? {
    guard assemblyCount > 0 else { return nil }
    for slot in 0..<assemblies.count
    where assemblies[slot].isActive && assemblies[slot].deadline <= now {
      return end(slot, .assemblyTimeout)
    }
    return nil
  }
}

extension Reassembler {
  mutating func forgetMessage() { messageByteCount = 0 }

  private mutating func start(
    _ payload: Span<UInt8>, _ header: PacketHeader, _ terminus: Terminus,
    from origin: PacketOrigin, now: Instant
  ) -> Reception {
    var ended: EndedAssembly?
    if let old = slot(of: terminus) {
      let isLate = assemblies[old].deadline <= now
      ended = end(old, isLate ? .assemblyTimeout : .supersededByStart)
    }
    guard payload.count <= messageBytesMax else { return .dropped(.messageTooLong, ended: ended) }
    // Choice: a start packet below 64 bytes is taken although DSP0236 wants 64 as soon as there is
    // more than one packet. Peers that count the header into the unit send 60, and nothing is
    // gained by refusing them.
    var assembly = Assembly(
      terminus: terminus, origin: origin, typeByte: MessageTypeByte(rawValue: payload[0]),
      unitBytes: payload.count, sequence: header.sequence,
      deadline: now.advanced(byMs: limits.timeoutMs))
    if header.eom { return complete(&assembly, with: payload, ended: ended) }
    guard let slot = freeSlot(), pool.append(payload, to: &assembly.chain) else {
      return .dropped(.assemblyExhausted, ended: ended)
    }
    assembly.packetCount = 1
    assembly.isActive = true
    assemblies[slot] = assembly
    assemblyCount += 1
    heldPacketCount += 1
    return Reception(.incomplete, ended: ended)
  }

  /// A middle or end packet.
  private mutating func proceed(
    _ payload: Span<UInt8>, _ header: PacketHeader, _ terminus: Terminus,
    from origin: PacketOrigin, now: Instant
  ) -> Reception {
    // Choice: a packet from another port than the start packet's is unexpected and leaves the
    // assembly alone. An EID lives behind one port, so this is a spoofed or stray packet, and
    // each port's books stay exact.
    guard let slot = slot(of: terminus), assemblies[slot].origin.port == origin.port else {
      return .dropped(.unexpectedPacket)
    }
    var assembly = assemblies[slot]
    guard now < assembly.deadline else {
      return .dropped(.unexpectedPacket, ended: end(slot, .assemblyTimeout))
    }
    if let reason = assembly.objection(to: header, payloadBytes: payload.count) {
      return .dropped(reason, ended: end(slot, reason))
    }
    guard payload.count <= messageBytesMax - assembly.chain.byteCount else {
      return .dropped(.messageTooLong, ended: end(slot, .messageTooLong))
    }
    if header.eom {
      remove(slot)
      return complete(&assembly, with: payload, ended: nil)
    }
    guard pool.append(payload, to: &assembly.chain) else {
      return .dropped(.assemblyExhausted, ended: end(slot, .assemblyExhausted))
    }
    assembly.sequence = header.sequence
    assembly.packetCount += 1
    assembly.deadline = now.advanced(byMs: limits.timeoutMs)
    assemblies[slot] = assembly
    heldPacketCount += 1
    return Reception(.incomplete)
  }

  /// Gathers the message in the buffer and frees its blocks. `assembly` is in no slot any more.
  private mutating func complete(
    _ assembly: inout Assembly, with payload: Span<UInt8>, ended: EndedAssembly?
  ) -> Reception {
    let before = assembly.chain.byteCount
    let total = before + payload.count
    var cursor = pool.start(of: assembly.chain)
    pool.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[0..<before]), at: &cursor)
    pool.free(&assembly.chain)
    payload.withUnsafeBytes {
      UnsafeMutableRawBufferPointer(rebasing: buffer[before..<total]).copyMemory(from: $0)
    }
    messageByteCount = total
    guard isIntact(assembly.typeByte) else {
      messageByteCount = 0
      let lost = assembly.packetCount > 0 ? assembly.ended(.messageIntegrity, before) : ended
      return .dropped(.messageIntegrity, ended: lost)
    }
    return Reception(
      .message(
        Message(
          terminus: assembly.terminus, origin: assembly.origin, typeByte: assembly.typeByte,
          byteCount: total, packetCount: assembly.packetCount + 1)),
      ended: ended)
  }

  /// Only NVMe-MI's check is known here; other types judge their own (DSP0239 1.11.1 Table 1).
  private func isIntact(_ typeByte: MessageTypeByte) -> Bool {
    guard typeByte.hasIntegrityCheck, typeByte.type == .nvmeMI else { return true }
    return CRC32C.isValid(message)
  }

  private mutating func end(_ slot: Int, _ reason: DropReason) -> EndedAssembly {
    var assembly = assemblies[slot]
    remove(slot)
    let byteCount = assembly.chain.byteCount
    pool.free(&assembly.chain)
    return assembly.ended(reason, byteCount)
  }

  private mutating func remove(_ slot: Int) {
    heldPacketCount -= assemblies[slot].packetCount
    assemblyCount -= 1
    assemblies[slot].isActive = false
  }

  private func slot(of terminus: Terminus) -> Int? {
    guard assemblyCount > 0 else { return nil }
    for slot in 0..<assemblies.count
    where assemblies[slot].isActive && assemblies[slot].terminus == terminus {
      return slot
    }
    return nil
  }

  private func freeSlot() -> Int? {
    guard assemblyCount < assemblies.count else { return nil }
    for slot in 0..<assemblies.count where !assemblies[slot].isActive { return slot }
    return nil
  }
}
