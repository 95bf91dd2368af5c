import MCTPWire
import TestSupport
import Testing

/// Both halves of a comparison whose other half is `tools/interop/run`: it lets pymctp read
/// `interop.hex`, and proves that `pymctp.hex` is what pymctp crafts.
@Suite(
  "Control messages, and another implementation that reads and crafts them",
  .spec("DSP0236 1.3.3 §12"))
struct InteropTests {
  static let ours = testVectors("interop")
  static let crafted = testVectors("pymctp")
  static let lastByteFirst = "versions last byte first"

  @Test("What we send for the fields of a vector are its bytes", arguments: ours.map(\.name))
  func sent(name: String) throws {
    let vector = try #require(Self.ours.first { $0.name == name })
    let reading = try InteropReading(vector.bytes)
    #expect(reading.fields == vector.meaning)
    #expect(hexText(reading.bytesAgain) == hexText(vector.bytes))
    #expect(vector.expectation.split(separator: ",").first == "packet \(reading.kind)")
  }

  @Test("What pymctp crafted reads as the values it was given", arguments: crafted.map(\.name))
  func received(name: String) throws {
    let vector = try #require(Self.crafted.first { $0.name == name })
    let (kind, difference) = parts(of: vector.expectation)
    if let error = difference.removing(prefix: "we refuse it: ") {
      let thrown = #expect(throws: WireError.self) { try InteropReading(vector.bytes) }
      #expect(thrown.map { "\($0)" } == error)
      return
    }
    let reading = try InteropReading(vector.bytes)
    #expect(kind == "packet \(reading.kind)")
    #expect(hexText(reading.bytesAgain) == hexText(vector.bytes))
    if difference == Self.lastByteFirst {
      #expect(reading.fields == turnedRound(vector.meaning))
    } else if let misread = difference.removing(prefix: "we read ") {
      // The headers are right: eight words, and a response's completion code.
      let headers = vector.meaning.split(separator: " ").prefix(9).joined(separator: " ")
      #expect(reading.fields == "\(headers) \(misread)")
    } else {
      #expect(difference.isEmpty)
      #expect(reading.fields == vector.meaning)
    }
  }

  @Test("Every command from 0x01 to 0x14 is there as request and response, ours and theirs")
  func complete() throws {
    for vectors in [Self.ours, Self.crafted] {
      for (isRequest, kind) in [(true, "packet request"), (false, "packet response")] {
        let commands = vectors.filter { $0.expectation.hasPrefix(kind) }.map { $0.bytes[6] }
        #expect(Set(commands) == Set(0x01...0x14), "\(isRequest ? "requests" : "responses")")
      }
    }
  }

  @Test("pymctp's answer to Get MCTP Version Support is known for what it is")
  func swappedVersion() throws {
    let answers = Self.crafted.filter {
      $0.name.hasPrefix("answer-to.GetVersionSupport") && $0.expectation.contains("response")
    }
    #expect(answers.count == 2)
    for answer in answers {
      let response = try decodedVersions(Array(answer.bytes.dropFirst(8)))
      try #require(response.versions.count == 1)
      #expect(response.versions[0].looksByteSwapped)
      #expect(response.versions[0].byteSwapped == VersionNumber(rawValue: 0xF1F3_F100))
    }
  }

  @Test("A count in front of an address is no address of SMBus")
  func countedAddress() throws {
    let vector = try #require(Self.crafted.first { $0.name == "ResolveEndpointID.response.1" })
    let bytes = Array(vector.bytes.dropFirst(8))
    let response = try decodedAddress(bytes)
    #expect(PhysicalAddress(response.address, binding: .smbus) == nil)
    #expect(throws: WireError.tooLong) { try decodedAddress(bytes, byteCount: 1) }
  }

  private func parts(of expectation: String) -> (kind: String, difference: String) {
    let words = expectation.split(separator: ",", maxSplits: 1).map { String($0) }
    return (words[0], words.count > 1 ? String(words[1].dropFirst()) : "")
  }

  /// The same fields with the digits of each version last byte first.
  private func turnedRound(_ fields: String) -> String {
    let mark = "versions="
    guard let start = fields.firstRange(of: mark) else { return fields }
    let turned = fields[start.upperBound...].split(separator: ",").map { number in
      hexText(hex(String(number)).reversed() as [UInt8]).filter { $0 != " " }
    }
    return fields[..<start.upperBound] + turned.joined(separator: ",")
  }
}

private func decodedVersions(_ bytes: [UInt8]) throws -> GetVersionSupport.Response {
  try GetVersionSupport.Response(decoding: bytes.span)
}

private func decodedAddress(
  _ bytes: [UInt8], byteCount: Int? = nil
) throws -> ResolveEndpointID.Response {
  guard let byteCount else { return try ResolveEndpointID.Response(decoding: bytes.span) }
  return try ResolveEndpointID.Response(decoding: bytes.span, addressByteCount: byteCount)
}

extension String {
  /// What follows `prefix`; nil when it is not there.
  fileprivate func removing(prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
