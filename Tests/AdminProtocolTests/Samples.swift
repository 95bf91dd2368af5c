import AdminProtocol

/// Values with every field set, for round trips.
enum Samples {
  static let requests: [AdminRequest.Body] = [
    .status, .ports, .routes, .endpoints, .drops,
    .ping(PingRequest(eid: 9, timeoutMs: 1000)),
    .ping(PingRequest(eid: 254, from: 8, network: 255, timeoutMs: 60_000)),
    .send(SendRequest(eid: 9, message: HexBytes([0x00, 0x80, 0x02]), timeoutMs: 1)),
    .send(
      SendRequest(eid: 8, from: 11, network: 1, message: HexBytes([0x7E]), timeoutMs: 250)),
    .explain(ExplainRequest(source: 0, destination: 255)),
    .explain(
      ExplainRequest(source: 9, destination: 20, port: "i2c-a", payloadBytes: 0, network: 2)),
    .probe(ProbeRequest(port: "i2c-a", timeoutMs: 10_000)),
    .probe(ProbeRequest(port: "i2c-a", address: 0x1D, timeoutMs: 1)),
    .eids(EIDsRequest()), .eids(EIDsRequest(network: 255)),
    .tree(TreeRequest()), .tree(TreeRequest(network: 1)),
    .discovery(DiscoveryRequest()), .discovery(DiscoveryRequest(port: "i2c-a")),
    .discover(DiscoverRequest(port: "i2c-a")),
    .assign(AssignRequest(eid: 8, port: "tty")),
    .assign(AssignRequest(eid: 254, port: "i3c-a", address: "02ae00000000")),
    .allocate(AllocateRequest(eid: 9, count: 246)),
    .allocate(AllocateRequest(eid: 9, count: 1, network: 2)),
    .forget(ForgetRequest(eid: 9)), .forget(ForgetRequest(eid: 254, network: 255)),
    .recover(RecoverRequest(eid: 9)), .recover(RecoverRequest(eid: 254, network: 255)),
    .events(EventsRequest()), .events(EventsRequest(since: 0)),
    .events(EventsRequest(since: 9_223_372_036_854_775_807)),
  ]

  static let status = StatusResult(
    name: "demo", programVersion: "0.1.0", uptimeMs: 93_784_005,
    topologyPath: "/etc/mctp-router/demo.yaml", processID: 4711,
    ownEIDs: [.init(eid: 8, network: 1), .init(eid: 11, network: 2, port: "i2c-b")])

  static let ports = PortsResult(ports: [
    PortRow(
      name: "i2c-a", number: 0, bus: "i2c", device: "simulated", state: "up", network: 1,
      role: "owner", address: "0x10", eid: 8, transmissionUnitBytes: 64, sourceCheck: "strict",
      counters: counters, queue: .init(depth: 1, depthMax: 7, capacity: 64),
      linkCounters: [.init(name: "rx-crc-errors", count: 3), .init(name: "tx-errors", count: 0)],
      notes: ["/dev/i3c-mctp-1: no such device"]),
    PortRow(
      name: "tty", number: 31, bus: "serial", device: "/dev/ttyS4", state: "waiting",
      stateReason: "no such device", retryInMs: 4250, network: 2, role: "peer",
      transmissionUnitBytes: 251, sourceCheck: "off", counters: .init(),
      queue: .init(depth: 0, depthMax: 0, capacity: 16)),
  ])

  static var counters: PortRow.Counters {
    var counters = PortRow.Counters()
    counters.packetsIn = 1204
    counters.bytesIn = 81_003
    counters.packetsOut = 1100
    counters.bytesOut = 70_000
    counters.forwarded = 1190
    counters.delivered = 10
    counters.originated = 12
    counters.droppedIn = 4
    counters.retries.addressNotAcknowledged = 3
    counters.retries.arbitrationLost = 2
    return counters
  }

  static let routes = RoutesResult(routes: [
    RouteRow(
      firstEID: 8, lastEID: 8, entryType: "self", port: "i2c-a", portNumber: 0,
      medium: "I2C 400 kHz", binding: "SMBus", address: "0x10", isStatic: true,
      transmissionUnitBytes: 64, network: 1, uuid: "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"),
    RouteRow(
      firstEID: 20, lastEID: 27, entryType: "bridge-range", port: "tty", portNumber: 31,
      medium: "serial", binding: "serial", address: nil, isStatic: false,
      transmissionUnitBytes: 251, network: 2, uuid: nil),
  ])

  static let drops = DropsResult(
    counters: [DropRow(port: "i2c-a", direction: .egress, reason: "frameIntegrity", count: 3)],
    recent: [
      RecentDrop(
        ageMs: 12_004, port: "i2c-a", direction: .egress, reason: "destinationUnroutable",
        address: "0x1d",
        header: HexBytes([0x01, 0x63, 0x09, 0xC8]), length: 7)
    ])

  static let ping = PingResult(responder: 9, roundTripUs: 1843, completionCode: 0)
  static let send = SendResult(
    source: 9, message: HexBytes([0x00, 0x00, 0x02, 0x00, 0x09, 0x00, 0x00]), roundTripUs: 902)
  static let probe = ProbeResult(
    port: "i2c-a",
    rows: [
      .init(
        address: "0x1d", outcome: "acknowledged", vendorID: 0x8086, deviceID: 1,
        claimsMCTP: true),
      .init(address: "0x50", outcome: "failed", cause: "Connection timed out (110)"),
    ])
  static let explain = ExplainResult(
    verdict: .dropped, reason: "destinationUnroutable", egressPort: nil, nextHop: nil,
    steps: [
      .init(check: "source EID", outcome: .passed, detail: "9 lies behind i2c-a"),
      .init(check: "look-up", outcome: .failed, detail: "no entry holds 99"),
    ])
}

/// A small generator with a fixed seed: the same bytes in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

func bytes(_ text: String) -> [UInt8] { [UInt8](text.utf8) }
