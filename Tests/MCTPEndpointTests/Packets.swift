import MCTPEndpoint
import MCTPWire

/// A packet of version 1.
///
/// - Parameter flags: header byte 3: SOM, EOM, sequence, TO, tag.
func packet(
  _ flags: UInt8, _ payload: [UInt8] = [], from source: UInt8 = 0x09, to destination: UInt8 = 0x08
) -> [UInt8] {
  [0x01, destination, source, flags] + payload
}

/// A body of a vendor-defined type whose bytes all differ from their neighbours.
func body(_ count: Int, seed: Int = 0) -> [UInt8] {
  [0x7E] + (1..<max(1, count)).map { UInt8(truncatingIfNeeded: $0 * 7 + seed) }
}

func bytes(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

func ms(_ milliseconds: UInt32) -> Instant { Instant.zero.advanced(byMs: milliseconds) }

func port(_ number: UInt8, _ address: UInt8 = 0x1D, network: UInt8 = 1) -> PacketOrigin {
  PacketOrigin(network: network, port: PortID(rawValue: number), address: .i2c(address))
}

extension Reassembler {
  mutating func take(
    _ packet: [UInt8], from origin: PacketOrigin = port(0), at now: Instant = .zero
  ) -> Reception {
    receive(packet.span, from: origin, now: now)
  }
}

extension Reception {
  var completed: Message? {
    if case .message(let message) = outcome { message } else { nil }
  }
  var dropReason: DropReason? {
    if case .dropped(let reason) = outcome { reason } else { nil }
  }
  /// `reason` and packets lost of the assembly that ended, for short comparisons.
  var loss: Loss? { ended.map { Loss($0.reason, $0.packetCount) } }
}

struct Loss: Equatable {
  let reason: DropReason
  let packetCount: Int
  init(_ reason: DropReason, _ packetCount: Int) {
    self.reason = reason
    self.packetCount = packetCount
  }
}

/// SplitMix64: the same seed gives the same packets.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
