import MCTPFraming
import MCTPSimulation
import MCTPWire

// Packets to frames, and what the line does to them.
extension Station {
  /// Choice: as much as two reads of the other side take; more would only be waiting longer.
  private static let outputBytesMax = 8192

  /// Frames what waits and writes it, as far as the line takes it.
  func pump(now: Instant) throws {
    var packet = [UInt8](
      repeating: 0, count: PacketHeader.byteCount + configuration.transmissionUnitBytes)
    while output.count < Station.outputBytesMax,
      let count = nextPacket(into: &packet, now: now)
    {
      let fault = faults.forNextFrame()
      guard let fault, carryOut(fault, on: packet[..<count], now: now) else {
        writeIntact(packet[..<count])
        continue
      }
      faults.carriedOut()
    }
    if output.count > 0, !output.isBackedUp || output.resumesAt != nil {
      try output.write(to: descriptor, name: name, now: now)
    }
  }

  /// The line takes bytes again.
  func writable(now: Instant) throws {
    try output.write(to: descriptor, name: name, now: now)
  }

  /// Does what `fault` says to the frame of `packet`; false when it cannot be done to this one:
  /// then nothing was written.
  private func carryOut(
    _ fault: LineFault, on packet: ArraySlice<UInt8>, now: Instant
  ) -> Bool {
    switch fault {
    case .noise:
      output.append(faults.noise())
      written.noiseRuns += 1
    case .stray:
      writeIntact(strayPacket()[...])
      written.strays += 1
    case .pause:
      guard !output.hasPause else { return false }
      let count = writeIntact(packet)
      output.insertPause(
        back: faults.random(in: 1..<count),
        nanoseconds: UInt64(faults.random(in: 100_000..<3_000_000)))
      written.pauses += 1
      return true
    case .duplicate: return duplicate(packet)
    case .drop, .flip, .cut: return hurt(packet, by: fault, now: now)
    }
    writeIntact(packet)
    return true
  }

  /// Repeats a frame, only of messages that nobody answers: a second request has a second answer,
  /// whose tag may by then be another's. Only a first or last packet: a repeated start begins anew
  /// and a repeated end finds nothing, but a repeated middle packet loses its message, unless the
  /// router drops one of the two.
  private func duplicate(_ packet: ArraySlice<UInt8>) -> Bool {
    guard let header = PacketHeader(packet.span), header.som || header.eom,
      let identity = identity(of: packet, header), configuration.canRepeat(identity.flow)
    else { return false }
    writeIntact(packet)
    writeIntact(packet)
    written.duplicates += 1
    if header.som, header.eom { written.duplicatedMessages += 1 }
    return true
  }

  /// Writes a spoiled frame and a whole one behind it: the receiver needs the next frame's flag to
  /// see the end of the spoiled one, and two spoiled ones in a row could be counted as one.
  private func hurt(
    _ packet: ArraySlice<UInt8>, by fault: LineFault, now: Instant
  ) -> Bool {
    guard let header = PacketHeader(packet.span), let identity = identity(of: packet, header),
      let spoiled = faults.spoil(frame(of: packet), by: fault)
    else { return false }
    var next = [UInt8](
      repeating: 0, count: PacketHeader.byteCount + configuration.transmissionUnitBytes)
    guard let count = nextPacket(into: &next, now: now) else { return false }
    output.append(spoiled)
    hurt.append(identity)
    switch fault {
    case .drop: written.dropped += 1
    case .flip: written.flipped += 1
    default: written.cut += 1
    }
    writeIntact(next[..<count])
    return true
  }

  /// - Returns: the frame's bytes.
  @discardableResult
  private func writeIntact(_ packet: ArraySlice<UInt8>) -> Int {
    if let header = PacketHeader(packet.span) { _ = identity(of: packet, header) }
    let frame = frame(of: packet)
    output.append(frame)
    written.framesIntact += 1
    written.packetBytesIntact += UInt64(packet.count)
    return frame.count
  }

  private func frame(of packet: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = [UInt8](
      repeating: 0, count: SerialFrame.byteCountMax(packetByteCount: packet.count))
    var span = line.mutableSpan
    do throws(FrameError) {
      let count = try SerialFrame.encode(
        packet.span, packetByteCountMax: SerialFrame.packetByteCountMax, into: &span)
      return line[..<count]
    } catch {
      preconditionFailure("a packet that no frame carries")
    }
  }

  /// Which load message the packet belongs to. A start packet names it; the others follow.
  private func identity(of packet: ArraySlice<UInt8>, _ header: PacketHeader) -> MessageIdentity? {
    let (_, destination, source, _) = header.bytes
    let key =
      UInt32(destination) << 16 | UInt32(source) << 8 | UInt32(header.messageTag.rawValue)
    if header.som {
      let payload = packet.dropFirst(PacketHeader.byteCount)
      leaving[key] = LoadBody(payload.span, seed: configuration.seed).map {
        MessageIdentity(flow: $0.flow, sequence: $0.sequence)
      }
    }
    return leaving[key]
  }

  /// A whole message for an EID that nobody has.
  private func strayPacket() -> [UInt8] {
    let header = PacketHeader(
      destination: LoadRun.strayEID, source: eid, som: true, eom: true,
      messageTag: MessageTag(0, tagOwner: true))
    let (version, destination, source, flags) = header.bytes
    return [version, destination, source, flags, MessageType.vendorPCI.rawValue, 0, 0]
  }
}
