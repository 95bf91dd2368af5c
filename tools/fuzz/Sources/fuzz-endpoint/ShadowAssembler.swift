// Messages put together a second time, by the rules of DSP0236 1.3.3 §8.9, the choices that
// `Reassembler` documents, and its limits. Exact: what it says must be what the endpoint says.

import MCTPEndpoint
import MCTPWire

struct ShadowAssembler {
  enum Outcome: Equatable {
    case held
    case message([UInt8])
    case dropped(DropReason)
  }

  struct Ended: Equatable {
    var reason: DropReason
    var packetCount: Int
    var byteCount: Int
  }

  /// What groups packets into a message. Who has no EID is known by its place.
  private struct Key: Hashable {
    var network: UInt8
    var destination: UInt8
    var source: UInt8
    var tag: UInt8
    var place: PacketOrigin?
  }

  private struct Assembly {
    let port: PortID
    let unitBytes: Int
    var body: [UInt8]
    var sequence: UInt8
    var packetCount = 1
    var lastTime: Instant

    func ended(_ reason: DropReason) -> Ended {
      Ended(reason: reason, packetCount: packetCount, byteCount: body.count)
    }
  }

  private let limits: ReassemblyLimits
  private let messageBytesMax: Int
  private var assemblies: [Key: Assembly] = [:]

  init(_ limits: ReassemblyLimits) {
    self.limits = limits
    messageBytesMax = min(limits.messageBytesMax, limits.memoryBytesMax / 2)
  }

  var heldPacketCount: Int { assemblies.values.reduce(0) { $0 + $1.packetCount } }

  /// Blocks of 256 bytes; what the largest message does not need is for them.
  private func hasRoom(besides key: Key, for byteCount: Int) -> Bool {
    var count = (byteCount + 255) / 256
    for (other, assembly) in assemblies where other != key {
      count += (assembly.body.count + 255) / 256
    }
    return count <= (limits.memoryBytesMax - messageBytesMax) / 256
  }

  /// Takes a packet with a legal header.
  mutating func receive(
    _ packet: [UInt8], from origin: PacketOrigin, now: Instant
  ) -> (outcome: Outcome, ended: Ended?) {
    let key = Key(
      network: origin.network, destination: packet[1], source: packet[2], tag: packet[3] & 0x0F,
      place: packet[2] == 0 ? origin : nil)
    let payload = Array(packet.dropFirst(4))
    if packet[3] & 0x80 == 0 { return proceed(key, packet[3], payload, origin, now) }
    guard !payload.isEmpty else { return (.dropped(.packetTooShort), nil) }
    let old = assemblies.removeValue(forKey: key)
    let ended = old.map { $0.ended(isLate($0, now) ? .assemblyTimeout : .supersededByStart) }
    guard payload.count <= messageBytesMax else { return (.dropped(.messageTooLong), ended) }
    if packet[3] & 0x40 != 0 {
      return (isBroken(payload) ? .dropped(.messageIntegrity) : .message(payload), ended)
    }
    guard assemblies.count < limits.assembliesMax, hasRoom(besides: key, for: payload.count) else {
      return (.dropped(.assemblyExhausted), ended)
    }
    assemblies[key] = Assembly(
      port: origin.port, unitBytes: payload.count, body: payload,
      sequence: packet[3] >> 4 & 0x03, lastTime: now)
    return (.held, ended)
  }

  /// A middle or end packet.
  private mutating func proceed(
    _ key: Key, _ flags: UInt8, _ payload: [UInt8], _ origin: PacketOrigin, _ now: Instant
  ) -> (outcome: Outcome, ended: Ended?) {
    guard var assembly = assemblies[key], assembly.port == origin.port else {
      return (.dropped(.unexpectedPacket), nil)
    }
    if isLate(assembly, now) {
      assemblies[key] = nil
      return (.dropped(.unexpectedPacket), assembly.ended(.assemblyTimeout))
    }
    let isEnd = flags & 0x40 != 0
    let body = assembly.body + payload
    let reason: DropReason? =
      if flags >> 4 & 0x03 != (assembly.sequence + 1) & 0x03 {
        .outOfSequence
      } else if payload.count > assembly.unitBytes
        || !isEnd && payload.count < assembly.unitBytes
      {
        .transmissionUnitMismatch
      } else if body.count > messageBytesMax {
        .messageTooLong
      } else if isEnd {
        isBroken(body) ? .messageIntegrity : nil
      } else {
        hasRoom(besides: key, for: body.count) ? nil : .assemblyExhausted
      }
    if let reason {
      assemblies[key] = nil
      return (.dropped(reason), assembly.ended(reason))
    }
    if isEnd {
      assemblies[key] = nil
      return (.message(body), nil)
    }
    assembly.body = body
    assembly.sequence = flags >> 4 & 0x03
    assembly.packetCount += 1
    assembly.lastTime = now
    assemblies[key] = assembly
    return (.held, nil)
  }

  /// What time ended, as the endpoint says: it must be due, and is gone.
  mutating func expire(_ ended: EndedAssembly, now: Instant) {
    let terminus = ended.terminus
    let key = Key(
      network: terminus.network, destination: terminus.destination.rawValue,
      source: terminus.source.rawValue, tag: terminus.messageTag.rawValue,
      place: terminus.nullSource)
    guard let assembly = assemblies.removeValue(forKey: key), isLate(assembly, now) else {
      preconditionFailure("an assembly ended before its time")
    }
    precondition(assembly.ended(.assemblyTimeout) == Ended(ended), "another assembly's end")
  }

  private func isLate(_ assembly: Assembly, _ now: Instant) -> Bool {
    assembly.lastTime.advanced(byMs: limits.timeoutMs) <= now
  }

  /// NVMe-MI with IC = 1 ends with a CRC-32C; other types judge their own.
  private func isBroken(_ body: [UInt8]) -> Bool {
    guard body[0] == 0x84 else { return false }
    guard body.count >= 4 else { return true }
    var register: UInt32 = 0xFFFF_FFFF
    for byte in body.dropLast(4) {
      register ^= UInt32(byte)
      for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 0 ? 0 : 0x82F6_3B78) }
    }
    let check = body.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return check != ~register
  }
}

extension ShadowAssembler.Ended {
  init(_ ended: EndedAssembly) {
    self.init(
      reason: ended.reason, packetCount: ended.packetCount, byteCount: ended.byteCount)
  }
}
