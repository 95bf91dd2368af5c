/// Messages that come in several packets (DSP0236 §8.7 to §8.9), read strictly: what the standard
/// lets a receiver drop is dropped.
struct NeighbourAssemblies {
  private struct Assembly {
    var source: UInt8
    var destination: UInt8
    var tagBits: UInt8
    /// Tells two peers apart that have no EID yet; 0 otherwise.
    var address: UInt8
    var sequence: UInt8
    var startByteCount: Int
    var body: [UInt8]
    var deadline: UInt64
  }

  static let byteCountMax = 65_536
  /// Between two packets; the bindings name no time.
  static let timeout: UInt64 = 6_000_000_000
  private static let countMax = 256

  private var assemblies: [Assembly] = []

  var nextDeadline: UInt64? { assemblies.lazy.map(\.deadline).min() }

  mutating func removeAll() { assemblies.removeAll() }

  mutating func expire(_ now: UInt64) { assemblies.removeAll { $0.deadline <= now } }

  /// The body, when this packet ends its message.
  mutating func take(
    _ packet: [UInt8], _ header: NeighbourHeader, address: UInt8?, now: UInt64
  ) -> [UInt8]? {
    let place = header.source == 0 ? address ?? 0 : 0
    let index = assemblies.firstIndex {
      $0.source == header.source && $0.tagBits == header.tagBits
        && $0.destination == header.destination && $0.address == place
    }
    if header.isStart {
      if let index { assemblies.remove(at: index) }
      guard packet.count > 4 else { return nil }
      let body = Array(packet[4...])
      if header.isEnd { return body }
      if assemblies.count >= Self.countMax { assemblies.removeFirst() }
      assemblies.append(
        Assembly(
          source: header.source, destination: header.destination, tagBits: header.tagBits,
          address: place, sequence: header.sequence, startByteCount: body.count, body: body,
          deadline: now + Self.timeout))
      return nil
    }
    guard let index else { return nil }
    return append(packet, header, at: index, now: now)
  }

  private mutating func append(
    _ packet: [UInt8], _ header: NeighbourHeader, at index: Int, now: UInt64
  ) -> [UInt8]? {
    let byteCount = packet.count - 4
    let startByteCount = assemblies[index].startByteCount
    let fits = header.isEnd ? byteCount <= startByteCount : byteCount == startByteCount
    guard fits, header.sequence == (assemblies[index].sequence + 1) & 3,
      assemblies[index].body.count + byteCount <= Self.byteCountMax
    else {
      assemblies.remove(at: index)
      return nil
    }
    assemblies[index].body.append(contentsOf: packet[4...])
    guard !header.isEnd else { return assemblies.remove(at: index).body }
    assemblies[index].sequence = header.sequence
    assemblies[index].deadline = now + Self.timeout
    return nil
  }
}
