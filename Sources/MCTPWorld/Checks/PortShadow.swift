// What the checker knows of one port from what it saw, beside what the engine says.
//
// Owns the packets that were forwarded to the port and have not begun to leave, those in flight,
// and counts. Lives from the router's start to its end; a restart makes a new one.
//
// Choice: of a packet that waits its digest is kept (`Digest64`, length included), not its bytes:
// memory for hundreds of packets a port and run would cost more than the rest of the check.

internal import MCTPWire
internal import Topology

struct PortShadow {
  /// An attempt that has begun, or that failed and waits in front of the queue to begin again.
  struct Flight {
    var digest: UInt64
    var address: PhysicalAddress
    var failedAttempts: UInt8
    /// It was forwarded; else it started on the router.
    var isForwarded: Bool
  }

  /// A packet that was forwarded to the port and has not begun to leave.
  struct Forward {
    var digest: UInt64
    /// Where the model has its destination: `RoutingModel.slot`.
    var slot: Int
    /// Where it came from.
    var origin: RoutingModel.Place
    /// The next hop that it has to take; nil where several may be right.
    var mustTake: PhysicalAddress?
  }

  let name: String
  let role: Topology.Role
  let sourceCheck: Topology.SourceCheck
  let address: PhysicalAddress
  /// Of the devices on its bus.
  let addressForm: PhysicalAddress.Form
  let bindingByte: UInt8
  let mediumByte: UInt8
  let discovery: Topology.Discovery?
  /// Index into the networks of the router.
  let network: Int
  let queueDepthMax: Int
  let packetBytesMax: Int
  var isUp = false
  /// The source of the router's own requests there; nil when it may be another one by now.
  var lastSource: UInt8?
  /// Nil while it is down.
  var upSince: Instant?
  /// When it last had much to do.
  var loadedAt: Instant?
  /// Bytes of packets a second that its medium carries at most.
  let bytesPerSecond: Int
  private var secondBegan = Instant.zero
  private var secondBytes = 0

  /// Oldest first from `firstForward` on.
  private var forwards: [Forward] = []
  private var firstForward = 0
  /// What waits behind what, in the order of the queue.
  var line = QueueLine()
  var inFlight: [Flight] = []
  /// The attempt that failed last and will begin again.
  var returned: Flight?

  // Ingress.
  var packetsIn: UInt64 = 0
  var forwarded: UInt64 = 0
  var delivered: UInt64 = 0
  /// By raw value: dropped packets and damaged frames.
  var ingressDrops = [UInt64](repeating: 0, count: DropReason.tableSize)

  // Egress.
  /// Forwarded packets that were put in the queue.
  var arrived: UInt64 = 0
  var packetsOut: UInt64 = 0
  var retriesExhausted: UInt64 = 0
  var refused: UInt64 = 0
  /// Forwarded or begun packets that ended because the port went down.
  var lostWithPort: UInt64 = 0
  var attempts = [UInt64](repeating: 0, count: TransmissionResult.tableSize)

  init(_ port: Topology.Port, network: Int) {
    name = port.name
    role = port.role
    sourceCheck = port.sourceCheck
    address = port.physicalAddress
    addressForm =
      switch port.bus {
      case .i2c: .i2c
      case .i3c: .i3c
      case .serial, .usb, .link: .none
      }
    // Nine clocks a byte, ten bits on a serial line.
    bytesPerSecond =
      switch port.medium {
      case .i2c(let i2c): i2c.clockHz / 9
      case .i3c(let i3c): i3c.clockHz / 9
      case .serial(let serial): serial.baudRate / 10
      case .usb, .link: .max
      }
    bindingByte = port.bindingType.rawValue
    mediumByte = port.mediumType.rawValue
    discovery = port.discovery
    self.network = network
    queueDepthMax = port.queueDepthMax
    packetBytesMax = 4 + port.transmissionUnitBytes
  }

  /// Payload bytes of one packet.
  var unitMax: Int { packetBytesMax - 4 }

  /// Forwarded packets that have not begun to leave.
  var forwardCount: Int { forwards.count - firstForward }
  var oldestForward: UInt64? { forwardCount > 0 ? forwards[firstForward].digest : nil }

  /// Everything known to be in the queue: the router's own packets show only when they leave.
  var knownDepth: Int { forwardCount + inFlight.count + (returned == nil ? 0 : 1) }

  mutating func append(_ forward: Forward) {
    forwards.append(forward)
    arrived &+= 1
    line.appendForward()
  }

  /// A packet passed, in or out. Choice: a wire that is half full may be too slow for a request: a
  /// message of 1,000 bytes crosses it at one stroke.
  mutating func notePacket(byteCount: Int, at now: Instant) {
    if secondBegan.advanced(byMs: 1000) <= now {
      secondBegan = now
      secondBytes = 0
    }
    secondBytes += byteCount
    if secondBytes > bytesPerSecond / 2 { loadedAt = now }
  }

  /// There is one.
  mutating func beginOldestForward() -> Forward {
    let begun = forwards[firstForward]
    line.beginForward()
    firstForward += 1
    if firstForward == forwards.count {
      forwards.removeAll(keepingCapacity: true)
      firstForward = 0
    } else if firstForward >= 256 {
      forwards.removeFirst(firstForward)
      firstForward = 0
    }
    return begun
  }

  /// How many packets wait in front of the oldest forward with that digest; nil when none has it.
  func position(of digest: UInt64) -> Int? {
    forwards[firstForward...].firstIndex { $0.digest == digest }.map { $0 - firstForward }
  }

  /// The oldest attempt ended. False when none is under way.
  ///
  /// What may be retried goes back in front while nothing else is in flight and the port is up, up
  /// to 12 times (DSP0237 1.1.0, packet-level retries of a bridge).
  mutating func finish(_ result: TransmissionResult) -> Bool {
    guard !inFlight.isEmpty else { return false }
    attempts[Int(result.rawValue)] &+= 1
    var flight = inFlight.removeFirst()
    switch result {
    case .sent: packetsOut &+= 1
    case .refused: refused &+= 1
    case .portDown: lostWithPort &+= 1
    case _ where !isUp: lostWithPort &+= 1
    case _ where inFlight.isEmpty && flight.failedAttempts < 12:
      flight.failedAttempts += 1
      returned = flight
    default: retriesExhausted &+= 1
    }
    return true
  }

  mutating func change(isUp: Bool) {
    self.isUp = isUp
    guard !isUp else { return }
    lostWithPort &+= UInt64(forwardCount) + (returned == nil ? 0 : 1)
    forwards.removeAll(keepingCapacity: true)
    firstForward = 0
    returned = nil
    line.clear()
  }
}
