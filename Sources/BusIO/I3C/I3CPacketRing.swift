/// Packets of one node that were read and not collected: at most 16, in memory of its own.
struct I3CPacketRing {
  /// As many as the driver itself keeps.
  static let packetsMax = 16

  private let packetByteCountMax: Int
  private var bytes: [UInt8]
  private var byteCounts = [Int](repeating: 0, count: packetsMax)
  private var first = 0
  private(set) var count = 0

  init(packetByteCountMax: Int) {
    self.packetByteCountMax = packetByteCountMax
    bytes = [UInt8](repeating: 0, count: packetByteCountMax * I3CPacketRing.packetsMax)
  }

  var isEmpty: Bool { count == 0 }
  var isFull: Bool { count == I3CPacketRing.packetsMax }

  /// Has `fill` write a packet behind the last one. Only while not full.
  ///
  /// - Returns: what `fill` did; a packet is kept when it is above 0.
  mutating func append(_ fill: (UnsafeMutableRawBufferPointer) -> Int64) -> Int64 {
    precondition(!isFull, "no room for a packet")
    let slot = (first + count) % I3CPacketRing.packetsMax
    let start = slot * packetByteCountMax
    let result = bytes.withUnsafeMutableBytes { all in
      fill(UnsafeMutableRawBufferPointer(rebasing: all[start..<start + packetByteCountMax]))
    }
    guard result > 0 else { return result }
    byteCounts[slot] = min(Int(result), packetByteCountMax)
    count += 1
    return result
  }

  /// Hands the oldest packet to `body` and forgets it. Only while not empty.
  mutating func removeFirst<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    precondition(!isEmpty, "no packet")
    let start = first * packetByteCountMax
    let end = start + byteCounts[first]
    first = (first + 1) % I3CPacketRing.packetsMax
    count -= 1
    return body(bytes.span.extracting(start..<end))
  }
}
