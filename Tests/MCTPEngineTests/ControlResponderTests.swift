import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("The control responder", .spec("DSP0236 1.3.3 §12"))
struct ControlResponderTests {
  @Test("The vectors are answered to the byte", arguments: ControlExchange.vectors)
  func vectors(exchange: ControlExchange) throws {
    let rig = try Rig(exchange.configuration)
    let answer = rig.ask(exchange.request)
    #expect(answer == exchange.response)
    #expect(rig.counters(0).delivered == 1)
  }

  @Test("V43 through the port with EID 8 is answered to the byte")
  func interfaces() throws {
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [
          .test(0, eid: 11), .test(1, eid: 8, address: .none, binding: .i3c, medium: .i3c),
        ]))
    let answer = rig.ask(hex("01 08 09 C8 00 80 14"), on: 1, from: .i3c(0x02AE_0000_0001))
    let expected = testVectors("control").first { $0.name == "V43" }
    #expect(answer == expected?.bytes)
  }

  @Test("Interfaces are those of the network of the request", .spec("DSP0236 1.3.3 §12"))
  func interfacesOfNetwork() throws {
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [.test(0, eid: 8), .test(1, network: 2, eid: 9, medium: .serial)]))
    let answer = rig.ask(request(0x14, from: 0x20, to: 0x00), on: 1)
    #expect(answer == hex("01 20 09 C0 00 00 14 00 01 24 09"))
  }

  @Test(
    "Bad control flags are discarded without an answer (V41, V26)",
    .spec("DSP0236 1.3.3 §11.7"),
    arguments: [
      "01 09 08 C0 00 80 02", "01 09 08 C8 00 00 02 00", "01 09 08 C8 80 80 02",
      "01 09 08 C0 00 40 02 00", "01 09 08 C0 00 80 F2",
      // D without Rq but with TO; IC on a response; too short; a start without an end.
      "01 09 08 C8 00 40 02", "01 09 08 C0 80 00 02 00", "01 09 08 C8 00", "01 09 08 C8 00 80",
      "01 09 08 88 00 80 02",
    ])
  func discarded(bytes: String) throws {
    let rig = try Rig(ControlExchange.device(eid: 9))
    let disposition = rig.receive(hex(bytes), from: .i2c(0x31))
    #expect(disposition == .dropped(.controlMalformed))
    #expect(rig.drain(0) == [])
    #expect(rig.counters(0).ingressDrops(.controlMalformed) == 1)
    #expect(rig.counters(0).delivered == 0)
  }

  @Test("A control body of 65 bytes is none: every control message fits one baseline packet")
  func longest() throws {
    let rig = try Rig(
      EngineConfiguration(ports: [.test(0, eid: 9, unit: 128)]))
    let body = hex("00 80 02") + [UInt8](repeating: 0, count: 61)
    let answer = rig.ask(hex("01 09 08 C8") + body)
    #expect(answer == hex("01 08 09 C0 00 00 02 03"))
    let disposition = rig.receive(hex("01 09 08 C8") + body + [0])
    #expect(disposition == .dropped(.controlMalformed))
  }

  @Test("Control responses go to the requester, whatever their command")
  func responses() throws {
    let rig = try Rig(ControlExchange.device(eid: 9))
    for command in UInt8.min...UInt8.max {
      let disposition = rig.receive(hex("01 09 08 C0 00 00") + [command, 0x00])
      #expect(disposition == .deliver)
    }
    #expect(rig.drain(0) == [])
  }

  /// Command, then data of the right length for it.
  static let commands: [(UInt8, [UInt8])] = [
    (0x01, [0x00, 0x20]), (0x02, []), (0x03, []), (0x04, [0x00]), (0x05, []), (0x06, [0x00]),
    (0x07, [0x20]), (0x0A, [0x00]), (0x0E, []), (0x0F, [0x20, 0x00]),
    (0x10, ControlExchange.uuidBytes + [0x00]), (0x14, []),
  ]

  private func bridge() throws -> Rig {
    try Rig(
      EngineConfiguration(
        eidPolicy: .perPort, uuid: ControlExchange.uuid,
        vendorMessageSets: [.init(vendor: .pci(0xABCD), version: 1)],
        ports: [.test(0, role: .endpoint, eid: 8), .test(1, eid: 9)]),
      routes: [.test(0x20, port: 1, at: .i2c(0x40))])
  }

  @Test(
    "Right lengths are answered with SUCCESS, all others with ERROR_INVALID_LENGTH",
    arguments: commands)
  func lengths(command: UInt8, data: [UInt8]) throws {
    for count in 0...61 {
      let rig = try bridge()
      let bytes =
        count <= data.count
        ? Array(data.prefix(count)) : data + [UInt8](repeating: 0, count: count - data.count)
      let answer = try #require(rig.ask(request(command, bytes, from: 0x50, to: 0x08)))
      #expect(answer[0...2] == [0x01, 0x50, 0x08])
      #expect(answer[4...6] == [0x00, 0x00, command])
      if count == data.count {
        #expect(answer[7] == 0x00, "\(count) data bytes")

      } else {
        #expect(Array(answer[7...]) == [0x03], "\(count) data bytes")
      }
    }
  }

  @Test("Every other command is ERROR_UNSUPPORTED_CMD, whatever its length")
  func unsupported() throws {
    let known = Set(Self.commands.map(\.0))
    let rig = try bridge()
    for command in UInt8.min...UInt8.max where !known.contains(command) {
      for count in [0, 1, 2, 5, 61] {
        let data = [UInt8](repeating: 0, count: count)
        let answer = rig.ask(request(command, data, from: 0x50))
        #expect(answer == [0x01, 0x50, 0x08, 0xC0, 0x00, 0x00, command, 0x05])
      }
    }
  }

  @Test("Tag and instance ID come back, TO, Rq and D are cleared, the sequence number is not")
  func echoes() throws {
    for tag in UInt8(0)..<8 {
      for sequence in UInt8(0)..<4 {
        for instance in UInt8(0)..<32 {
          let rig = try bridge()
          let answer = rig.ask(
            [0x01, 0x08, 0x50, 0xC8 | sequence << 4 | tag, 0x00, 0x80 | instance, 0x02])
          #expect(
            answer == [0x01, 0x50, 0x08, 0xC0 | tag, 0x00, instance, 0x02, 0, 0x08, 0x12, 0])
          let reserved = rig.ask(
            [0xF1, 0x08, 0x50, 0xC8 | tag, 0x00, 0xA0 | instance, 0x02])
          #expect(reserved == answer, "reserved bits are ignored and sent as 0")
        }
      }
    }
  }

  @Test("Datagrams are carried out and never answered", arguments: commands)
  func datagrams(command: UInt8, data: [UInt8]) throws {
    let rig = try bridge()
    let disposition = rig.receive([0x01, 0x08, 0x50, 0xC8, 0x00, 0xC0, command] + data)
    #expect(disposition == .answered)
    #expect(rig.drainAll() == [[], []])
    #expect(rig.ownEID(0) == EID(command == 0x01 ? 0x20 : 0x08))
  }

  @Test("A repeated request is answered with the same bytes", .spec("DSP0236 1.3.3 §11"))
  func repeated() throws {
    for (command, data) in Self.commands where command != 0x01 {
      let rig = try bridge()
      let first = rig.ask(request(command, data, from: 0x50))
      let second = rig.ask(request(command, data, from: 0x50))
      #expect(first != nil)
      #expect(first == second)
    }
  }

  @Test("The answer goes to the physical source, also where no route leads to the source EID")
  func physicalSource() throws {
    let rig = try bridge()
    // 0x20 has a route through port 1, but asks through port 0.
    for source in [0x00, 0x20, 0x50] as [UInt8] {
      let answer = rig.ask(request(0x02, from: source), on: 0, from: .i2c(0x77))
      #expect(answer == [0x01, source, 0x08, 0xC0, 0, 0, 0x02, 0, 0x08, 0x12, 0])
    }
  }

  @Test("The source of the answer is the EID that was asked, the port's own for null and broadcast")
  func sources() throws {
    let rig = try bridge()
    for (asked, source) in [(8, 8), (9, 9), (0, 8), (255, 8)] as [(UInt8, UInt8)] {
      let answer = try #require(rig.ask(request(0x05, from: 0x50, to: asked)))
      #expect(answer[2] == source)
    }
  }

  @Test("A UUID that is not configured is not supported", .spec("DSP0236 1.3.3 §12, command 0x03"))
  func noUUID() throws {
    let rig = try Rig(EngineConfiguration(ports: [.test(0, eid: 8)]))
    for command in [0x03, 0x0E] as [UInt8] {
      let answer = rig.ask(request(command))
      #expect(answer == [0x01, 0x09, 0x08, 0xC0, 0, 0, command, 0x05])
    }
  }

  @Test(
    "W3: each network has its ID, else the device's UUID",
    .spec("DSP0236 1.3.3 §12, command 0x0E"))
  func networkID() throws {
    let other = EndpointUUID(high: 1, low: 2)
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort, uuid: ControlExchange.uuid,
        networkIDs: [NetworkID(network: 7, uuid: other)],
        ports: [.test(0, eid: 8), .test(1, network: 7, eid: 8)]))
    let first = rig.ask(request(0x0E), on: 0)
    #expect(first == hex("01 09 08 C0 00 00 0E 00") + ControlExchange.uuidBytes)
    let second = rig.ask(request(0x0E), on: 1)
    #expect(
      second == hex("01 09 08 C0 00 00 0E 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 02"))
  }

  @Test(
    "Wrong values are ERROR_INVALID_DATA",
    arguments: [
      (0x06, [1]), (0x07, [0x00]), (0x07, [0xFF]), (0x07, [0x21]), (0x07, [0x03]), (0x0A, [3]),
      (0x0A, [0xFF]), (0x0F, [0x00, 0]), (0x0F, [0xFF, 0]), (0x0F, [0x21, 0]), (0x0F, [0x03, 0]),
      (0x10, [UInt8](repeating: 0, count: 17)), (0x10, [UInt8](repeating: 1, count: 16) + [0]),
      (0x10, ControlExchange.uuidBytes + [2]), (0x10, ControlExchange.uuidBytes + [0xFF]),
    ] as [(UInt8, [UInt8])])
  func values(command: UInt8, data: [UInt8]) throws {
    let rig = try bridge()
    let answer = rig.ask(request(command, data, from: 0x50))
    #expect(answer == [0x01, 0x50, 0x08, 0xC0, 0, 0, command, 0x02])
  }
}

extension ControlExchange {
  static let uuidBytes = hex("21 F0 F5 54 7F 7C 42 11 9C A1 6D 0F 00 0E A9 E7")
}
