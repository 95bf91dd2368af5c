import AdminProtocol
import RouterControl
import Testing

@Suite("Rendering")
struct RenderingTests {
  private let plain = TextStyle(isBold: false)

  private func widest(_ text: String) -> Int {
    text.split(separator: "\n").reduce(0) { max($0, $1.count) }
  }

  @Test("Routes")
  func routes() {
    let result = RoutesResult(routes: [
      RouteRow(
        firstEID: 8, lastEID: 8, entryType: "self", port: "i2c-a", portNumber: 0,
        medium: "SMBus/I2C 400 kHz", binding: "SMBus/I2C", address: "0x10", isStatic: true,
        transmissionUnitBytes: 64, network: 1, uuid: nil),
      RouteRow(
        firstEID: 20, lastEID: 27, entryType: "bridge-range", port: "tty", portNumber: 1,
        medium: "serial", binding: "serial", address: nil, isStatic: false,
        transmissionUnitBytes: 251, network: 255, uuid: nil),
    ])
    #expect(
      result.text(plain) == """
        NET    EID  TYPE          PORT   NEXT HOP  MEDIUM             UNIT (BYTES)  ORIGIN
          1      8  self          i2c-a  0x10      SMBus/I2C 400 kHz            64  static
        255  20-27  bridge-range  tty    -         serial                      251  dynamic

        """)
    #expect(RoutesResult(routes: []).text(plain) == "The routing table is empty.\n")
  }

  @Test("Ports")
  func ports() {
    var counters = PortRow.Counters()
    counters.packetsIn = 1204
    counters.bytesIn = 81_003
    counters.forwarded = 1190
    counters.delivered = 10
    counters.droppedIn = 5
    counters.damagedFrames = 1
    counters.enqueued = 30
    counters.packetsOut = 27
    counters.droppedOut = 2
    counters.retries.addressNotAcknowledged = 3
    counters.retries.busError = 1
    let result = PortsResult(ports: [
      PortRow(
        name: "i2c-a", number: 0, bus: "i2c", device: "simulated", state: "up", network: 1,
        role: "owner", address: "0x10", eid: 8, transmissionUnitBytes: 64,
        sourceCheck: "strict", counters: counters,
        queue: .init(depth: 1, depthMax: 7, capacity: 64),
        linkCounters: [.init(name: "rx-crc-errors", count: 2), .init(name: "tx-errors", count: 0)],
        notes: ["a device\u{1B} is missing"]),
      PortRow(
        name: "tty", number: 31, bus: "serial", device: "/dev/ttyS4", state: "waiting",
        stateReason: "no such device", retryInMs: 4250, network: 2, role: "peer",
        transmissionUnitBytes: 251, sourceCheck: "off", counters: .init(),
        queue: .init(depth: 0, depthMax: 0, capacity: 16)),
    ])
    let text = result.text(plain)
    #expect(
      text == """
         #  PORT   BUS     DEVICE      STATE    NET  ROLE   ADDRESS  EID  UNIT (BYTES)  SOURCE CHECK
         0  i2c-a  i2c     simulated   up         1  owner  0x10       8            64  strict
        31  tty    serial  /dev/ttyS4  waiting    2  peer   -          -           251  off

        PORT   PACKETS IN  BYTES IN  FORWARDED  DELIVERED  DROPPED IN  DAMAGED FRAMES
        i2c-a        1204     81003       1190         10           5               1
        tty             0         0          0          0           0               0

        PORT   ENQUEUED  ORIGINATED  PACKETS OUT  BYTES OUT  DROPPED OUT  QUEUE NOW  MOST  OF
        i2c-a        30           0           27          0            2          1     7  64
        tty           0           0            0          0            0          0     0  16

        i2c-a: retries 4: 3 address not acknowledged, 1 bus error
        i2c-a: rx-crc-errors 2
        i2c-a: a device? is missing
        tty: waiting, no such device, next attempt in 4.3 s

        """)
    #expect(widest(text) <= 100)
    #expect(PortsResult(ports: []).text(plain) == "No ports are configured.\n")
  }

  @Test("A scan shows where something is, a single address whatever it said")
  func probe() {
    let rows: [ProbeResult.Row] = [
      .init(address: "0x10", outcome: "kernel-driver"),
      .init(
        address: "0x1d", outcome: "acknowledged", vendorID: 0x8086, deviceID: 0x12,
        claimsMCTP: true),
      .init(address: "0x1e", outcome: "not-acknowledged"),
      .init(address: "0x50", outcome: "failed", cause: "Connection timed out (110)"),
    ]
    #expect(
      ProbeResult(port: "i2c-a", rows: rows).text(plain) == """
        ADDRESS  OUTCOME                 MCTP     VENDOR  DEVICE  CAUSE
        0x10     a kernel driver has it  -        -       -       -
        0x1d     acknowledged            claimed  0x8086  0x0012  -
        0x50     failed                  -        -       -       Connection timed out (110)
        4 addresses asked

        """)
    #expect(
      ProbeResult(port: "i2c-a", rows: [rows[2]]).text(plain) == """
        ADDRESS  OUTCOME
        0x1e     not acknowledged

        """)
    #expect(
      ProbeResult(port: "i2c-a", rows: [rows[2], rows[2]]).text(plain)
        == "Nobody acknowledges on i2c-a.\n2 addresses asked\n")
  }

  @Test("Drops")
  func drops() {
    let result = DropsResult(
      counters: [
        DropRow(port: "i2c-a", direction: .ingress, reason: "frameIntegrity", count: 3),
        DropRow(port: "tty", direction: .egress, reason: "ofANewerDaemon", count: 12_004),
      ],
      recent: [
        RecentDrop(
          ageMs: 1234, port: "i2c-a", direction: .ingress, reason: "destinationUnroutable",
          address: "0x1d", header: HexBytes([0x01, 0x63, 0x09, 0xC8, 0x00, 0x80, 0x02]), length: 7),
        RecentDrop(
          ageMs: 0, port: "tty", direction: .ingress, reason: "noise", address: nil,
          header: HexBytes([0x55, 0xAA]), length: 2),
      ])
    let decoded = "9 > 99 SOM EOM seq 0 tag 0 TO, control Get Endpoint ID request, instance 0"
    #expect(
      result.text(plain) == """
        PORT   WAY  COUNT  REASON          MEANING
        i2c-a  in       3  frameIntegrity  PEC or FCS is wrong
        tty    out  12004  ofANewerDaemon  -

        AGE (S)  PORT   WAY  REASON                 ADDRESS  BYTES  WHAT
            1.2  i2c-a  in   destinationUnroutable  0x1d         7  \(decoded)
            0.0  tty    in   noise                  -            2  55 aa

        """)
    #expect(DropsResult(counters: [], recent: []).text(plain) == "Nothing was dropped.\n")
  }

  @Test("Status")
  func status() {
    let result = StatusResult(
      name: "demo", programVersion: "0.1.0", uptimeMs: 61_000, topologyPath: "/etc/demo.yaml",
      processID: 4711,
      ownEIDs: [.init(eid: 8, network: 1), .init(eid: 11, network: 2, port: "i2c-b")])
    #expect(
      result.text(plain) == """
        name:      demo
        version:   0.1.0
        process:   4711
        uptime:    1 min 1 s
        topology:  /etc/demo.yaml
        own EIDs:  8 (network 1), 11 (network 2, port i2c-b)

        """)
  }

  @Test("Explain")
  func explain() {
    let steps: [ExplainResult.Step] = [
      .init(check: "header", outcome: .passed, detail: "version 1"),
      .init(check: "look-up", outcome: .failed, detail: "no entry holds 99"),
    ]
    let dropped = ExplainResult(verdict: .dropped, reason: "destinationUnroutable", steps: steps)
    #expect(
      dropped.text(plain) == """
        CHECK    OUTCOME  DETAIL
        header   passed   version 1
        look-up  failed   no entry holds 99

        Verdict: dropped, destinationUnroutable: no routing table entry for the destination EID.

        """)
    let forwarded = ExplainResult(
      verdict: .forwarded, egressPort: "i3c-a", nextHop: "02ae00000000", steps: [])
    #expect(
      forwarded.text(plain)
        == "The daemon names no steps.\n\n"
        + "Verdict: forwarded to port i3c-a, next hop 02ae00000000.\n")
    let delivered = ExplainResult(verdict: .delivered, steps: [])
    #expect(delivered.text(plain).hasSuffix("Verdict: delivered to this device.\n"))
  }

  @Test("Send decodes the response and shows its bytes")
  func send() {
    let result = SendResult(
      source: 9, message: HexBytes([0x00, 0x00, 0x0B, 0x05]), roundTripUs: 1843)
    #expect(
      result.text(plain) == """
        answer from EID 9, 4 bytes, 1.843 ms
        control Prepare for Endpoint Discovery response, instance 0, ERROR_UNSUPPORTED_CMD
        00 00 0b 05

        """)
  }

  @Test("JSON is one line, whatever the names hold")
  func json() throws {
    let result = DropsResult(
      counters: [DropRow(port: "a\nb", direction: .ingress, reason: "noise", count: .max)],
      recent: [])
    #expect(
      try jsonText(result)
        == "{\"counters\":[{\"count\":18446744073709551615,\"direction\":\"in\",\"port\":\"a\\nb\",\"reason\":\"noise\"}],"
        + "\"recent\":[]}\n")
  }
}
