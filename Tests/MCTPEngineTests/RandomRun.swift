import MCTPEngine
import MCTPWire
import TestSupport

/// A long random life of one bridge: two networks, six ports of every policy, packets valid and
/// not, media that fail, ports that go down and come back.
final class RandomRun {
  let rig: Rig
  let books: Books
  var random: SplitMix64
  let ports: [PortConfiguration]
  let routes: [RoutingTableEntry]
  var step: UInt32 = 0
  /// The number in the last packet that left, by port and stream.
  var lastOut: [[UInt8]: UInt32] = [:]
  var forwardedOut = 0
  var issues: [String] = []

  init(seed: UInt64, policy: EIDPolicy) throws {
    random = SplitMix64(seed: seed)
    ports = [
      .test(0, role: .endpoint, eid: 8, queue: 3, check: .strict),
      .test(1, eid: policy == .perUpstreamPort ? nil : policy == .single ? 8 : 9, queue: 1),
      .test(2, eid: policy == .perUpstreamPort ? nil : 8, unit: 96, queue: 5, check: .loose),
      .test(
        3, role: .endpoint, eid: policy == .single ? 8 : nil, address: .none, queue: 2, check: .off,
        binding: .serial, medium: .serial),
      .test(4, network: 2, eid: 8, queue: 4, check: .off),
      .test(5, network: 2, eid: 9, unit: 128, queue: 2, check: .off),
    ]
    routes = [
      .test(0x20, port: 0, at: .i2c(0x40)), .test(0x21, 3, port: 0, at: .i2c(0x41)),
      .test(0x28, 4, port: 1, at: .i2c(0x42)), .test(0x29, port: 2, at: .i2c(0x43)),
      .test(0x30, 2, port: 2, at: .i2c(0x44)), .test(0x38, 8, port: 3),
      .test(0x20, port: 4, at: .i2c(0x40)), .test(0x50, 3, port: 5, at: .i2c(0x45)),
      .test(0x38, port: 5, at: .i2c(0x46), unit: 70), .test(0x51, port: 4, at: .i2c(0x47)),
    ]
    rig = try Rig(EngineConfiguration(eidPolicy: policy, ports: ports), routes: routes)
    books = Books(portCount: ports.count)
  }

  func fail(_ what: String) { issues.append("step \(step): \(what)") }

  static let addresses: [PhysicalAddress] = [
    .none, .i2c(0x40), .i2c(0x41), .i2c(0x42), .i2c(0x43), .i2c(0x44), .i2c(0x45),
  ]
  static let eids: [UInt8] = [
    0x00, 0xFF, 0x08, 0x09, 0x20, 0x21, 0x22, 0x28, 0x29, 0x30, 0x38, 0x3A, 0x50, 0x51, 0x70, 0x03,
  ]

  /// Takes so many steps, or fewer when something is wrong.
  func run(_ steps: Int) {
    for _ in 0..<steps where issues.isEmpty {
      step += 1
      rig.now = Instant(nanoseconds: UInt64(step) * 1000)
      switch random.below(100) {
      case 0..<45: receive(valid())
      case 45..<53: receive(random.bytes(random.below(80)))
      case 53..<60: receive(controlRequest())
      case 60..<75: begin()
      case 75..<92: finish()
      case 92..<94: send()
      case 94..<96: change()
      case 96..<97: dropFrame()
      default:
        for _ in 0..<3 {
          begin()
          finish()
        }
      }
      for difference in books.differences(rig) { fail(difference) }
      for (index, port) in ports.enumerated()
      where rig.queueDepth(UInt8(index)) > port.queueDepth { fail("queue \(index) too long") }
      while rig.engine.nextEvent() != nil {}
    }
  }

  private func valid() -> [UInt8] {
    let (source, destination) = (Self.eids[random.below(16)], Self.eids[random.below(16)])
    let number = (0..<4).map { UInt8(truncatingIfNeeded: step >> (24 - 8 * $0)) }
    let count = [0, 3, 59, 60, 66, 92, 93, 124][random.below(8)]
    let flags = UInt8(truncatingIfNeeded: random.next())
    return [0x01, destination, source, flags, 0x7E] + number + random.bytes(count)
  }

  private func controlRequest() -> [UInt8] {
    let destination = [0x00, 0xFF, 0x08, 0x09][random.below(4)] as UInt8
    let datagram: UInt8 = random.below(6) == 0 ? 0x40 : 0
    let command = UInt8(random.below(0x16))
    // No Set Endpoint ID to an EID that the rules below do not know.
    let data = command == 1 ? [0x00, 0x08] : random.bytes(random.below(3))
    return [0x01, destination, Self.eids[random.below(16)], 0xC8, 0x00, 0x80 | datagram, command]
      + data
  }

  private func receive(_ bytes: [UInt8]) {
    let port = random.below(ports.count)
    let address = Self.addresses[random.below(7)]
    let depth = rig.queueDepth(UInt8(port))
    let disposition = rig.receive(bytes, on: UInt8(port), from: address)
    books.ports[port].packetsIn += 1
    books.ports[port].bytesIn += UInt64(bytes.count)
    switch disposition {
    case .forwarded(let egress):
      books.ports[port].forwarded += 1
      books.enqueue(bytes, on: Int(egress.rawValue))
      judge(bytes, from: port, to: Int(egress.rawValue))
    case .deliver:
      books.ports[port].delivered += 1
      if random.below(4) == 0 { endInReassembly(bytes, port, address) }
    case .answered:
      books.ports[port].delivered += 1
      answered(bytes, on: port, depth: depth)
    case .dropped(let reason):
      books.dropIngress(reason, on: port)
      checkRing(reason, bytes, port)
    }
  }

  /// An answer waits at the port, or found no place there.
  private func answered(_ bytes: [UInt8], on port: Int, depth: Int) {
    guard bytes[5] & 0x40 == 0 else { return }
    books.ports[port].originated += 1
    if !books.ports[port].isUp {
      books.ports[port].enqueued += 1
      books.dropEgress(.portDown, on: port)
    } else if depth < ports[port].queueDepth {
      books.enqueue(nil, on: port)
    } else {
      books.ports[port].enqueued += 1
      books.dropEgress(.egressQueueFull, on: port)
    }
  }

  private func endInReassembly(_ bytes: [UInt8], _ port: Int, _ address: PhysicalAddress) {
    let packets = 1 + UInt64(random.below(Int(min(3, books.ports[port].delivered))))
    rig.engine.dropDelivered(
      .outOfSequence, packets: packets, packet: bytes.span, on: PortID(rawValue: UInt8(port)),
      from: address, now: rig.now)
    books.ports[port].delivered -= packets
    books.dropIngress(.outOfSequence, on: port, packets: packets)
    checkRing(.outOfSequence, bytes, port)
  }

  private func checkRing(_ reason: DropReason, _ bytes: [UInt8], _ port: Int) {
    let drop = rig.recentDrop()
    if drop?.reason != reason || drop?.firstBytes.array != Array(bytes.prefix(16))
      || Int(drop?.port.rawValue ?? 99) != port || drop?.byteCount != bytes.count
      || drop?.time != rig.now || drop?.number != books.drops
    {
      fail("the newest line of the ring is not this drop")
    }
  }

  /// What may cross at all.
  private func judge(_ bytes: [UInt8], from ingress: Int, to egress: Int) {
    if bytes.count < 4 || bytes[0] & 0x0F != 1 { fail("no packet crossed") }
    if ports[ingress].network != ports[egress].network { fail("a packet crossed networks") }
    if !(8...254).contains(bytes[1]) || !(8...254).contains(bytes[2]) {
      fail("EIDs \(bytes[2]) to \(bytes[1]) crossed")
    }
    if bytes.count - 4 > ports[egress].transmissionUnitBytes { fail("too large for the port") }
    if !books.ports[egress].isUp { fail("forwarded to a port that is down") }
    func leads(_ eid: UInt8, to port: Int) -> Bool {
      routes.contains { $0.contains(EID(eid)) && Int($0.port.rawValue) == port }
    }
    if !leads(bytes[1], to: egress) { fail("no route leads there") }
    if ports[ingress].sourceCheck == .strict, !leads(bytes[2], to: ingress) {
      fail("the source is not behind the port")
    }
  }

  private func begin() {
    let port = random.below(ports.count)
    let transmission = rig.nextTransmission(on: UInt8(port))
    let hasWaiting = books.ports[port].queue.count > books.ports[port].inFlight
    guard let transmission, hasWaiting else {
      if (transmission != nil) != hasWaiting { fail("waiting packets of port \(port)") }
      return
    }
    let waiting = books.ports[port].queue[books.ports[port].inFlight]
    let bytes = rig.bytes(of: transmission)
    if let expected = waiting.bytes, expected != bytes { fail("bytes changed or order lost") }
    if waiting.bytes == nil, bytes.count < 8 || bytes[4] != 0 || bytes[5] & 0xC0 != 0 {
      fail("not an answer: \(hexText(bytes))")
    }
    if Int(transmission.failedAttempts) != waiting.failedAttempts { fail("failed attempts") }
    books.ports[port].queue[books.ports[port].inFlight].bytes = bytes
    books.ports[port].inFlight += 1
  }

  private func finish() {
    let port = random.below(ports.count)
    guard books.ports[port].inFlight > 0 else { return }
    let raw = random.below(3) == 0 ? 0 : random.below(TransmissionResult.tableSize)
    guard let result = TransmissionResult(rawValue: UInt8(raw)) else { return }
    let bytes = books.ports[port].queue[0].bytes ?? []
    rig.finish(result, on: UInt8(port))
    books.finish(result, on: port, byteCount: bytes.count)
    if result == .sent { sent(bytes, port) }
  }

  /// Numbers of one stream (egress, source, destination, tag) leave in the order they came in.
  private func sent(_ bytes: [UInt8], _ port: Int) {
    guard bytes.count >= 9, bytes[4] == 0x7E else { return }
    let number = bytes[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    // Garbage may look numbered, with numbers from beyond this run.
    guard number <= step else { return }
    forwardedOut += 1
    let stream = [UInt8(port), bytes[1], bytes[2], bytes[3] & 0x0F]
    if let last = lastOut[stream], last >= number { fail("\(number) left after \(last)") }
    lastOut[stream] = number
  }

  private func send() {
    let port = random.below(ports.count)
    let bytes = [0x01, 0x20, 0x08, 0xC8] + random.bytes(60 + random.below(80))
    books.ports[port].originated += 1
    let depth = books.ports[port].queue.count
    let expected: DropReason? =
      bytes.count - 4 > ports[port].transmissionUnitBytes
      ? .transmissionUnitExceeded
      : !books.ports[port].isUp
        ? .portDown : depth == ports[port].queueDepth ? .egressQueueFull : nil
    let reason = rig.send(bytes, on: UInt8(port), to: .i2c(0x40))
    if reason != expected { fail("sent: \(String(describing: reason))") }
    if let reason {
      books.ports[port].enqueued += 1
      books.dropEgress(reason, on: port)
    } else {
      books.enqueue(bytes, on: port)
    }
  }

  private func change() {
    let port = random.below(ports.count)
    let isUp = random.below(3) != 0
    rig.setUp(UInt8(port), isUp)
    books.setUp(isUp, on: port)
  }

  private func dropFrame() {
    let port = random.below(ports.count)
    let bytes = random.bytes(random.below(40))
    rig.engine.dropFrame(
      .frameIntegrity, bytes: bytes.span, on: PortID(rawValue: UInt8(port)), now: rig.now)
    books.dropIngress(.frameIntegrity, on: port)
    checkRing(.frameIntegrity, bytes, port)
  }
}
