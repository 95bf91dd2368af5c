#if !hasFeature(Embedded)
  extension DropReason: CaseIterable {
    /// In order of raw value.
    public static var allCases: [DropReason] {
      (0..<UInt8(tableSize)).compactMap { DropReason(rawValue: $0) }
    }

    /// The name in admin replies and captures: stable.
    public var name: String { String(describing: self) }

    /// One line for people.
    public var explanation: String {
      switch self {
      case .frameTooShort: "frame too short"
      case .frameTooLong: "frame too long"
      case .frameLength: "length field disagrees with the frame"
      case .frameIntegrity: "PEC or FCS is wrong"
      case .frameNotMCTP: "not an MCTP frame"
      case .frameAddress: "frame address is not ours or not legal"
      case .frameRevision: "unknown serial revision"
      case .frameEscape: "illegal serial escape"
      case .frameTruncated: "frame cut short"
      case .noise: "bytes outside any frame"
      case .packetTooShort: "packet too short"
      case .headerVersion: "unknown header version"
      case .sourceEIDIllegal: "illegal source EID"
      case .destinationEIDIllegal: "reserved destination EID"
      case .nullSourceNotBridged: "null source EID never crosses a bridge"
      case .destinationUnroutable: "no routing table entry for the destination EID"
      case .sourceNotBehindPort: "source EID does not belong behind this port"
      case .nextHopIsSender: "next hop is the sender"
      case .transmissionUnitExceeded: "payload exceeds the egress transmission unit"
      case .egressQueueFull: "egress queue full"
      case .portDown: "egress port down"
      case .retriesExhausted: "next hop did not take the packet within the retries"
      case .sourceIsSelf: "source EID is our own"
      case .transmissionRefused: "egress port cannot frame it for that physical address"
      case .unexpectedPacket: "middle or end packet without a start"
      case .unexpectedTag: "nobody waits for this tag"
      case .messageTypeUnsupported: "message type not supported here"
      case .controlMalformed: "malformed control message"
      case .outOfSequence: "packet out of sequence"
      case .supersededByStart: "assembly superseded by a new start packet"
      case .assemblyTimeout: "assembly timed out"
      case .transmissionUnitMismatch: "packet size differs within the message"
      case .messageTooLong: "message too long"
      case .assemblyExhausted: "no assembly memory left"
      case .messageIntegrity: "message integrity check is wrong"
      case .responseUnexpected: "response that no request waits for"
      }
    }
  }
#endif
