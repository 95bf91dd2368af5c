import MCTPDecode
import TestSupport
import Testing

@Suite("describe(packet:)")
struct DescribePacketTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let packet: String
    let text: String
    var testDescription: String { name }
  }

  @Test(
    "Packets of the vectors become these lines",
    .spec("DSP0236 1.3.3 §8"),
    arguments: [
      Vector(
        name: "V1, Set Endpoint ID request", packet: "01 00 0A CF 00 91 01 00 1D",
        text: "10 > 0 SOM EOM seq 0 tag 7 TO, control Set Endpoint ID request, instance 17: "
          + "set EID 29"),
      Vector(
        name: "V2, Set Endpoint ID response", packet: "01 0A 43 D0 00 1A 01 00 00 43 00",
        text: "67 > 10 SOM EOM seq 1 tag 0, control Set Endpoint ID response, instance 26, "
          + "SUCCESS: assignment: accepted, EID: 67, pool: no EID pool, pool size: 0"),
      Vector(
        name: "V3, Get Routing Table Entries response",
        packet: "01 0B 0A C5 00 00 0A 00 FF 01 01 0A 02 00 04 01 00",
        text: "10 > 11 SOM EOM seq 0 tag 5, control Get Routing Table Entries response, "
          + "instance 0, SUCCESS: last page, EID 10 endpoint, dynamic, port 2, reserved, "
          + "SMBus/I2C 400 kHz, address 00"),
      Vector(
        name: "V20, PLDM", packet: "01 5D 0D F4 01 93 7D CD 36",
        text: "13 > 93 SOM EOM seq 3 tag 4, PLDM type 0x3d command 0xcd request, instance 19: "
          + "header version: 1, data: 36"),
      Vector(
        name: "V34, broadcast Endpoint Discovery datagram", packet: "01 FF 08 C8 00 C7 0C",
        text: "8 > 255 SOM EOM seq 0 tag 0 TO, control Endpoint Discovery datagram, instance 7"),
      Vector(
        name: "V36, unsupported command", packet: "01 08 09 C0 00 0B F2 05",
        text: "9 > 8 SOM EOM seq 0 tag 0, control transport specific 0xf2 response, "
          + "instance 11, ERROR_UNSUPPORTED_CMD"),
      Vector(
        name: "V37, version query for an unsupported type", packet: "01 08 09 C0 00 00 04 80",
        text: "9 > 8 SOM EOM seq 0 tag 0, control Get MCTP Version Support response, "
          + "instance 0, message type not supported"),
      Vector(
        name: "V39, Query Hop", packet: "01 0C 0E C3 00 03 0F 00 10 FF 00 00 00 00",
        text: "14 > 12 SOM EOM seq 0 tag 3, control Query Hop response, instance 3, SUCCESS: "
          + "next EID: 16, message type: all, incoming transmission unit: 64 bytes, "
          + "outgoing transmission unit: 64 bytes"),
      Vector(
        name: "V41, IC set", packet: "01 09 08 C8 80 80 02",
        text: "8 > 9 SOM EOM seq 0 tag 0 TO, control Get Endpoint ID request, instance 0: "
          + "integrity check bit set: not legal in control messages"),
      Vector(
        name: "V41, D on a response", packet: "01 09 08 C0 00 40 02 00",
        text: "8 > 9 SOM EOM seq 0 tag 0, control Get Endpoint ID response, instance 0, "
          + "SUCCESS: datagram bit set: not legal in responses, data, too short: -"),
      Vector(
        name: "V19, unknown header version", packet: "02 09 08 C8 00",
        text: "version 2 8 > 9 SOM EOM seq 0 tag 0 TO, payload 00"),
      Vector(
        name: "V27, first of many", packet: "01 09 08 88 01 80 02 51 AA BB",
        text: "8 > 9 SOM seq 0 tag 0 TO, PLDM platform GetPDR request, instance 0, "
          + "first 6 bytes"),
      Vector(
        name: "V27, middle", packet: "01 09 08 18 AA BB CC",
        text: "8 > 9 seq 1 tag 0 TO, 3 bytes more"),
      Vector(
        name: "start packet without a type", packet: "01 09 08 C8",
        text: "8 > 9 SOM EOM seq 0 tag 0 TO, message without a type byte"),
      Vector(
        name: "three bytes", packet: "01 09 08", text: "3 bytes, too short for a packet: 01 09 08"),
      Vector(name: "nothing", packet: "", text: "0 bytes, too short for a packet: -"),
    ])
  func vectors(vector: Vector) {
    #expect(describe(packet: hex(vector.packet).span) == vector.text)
  }

  @Test("A long table stays out of the one line")
  func longTable() {
    // V40: eight routing table entries.
    let packet = hex(
      "01 0C 0B C5 00 05 0A 00 FF 08 01 08 A1 01 04 01 60 01 09 01 01 04 01 6A"
        + "01 0A 01 01 04 01 6C 01 0B A0 01 04 01 60 01 0C 00 01 04 01 62"
        + "01 0D 00 01 04 01 64 03 0E 40 01 04 01 66 03 11 40 01 04 01 68")
    #expect(
      describe(packet: packet.span)
        == "11 > 12 SOM EOM seq 0 tag 5, control Get Routing Table Entries response, "
        + "instance 5, SUCCESS")
    let message = describe(message: packet.span.extracting(4...))
    #expect(message.details.count == 9)
    #expect(
      message.details[1] == "EID 8 bridge, static, port 1, SMBus/I2C, SMBus/I2C 400 kHz, address 60"
    )
    #expect(
      message.details[8]
        == "EIDs 17 to 19 bridge-range, dynamic, port 0, SMBus/I2C, SMBus/I2C 400 kHz, address 68")
  }
}
