/// What a station wrote to its line.
struct WrittenCounts: Codable {
  /// Whole and unchanged, repeated and stray ones included: what the other side has to receive.
  var framesIntact: UInt64 = 0
  /// Bytes of their packets, MCTP header on.
  var packetBytesIntact: UInt64 = 0
  var dropped: UInt64 = 0
  var flipped: UInt64 = 0
  var cut: UInt64 = 0
  var noiseRuns: UInt64 = 0
  var pauses: UInt64 = 0
  var duplicates: UInt64 = 0
  /// Of `duplicates`, those that were a whole message.
  var duplicatedMessages: UInt64 = 0
  var strays: UInt64 = 0

  /// Frames whose packet is lost.
  var framesHurt: UInt64 { dropped + flipped + cut }
}

/// What a station read from its line, once the traffic had begun.
struct ReadCounts: Codable {
  var packets: UInt64 = 0
  /// Bytes of them, MCTP header on.
  var packetBytes: UInt64 = 0
  /// Frames that held no packet, and noise.
  var damaged: UInt64 = 0
  /// Packets for an EID that is not on this line.
  var misrouted: UInt64 = 0
  /// Packets that the endpoint's reassembly did not take: what hurt messages leave behind.
  var dropped: UInt64 = 0
}
