import MCTPEndpoint
import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("A simulated device")
struct SimulatedEndpointTests {
  private typealias Configuration = SimulatedEndpointConfiguration
  private let sender = PhysicalAddress.i2c(0x10)

  private func packets(_ endpoint: SimulatedEndpoint, _ now: Instant = .zero) -> [[UInt8]] {
    var all: [[UInt8]] = []
    while let packet = endpoint.nextPacket(now: now) { all.append(packet.bytes) }
    return all
  }

  /// Every packet that answers one packet.
  private func ask(_ endpoint: SimulatedEndpoint, packet: String) -> [String] {
    endpoint.receive(hex(packet).span, from: sender, now: .zero)
    return packets(endpoint).map(hexText)
  }

  /// The body that answers a body, asked by EID 8 of whoever is there.
  private func ask(_ endpoint: SimulatedEndpoint, body: String) -> String? {
    let answers = ask(endpoint, packet: "01 00 08 c8" + body)
    #expect(answers.count <= 1)
    return answers.first.map { String($0.dropFirst("01 08 00 c0 ".count)) }
  }

  @Test(
    "Set and Get Endpoint ID answer as vectors V5 to V7",
    .spec("DSP0236 1.3.3 §12, commands 0x01 and 0x02"))
  func endpointID() {
    // mctpd calls an EID that it has just been given static and present: type byte 02.
    let endpoint = SimulatedEndpoint(Configuration(eidType: .staticPresent))
    #expect(ask(endpoint, body: "00 80 02") == "00 00 02 00 00 02 00")
    #expect(ask(endpoint, body: "00 80 01 00 42") == "00 00 01 00 00 42 00")
    #expect(ask(endpoint, body: "00 80 02") == "00 00 02 00 42 02 00")
    #expect(endpoint.eid == EID(0x42))
  }

  @Test("Discovery commands answer as V8 and V9 where the binding has them, as V10 elsewhere")
  func discovery() {
    let pcie = SimulatedEndpoint(Configuration(hasDiscovery: true))
    #expect(ask(pcie, body: "00 80 0b") == "00 00 0b 00")
    #expect(ask(pcie, body: "00 80 0c") == "00 00 0c 00")
    #expect(ask(pcie, body: "00 80 01 03 08") == "00 00 01 00 10 00 00")
    #expect(ask(pcie, body: "00 80 0c") == nil)
    #expect(ask(pcie, body: "00 80 0b") == "00 00 0b 00")
    #expect(ask(pcie, body: "00 80 0c") == "00 00 0c 00")
    let smbus = SimulatedEndpoint(Configuration())
    #expect(ask(smbus, body: "00 80 0b") == "00 00 0b 05")
    #expect(ask(smbus, body: "00 80 0c") == "00 00 0c 05")
    #expect(ask(smbus, body: "00 80 01 03 08") == "00 00 01 02")
  }

  @Test(
    "Message types are counted with control, as V11 to V13",
    arguments: [
      ([], "00 00 05 00 01 00"), ([.spdm], "00 00 05 00 02 00 05"),
      ([.vendorPCI, .vendorIANA], "00 00 05 00 03 00 7e 7f"),
    ] as [([MessageType], String)])
  func messageTypes(_ types: [MessageType], _ answer: String) {
    let endpoint = SimulatedEndpoint(Configuration(messageTypes: types))
    #expect(ask(endpoint, body: "00 80 05") == answer)
  }

  @Test("Vendor message sets are enumerated as V14 to V16")
  func vendorSets() {
    let none = SimulatedEndpoint(Configuration())
    #expect(ask(none, body: "00 80 06 00") == "00 00 06 02")
    let one = SimulatedEndpoint(
      Configuration(vendorSets: [.init(vendorID: .pci(0xABCD), commandSet: 0x0001)]))
    #expect(ask(one, body: "00 80 06 00") == "00 00 06 00 ff 00 ab cd 00 01")
    #expect(ask(one, body: "00 80 06 01") == "00 00 06 02")
    let two = SimulatedEndpoint(
      Configuration(vendorSets: [
        .init(vendorID: .iana(0x1234_ABCD), commandSet: 0x5678),
        .init(vendorID: .pci(0xABCD), commandSet: 0x5678),
      ]))
    #expect(ask(two, body: "00 80 06 00") == "00 00 06 00 01 01 12 34 ab cd 56 78")
    #expect(ask(two, body: "00 80 06 01") == "00 00 06 00 ff 00 ab cd 56 78")
  }

  @Test("Versions are those of V18; a type it lacks is refused as in V37")
  func versions() {
    let endpoint = SimulatedEndpoint(Configuration(messageTypes: [.spdm]))
    let all = "00 00 04 00 04 f1 f0 ff 00 f1 f1 ff 00 f1 f2 ff 00 f1 f3 f3 00"
    #expect(ask(endpoint, body: "00 80 04 00") == all)
    #expect(ask(endpoint, body: "00 80 04 ff") == all)
    #expect(ask(endpoint, body: "00 80 04 05") == "00 00 04 00 01 f1 f0 ff 00")
    #expect(ask(endpoint, body: "00 80 04 01") == "00 00 04 80")
  }

  @Test("The UUID is that of V38; a device without one does not know the command")
  func uuid() {
    let endpoint = SimulatedEndpoint(
      Configuration(
        uuid: EndpointUUID(high: 0x21F0_F554_7F7C_4211, low: 0x9CA1_6D0F_000E_A9E7)))
    #expect(
      ask(endpoint, body: "00 80 03")
        == "00 00 03 00 21 f0 f5 54 7f 7c 42 11 9c a1 6d 0f 00 0e a9 e7")
    #expect(ask(SimulatedEndpoint(Configuration()), body: "00 80 03") == "00 00 03 05")
  }

  @Test(
    "Illegal values, wrong lengths and unknown commands are refused, as V31 and V36",
    arguments: [
      // EID 0 to a device without one: answered from EID 0.
      (EID.null, "01 00 08 c8 00 8a 01 00 00", "01 08 00 c0 00 0a 01 02"),
      (EID.null, "01 00 08 c8 00 8a 01 00 ff", "01 08 00 c0 00 0a 01 02"),
      (EID.null, "01 00 08 c8 00 8a 01 00 07", "01 08 00 c0 00 0a 01 02"),
      // Reset EID without a static one.
      (EID(9), "01 09 08 c8 00 80 01 02 08", "01 08 09 c0 00 00 01 02"),
      (EID(9), "01 09 08 c8 00 8b f2", "01 08 09 c0 00 0b f2 05"),
      (EID(9), "01 09 08 cb 00 81 02 00", "01 08 09 c3 00 01 02 03"),
      (EID(9), "01 09 08 c8 00 81 01 00", "01 08 09 c0 00 01 01 03"),
      (EID(9), "01 00 08 c8 00 81 04", "01 08 09 c0 00 01 04 03"),
    ])
  func refusals(_ eid: EID, _ request: String, _ answer: String) {
    let endpoint = SimulatedEndpoint(Configuration(eid: eid))
    #expect(ask(endpoint, packet: request) == [answer])
    #expect(endpoint.eid == eid)
  }

  @Test("A new EID answers for itself at once when the request named none")
  func answersFromNewEID() {
    let endpoint = SimulatedEndpoint(Configuration())
    #expect(
      ask(endpoint, packet: "01 00 08 c8 00 81 01 00 1d")
        == ["01 08 1d c0 00 01 01 00 00 1d 00"])
    // The sequence number runs on from one message to the next.
    #expect(
      ask(endpoint, packet: "01 1d 08 c8 00 82 01 01 1e")
        == ["01 08 1d d0 00 02 01 00 00 1e 00"])
  }

  @Test("Reset EID gives back the static one")
  func reset() {
    let endpoint = SimulatedEndpoint(Configuration(eid: EID(20), eidType: .staticSupported))
    _ = ask(endpoint, body: "00 80 01 00 42")
    #expect(endpoint.eid == EID(0x42))
    #expect(ask(endpoint, body: "00 80 01 02 08") == "00 00 01 00 00 14 00")
    #expect(endpoint.eid == EID(20))
  }

  @Test(
    "Impossible control flags are discarded in silence and counted, as V41",
    .spec("DSP0236 1.3.3 §11"),
    arguments: [
      ("01 09 08 c0 00 80 02", DropReason.unexpectedTag),
      ("01 09 08 c8 00 00 02 00", .controlMalformed),
      ("01 09 08 c8 80 80 02", .controlMalformed),
      ("01 09 08 c0 00 40 02 00", .unexpectedTag),
      ("01 09 08 c8 00 80", .controlMalformed),
    ])
  func malformed(_ packet: String, _ reason: DropReason) {
    let endpoint = SimulatedEndpoint(Configuration(eid: EID(9)))
    #expect(ask(endpoint, packet: packet) == [])
    #expect(endpoint.dropCounts == [reason: 1])
  }

  @Test("A datagram is obeyed and not answered; a broadcast is answered by the own EID")
  func datagramAndBroadcast() {
    let endpoint = SimulatedEndpoint(Configuration(eid: EID(9)))
    #expect(ask(endpoint, packet: "01 09 08 c8 00 c0 01 00 0a") == [])
    #expect(endpoint.eid == EID(10))
    #expect(
      ask(endpoint, packet: "01 ff 08 c8 00 80 02") == ["01 08 0a c0 00 00 02 00 0a 00 00"])
  }

  @Test("What is for another EID is not taken")
  func otherDestination() {
    let endpoint = SimulatedEndpoint(Configuration(eid: EID(9)))
    #expect(ask(endpoint, packet: "01 0a 08 c8 00 80 02") == [])
    #expect(endpoint.dropCounts == [.destinationUnroutable: 1])
    #expect(endpoint.packetsIn == 1)
    #expect(endpoint.packetsOut == 0)
  }

  @Test("A vendor defined message comes back in as many packets as it came, with the tag's reply")
  func echo() {
    for type: UInt8 in [0x7E, 0x7F] {
      let endpoint = SimulatedEndpoint(Configuration(eid: EID(9)))
      let body = [type] + (1..<150).map { UInt8($0) }
      // As V27: 64, 64 and 22 bytes, SOM, middle, EOM; tag 3.
      let cuts: [(UInt8, Range<Int>)] = [(0x8B, 0..<64), (0x1B, 64..<128), (0x6B, 128..<150)]
      for (flags, range) in cuts {
        #expect(packets(endpoint) == [])
        let packet = [1, 9, 8, flags] + body[range]
        endpoint.receive(packet.span, from: sender, now: .zero)
      }
      let answer = packets(endpoint)
      #expect(answer.map { $0.count - 4 } == [64, 64, 22])
      #expect(answer.flatMap { $0.dropFirst(4) } == body)
      #expect(answer.map { $0[3] & 0xCF } == [0x83, 0x03, 0x43])
      #expect(answer.allSatisfy { $0[1] == 8 && $0[2] == 9 })
      let sequence = answer.map { $0[3] >> 4 & 3 }
      #expect((sequence[0] + 1) & 3 == sequence[1])
      #expect((sequence[1] + 1) & 3 == sequence[2])
    }
  }

  @Test("Types that it has no answer for are counted, not echoed")
  func otherTypes() {
    let endpoint = SimulatedEndpoint(Configuration(eid: EID(9), messageTypes: [.spdm]))
    #expect(ask(endpoint, packet: "01 09 08 c8 05 10") == [])
    #expect(ask(endpoint, packet: "01 09 08 c8 7e 10") == [])
    #expect(endpoint.dropCounts == [.messageTypeUnsupported: 2])
  }

  @Test("Answers go to where the request came from, requests to the bridge")
  func addresses() throws {
    let endpoint = SimulatedEndpoint(
      Configuration(eid: EID(9), bridgeAddress: .i2c(0x10)))
    endpoint.receive(hex("01 09 08 c8 00 80 02").span, from: .i2c(0x33), now: .zero)
    #expect(endpoint.nextPacket(now: .zero)?.address == .i2c(0x33))
    _ = try endpoint.ping(EID(30), now: .zero)
    #expect(endpoint.nextPacket(now: .zero)?.address == .i2c(0x10))
  }

  @Test("One device pings another; the answer is told with who gave it")
  func ping() throws {
    let asker = SimulatedEndpoint(Configuration(eid: EID(9)))
    let asked = SimulatedEndpoint(Configuration(eid: EID(30)))
    let ticket = try asker.ping(EID(30), now: .zero)
    let request = packets(asker)
    #expect(request.count == 1)
    #expect(request.first?.prefix(3) == [0x01, 0x1E, 0x09])
    #expect(request.first?.dropFirst(4) == [0x00, 0x81, 0x02])
    for packet in request { asked.receive(packet.span, from: .none, now: .zero) }
    for packet in packets(asked) { asker.receive(packet.span, from: .none, now: .zero) }
    #expect(
      asker.nextOutcome()
        == .answered(
          ticket, by: EID(30), body: hex("00 01 02 00 1e 00 00"), at: .zero))
    #expect(asker.nextOutcome() == nil)
    #expect(asker.dropCounts == [:])
  }

  @Test("A broadcast request ends with its first answer, once; the others are dropped")
  func broadcast() throws {
    let asker = SimulatedEndpoint(Configuration(eid: EID(9)))
    let ticket = try asker.ping(.broadcast, timeoutMs: 250, now: .zero)
    let request = packets(asker)
    #expect(request.first?.prefix(3) == [0x01, 0xFF, 0x09])
    for eid: UInt8 in [30, 31, 32] {
      let asked = SimulatedEndpoint(Configuration(eid: EID(eid)))
      for packet in request { asked.receive(packet.span, from: .none, now: .zero) }
      for packet in packets(asked) { asker.receive(packet.span, from: .none, now: .zero) }
    }
    asker.advance(to: Instant.zero.advanced(byMs: 60_000))
    #expect(
      asker.nextOutcome()
        == .answered(ticket, by: EID(30), body: hex("00 01 02 00 1e 00 00"), at: .zero))
    #expect(asker.nextOutcome() == nil)
    #expect(asker.dropCounts.values.reduce(0, +) == 2)
  }

  @Test("A long request is echoed back whole")
  func request() throws {
    let asker = SimulatedEndpoint(Configuration(eid: EID(9)))
    let asked = SimulatedEndpoint(Configuration(eid: EID(30)))
    let body = [0x7F] + (0..<4000).map { UInt8(truncatingIfNeeded: $0) }
    let ticket = try asker.request(body.span, to: EID(30), now: .zero)
    for packet in packets(asker) { asked.receive(packet.span, from: .none, now: .zero) }
    for packet in packets(asked) { asker.receive(packet.span, from: .none, now: .zero) }
    #expect(asker.nextOutcome() == .answered(ticket, by: EID(30), body: body, at: .zero))
  }

  @Test("Nobody answers: the request times out once, at its time")
  func timesOut() throws {
    let asker = SimulatedEndpoint(Configuration(eid: EID(9)))
    let ticket = try asker.ping(EID(30), timeoutMs: 250, now: .zero)
    _ = packets(asker)
    #expect(asker.nextDeadline == Instant.zero.advanced(byMs: 250))
    asker.advance(to: Instant.zero.advanced(byMs: 249))
    #expect(asker.nextOutcome() == nil)
    asker.advance(to: Instant.zero.advanced(byMs: 250))
    #expect(asker.nextOutcome() == .timedOut(ticket))
    #expect(asker.nextOutcome() == nil)
  }

  @Test(
    "An answer with another instance ID or command is no answer", .spec("DSP0236 1.3.3 §11"),
    arguments: ["00 02 02 00 1e 00 00", "00 01 03 00 1e 00 00", "00 81 02 00 1e 00 00", "7e 01"])
  func wrongAnswer(_ body: String) throws {
    let asker = SimulatedEndpoint(Configuration(eid: EID(9)))
    let ticket = try asker.ping(EID(30), now: .zero)
    let tag = (packets(asker).first?[3] ?? 0) & 0x07
    let answer = [0x01, 0x09, 0x1E, 0xC0 | tag] + hex(body)
    asker.receive(answer.span, from: .none, now: .zero)
    #expect(asker.nextOutcome() == .failed(ticket, .responseUnexpected))
    #expect(asker.dropCounts == [.responseUnexpected: 1])
  }

  @Test("Random packets never trap, and each is answered, held or counted")
  func randomPackets() {
    var generator = SeededGenerator(seed: 11)
    let endpoint = SimulatedEndpoint(Configuration(eid: EID(9)))
    for step in 0..<20_000 {
      var packet = (0..<Int.random(in: 0...70, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      // Half of them get far enough to be messages.
      if packet.count > 5, Bool.random(using: &generator) {
        packet.replaceSubrange(0..<3, with: [1, 9, 8])
        packet[4] = [0x00, 0x7E].randomElement(using: &generator) ?? 0
      }
      endpoint.receive(packet.span, from: sender, now: Instant.zero.advanced(byMs: UInt32(step)))
      _ = packets(endpoint)
    }
    #expect(endpoint.packetsIn == 20_000)
    #expect(endpoint.packetsOut > 500)
  }
}
