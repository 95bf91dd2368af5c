/// One port: what it is, how it does, what went through it.
public struct PortRow: Codable, Hashable, Sendable {
  public var name: String
  /// 0 to 31.
  public var number: UInt8
  /// `i2c`, `i3c`, `serial`, `usb` or `link`.
  public var bus: String
  public var device: String
  /// `up`, `waiting` or `stopped`.
  public var state: String
  /// Why the port is not up.
  public var stateReason: String?
  /// Until the next attempt; nil unless waiting.
  public var retryInMs: UInt64?
  public var network: UInt8
  /// `owner`, `endpoint` or `peer`.
  public var role: String
  /// The own physical address.
  public var address: String?
  /// The own EID.
  public var eid: UInt8?
  public var transmissionUnitBytes: Int
  /// `strict`, `loose` or `off`.
  public var sourceCheck: String
  public var counters: Counters
  public var queue: Queue
  /// What the kernel or a scheduler counts for the port, by name; empty on most ports.
  public var linkCounters: [LinkCounter]
  /// What else people should know of it, in sentences.
  public var notes: [String]

  public struct LinkCounter: Codable, Hashable, Sendable {
    /// Such as `rx-crc-errors`.
    public var name: String
    public var count: UInt64

    public init(name: String, count: UInt64) {
      self.name = name
      self.count = count
    }
  }

  /// Packets unless named otherwise; bytes are packet bytes, without the medium's own.
  public struct Counters: Codable, Hashable, Sendable {
    public var packetsIn: UInt64 = 0
    public var bytesIn: UInt64 = 0
    public var packetsOut: UInt64 = 0
    public var bytesOut: UInt64 = 0
    /// Came in here and went to another place.
    public var forwarded: UInt64 = 0
    /// Came in here and ended in this device.
    public var delivered: UInt64 = 0
    /// Offered to this port's egress queue, from other ports and from this device.
    public var enqueued: UInt64 = 0
    /// Of `enqueued`, those that began in this device.
    public var originated: UInt64 = 0
    /// Frames that never became packets; among `droppedIn`.
    public var damagedFrames: UInt64 = 0
    /// Came in here and ended here, all reasons together:
    /// `packetsIn` = `forwarded` + `delivered` + `droppedIn` - `damagedFrames`.
    public var droppedIn: UInt64 = 0
    /// Ended in this port's egress queue, all reasons together:
    /// `enqueued` = `packetsOut` + `droppedOut` + the queue's depth.
    public var droppedOut: UInt64 = 0
    public var retries = Retries()

    public init() {}
  }

  /// Attempts that failed and were made again, by how they failed.
  public struct Retries: Codable, Hashable, Sendable {
    public var addressNotAcknowledged: UInt64 = 0
    public var dataNotAcknowledged: UInt64 = 0
    public var arbitrationLost: UInt64 = 0
    public var busBusy: UInt64 = 0
    public var timedOut: UInt64 = 0
    public var busError: UInt64 = 0

    public init() {}

    /// Saturates.
    public var total: UInt64 {
      [
        addressNotAcknowledged, dataNotAcknowledged, arbitrationLost, busBusy, timedOut, busError,
      ].reduce(0) { sum, count in
        let (next, overflow) = sum.addingReportingOverflow(count)
        return overflow ? .max : next
      }
    }
  }

  /// The egress queue, in packets.
  public struct Queue: Codable, Hashable, Sendable {
    public var depth: Int
    /// The most that ever waited.
    public var depthMax: Int
    public var capacity: Int

    public init(depth: Int, depthMax: Int, capacity: Int) {
      self.depth = depth
      self.depthMax = depthMax
      self.capacity = capacity
    }
  }

  public init(
    name: String, number: UInt8, bus: String, device: String, state: String,
    stateReason: String? = nil, retryInMs: UInt64? = nil, network: UInt8, role: String,
    address: String? = nil, eid: UInt8? = nil, transmissionUnitBytes: Int, sourceCheck: String,
    counters: Counters, queue: Queue, linkCounters: [LinkCounter] = [], notes: [String] = []
  ) {
    self.name = name
    self.number = number
    self.bus = bus
    self.device = device
    self.state = state
    self.stateReason = stateReason
    self.retryInMs = retryInMs
    self.network = network
    self.role = role
    self.address = address
    self.eid = eid
    self.transmissionUnitBytes = transmissionUnitBytes
    self.sourceCheck = sourceCheck
    self.counters = counters
    self.queue = queue
    self.linkCounters = linkCounters
    self.notes = notes
  }
}

public struct PortsResult: Codable, Hashable, Sendable {
  /// By number.
  public var ports: [PortRow]

  public init(ports: [PortRow]) { self.ports = ports }
}
