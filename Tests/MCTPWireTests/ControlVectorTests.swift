import MCTPWire
import TestSupport
import Testing

@Suite("Control messages against golden bytes", .spec("DSP0236 1.3.3 §12"))
struct ControlVectorTests {
  static let vectors = testVectors("control")
  static let messages = referenceMessages + bringUpMessages + tableMessages

  @Test(
    "A message decodes to the expected value and encodes to the same bytes", arguments: messages)
  func golden(message: GoldenMessage) throws {
    let vector = try #require(Self.vectors.first { $0.name == message.name })
    try message.check(vector)
  }

  @Test("Every vector of the file is expected to be something")
  func complete() {
    #expect(Self.vectors.map(\.name).sorted() == Self.messages.map(\.name).sorted())
  }

  @Test("Packet headers in front of control messages encode to the same bytes")
  func packetHeaders() throws {
    for vector in Self.vectors where vector.expectation.hasPrefix("packet") {
      let header = try #require(packetHeader(vector.bytes))
      #expect(header.som && header.eom && header.version == 1, "\(vector.name)")
      let (first, second, third, fourth) = header.bytes
      #expect([first, second, third, fourth] == Array(vector.bytes.prefix(4)), "\(vector.name)")
    }
  }

  @Test("Every command from 0x01 to 0x14 has a request and a response vector")
  func everyCommand() throws {
    var requests: Set<UInt8> = []
    var responses: Set<UInt8> = []
    for vector in Self.vectors {
      let header = try #require(controlHeader(controlBody(of: vector)))
      if vector.expectation.contains("request") { requests.insert(header.command.rawValue) }
      if vector.expectation.contains("response") { responses.insert(header.command.rawValue) }
    }
    #expect(requests == Set(0x01...0x14))
    #expect(responses == Set(0x01...0x14))
  }
}
