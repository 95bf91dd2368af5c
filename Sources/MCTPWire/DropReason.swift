/// Why a frame, a packet or a partly assembled message ended here: the closed list.
///
/// Raw values are append-only: they appear in counters, admin replies and captures.
public enum DropReason: UInt8, Hashable, Sendable {
  // The medium: the frame never became a packet.

  /// Too few bytes for the binding's header, a packet header and the check.
  case frameTooShort = 1
  /// More bytes than the binding or the port carries.
  case frameTooLong = 2
  /// The length or byte count field disagrees with the bytes received.
  case frameLength = 3
  /// PEC or FCS is wrong (DSP0236 1.3.3 §8.7, bad data integrity).
  case frameIntegrity = 4
  /// Not an MCTP frame: another SMBus command code, another USB identifier.
  case frameNotMCTP = 5
  /// SMBus: the destination is not us, or the source byte is not a legal source.
  case frameAddress = 6
  /// Serial: unknown revision byte.
  case frameRevision = 7
  /// Serial: an escape followed by a byte that needs none.
  case frameEscape = 8
  /// The frame was cut short: a new frame began inside it, or it stopped arriving.
  case frameTruncated = 9
  /// Bytes between frames that belong to none; counted once a run.
  case noise = 10

  // The packet (DSP0236 1.3.3 §8.7).

  /// Fewer than four bytes, or a start packet without a message type.
  case packetTooShort = 20
  /// Header version is not 1.
  case headerVersion = 21
  /// Source EID is broadcast or reserved.
  case sourceEIDIllegal = 22
  /// Destination EID is reserved.
  case destinationEIDIllegal = 23
  /// Source EID is null and the destination is not this device: null EIDs never cross.
  case nullSourceNotBridged = 24
  /// No routing table entry holds the destination EID.
  case destinationUnroutable = 25
  /// The source EID does not belong behind the ingress port.
  case sourceNotBehindPort = 26
  /// The next hop is the device the packet came from.
  case nextHopIsSender = 27
  /// The payload is larger than the egress port carries.
  case transmissionUnitExceeded = 28
  /// The egress queue holds as many packets as it may.
  case egressQueueFull = 29
  /// The egress port is down, or went down while the packet waited.
  case portDown = 30
  /// The next hop did not take the packet within the binding's retries.
  case retriesExhausted = 31
  /// The source EID is one of this device's own.
  case sourceIsSelf = 32
  /// The egress port cannot frame the packet for the entry's physical address.
  case transmissionRefused = 33

  // The message: for packets that end here (DSP0236 1.3.3 §8.7 to §8.10).

  /// A middle or end packet without an assembly under way.
  case unexpectedPacket = 40
  /// TO is 0 and nobody waits for this tag.
  case unexpectedTag = 41
  /// Nobody here takes this message type.
  case messageTypeUnsupported = 42
  /// A control message with an impossible mix of IC, TO, Rq and D, or below three bytes.
  case controlMalformed = 43
  /// Packet sequence number is not the next one: the assembly ends.
  case outOfSequence = 44
  /// A start packet came while an assembly was under way: the old one ends.
  case supersededByStart = 45
  /// No packet came for longer than the assembly may wait.
  case assemblyTimeout = 46
  /// A middle packet's size differs from the start packet's, or the end packet's exceeds it.
  case transmissionUnitMismatch = 47
  /// The message is longer than this device takes.
  case messageTooLong = 48
  /// All assembly memory or all assembly slots are in use.
  case assemblyExhausted = 49
  /// The message's own integrity check is wrong.
  case messageIntegrity = 50
  /// A response that matches no request under way, or came too late.
  case responseUnexpected = 51

  /// One more than the highest raw value: the size of a table indexed by reason.
  public static let tableSize = 52
}

extension DropReason {
  /// True for reasons of the medium: what ended was a frame that never became a packet.
  public var isFrameReason: Bool { rawValue < DropReason.packetTooShort.rawValue }

  /// Every reason, in order of raw value; reads nothing that allocates.
  public static func forEach(_ body: (DropReason) -> Void) {
    for raw in 0..<UInt8(tableSize) {
      if let reason = DropReason(rawValue: raw) { body(reason) }
    }
  }
}
