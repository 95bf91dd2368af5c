internal import MCTPEngine
internal import MCTPWire

extension Trace {
  /// What the columns and marks of the text mean; each line begins with `#`.
  public static let legend: [String] = [
    "# time     seconds of virtual time since the run began",
    "# place    router/port, router, device or world",
    "# mark     <  a packet came in at a port      >  an attempt to send one begins",
    "#          =  how the oldest attempt ended    x  a frame ended that never became a packet",
    "#          |  a port went up or down          !  the bus owner did or found something",
    "#          *  an event of the plan            d< d> dx  the same at a device",
    "#          d! a device complains",
    "# address  physical address of the other end on the bus: 0x1d I2C, 12 digits I3C, - none",
    "# eids     source>destination, decimal; 0 is null, 255 is broadcast",
    "# flags    S start, E end of message; sequence number; tag, T when the source owns it",
    "# len      bytes of the packet, MCTP header included",
    "# kind     message type of a start packet; of control messages the command, ? for a request",
    "# what     what became of it; no word at > is a first attempt",
    "# bytes    the first 20 bytes of the packet, from the MCTP header on; .. when there are more",
  ]
}

extension Disposition {
  /// A number for each decision; part of what the digest of a run is made of.
  var traceCode: UInt64 {
    switch self {
    case .forwarded(let egress): 0x100 | UInt64(egress.rawValue)
    case .answered: 0x200
    case .deliver: 0x300
    case .dropped(let reason): 0x400 | UInt64(reason.rawValue)
    }
  }

  var dropReason: DropReason? {
    if case .dropped(let reason) = self { reason } else { nil }
  }
}

extension TransmissionResult {
  var traceWords: String {
    switch self {
    case .sent: "sent"
    case .addressNotAcknowledged: "address not acknowledged"
    case .dataNotAcknowledged: "data not acknowledged"
    case .arbitrationLost: "arbitration lost"
    case .busBusy: "bus busy"
    case .timedOut: "timed out"
    case .busError: "bus error"
    case .portDown: "port down"
    case .refused: "refused: it does not fit the medium"
    }
  }
}
