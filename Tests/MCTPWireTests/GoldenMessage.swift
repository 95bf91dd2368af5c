import MCTPWire
import TestSupport
import Testing

/// What one vector of `control.hex` must decode to and be encoded from.
struct GoldenMessage: Sendable, CustomTestStringConvertible {
  let name: String
  let check: @Sendable (TestVector) throws -> Void

  var testDescription: String { name }
}

extension GoldenMessage {
  /// - Parameter encodes: false where the vector is a form that is read but never sent.
  static func request<Message: ControlRequest & Equatable>(
    _ name: String, _ instanceID: UInt8, _ message: Message, isDatagram: Bool = false,
    encodes: Bool = true
  ) -> GoldenMessage {
    GoldenMessage(name: name) { vector in
      let body = controlBody(of: vector)
      let header = ControlHeader(
        isRequest: true, isDatagram: isDatagram, instanceID: InstanceID(rawValue: instanceID),
        command: Message.command)
      #expect(controlHeader(body) == header)
      #expect(try Message(decoding: Array(body.dropFirst(3)).span) == message)
      guard encodes else { return }
      let encoded = try message.body(
        instanceID: InstanceID(rawValue: instanceID), isDatagram: isDatagram)
      #expect(hexText(encoded.bytes) == hexText(body))
    }
  }

  static func response<Message: ControlResponse & Equatable>(
    _ name: String, _ instanceID: UInt8, _ message: Message, encodes: Bool = true
  ) -> GoldenMessage {
    GoldenMessage(name: name) { vector in
      let body = controlBody(of: vector)
      let header = ControlHeader(
        isRequest: false, instanceID: InstanceID(rawValue: instanceID), command: Message.command)
      #expect(controlHeader(body) == header)
      #expect(body[3] == 0x00)
      #expect(try Message(decoding: Array(body.dropFirst(4)).span) == message)
      guard encodes else { return }
      let encoded = try message.body(instanceID: InstanceID(rawValue: instanceID))
      #expect(hexText(encoded.bytes) == hexText(body))
    }
  }

  static func refusal(
    _ name: String, _ instanceID: UInt8, _ command: UInt8, _ code: CompletionCode
  ) -> GoldenMessage {
    GoldenMessage(name: name) { vector in
      let body = controlBody(of: vector)
      let encoded = try ControlBody.response(
        instanceID: InstanceID(rawValue: instanceID), command: ControlCommand(rawValue: command),
        completionCode: code)
      #expect(hexText(encoded.bytes) == hexText(body))
    }
  }

  /// Only the control header means anything.
  static func header(
    _ name: String, isRequest: Bool, isDatagram: Bool = false, instanceID: UInt8, command: UInt8
  ) -> GoldenMessage {
    GoldenMessage(name: name) { vector in
      let header = ControlHeader(
        isRequest: isRequest, isDatagram: isDatagram,
        instanceID: InstanceID(rawValue: instanceID), command: ControlCommand(rawValue: command))
      #expect(controlHeader(controlBody(of: vector)) == header)
    }
  }
}

/// The header in front of `bytes`; a span cannot pass through an expectation.
func packetHeader(_ bytes: [UInt8]) -> PacketHeader? { PacketHeader(bytes.span) }

func controlHeader(_ bytes: [UInt8]) -> ControlHeader? { ControlHeader(bytes.span) }

/// The message body of a vector, its packet header taken off.
func controlBody(of vector: TestVector) -> [UInt8] {
  vector.expectation.hasPrefix("packet") ? Array(vector.bytes.dropFirst(4)) : vector.bytes
}

extension ControlBody {
  var bytes: [UInt8] { (0..<span.count).map { span[$0] } }
}

extension BoundedList {
  /// For tests: traps when `elements` do not fit.
  init(_ elements: [Element]) {
    self.init()
    for element in elements { try! append(element) }
  }
}

/// An address of a control payload from hex digits; no digits, no bytes.
func address(_ digits: String) -> AddressBytes { try! AddressBytes(hex(digits).span) }
