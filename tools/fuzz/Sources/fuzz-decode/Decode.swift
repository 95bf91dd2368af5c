import Fuzzing
import MCTPDecode
import MCTPWire

/// Whatever a packet or a message holds, it is put into words: printable ones, so that a device
/// cannot write to the terminal of who reads a log, and each line is one.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    let line = describe(packet: bytes)
    checkLine(line)
    let message = describe(message: bytes)
    checkLine(message.summary)
    for detail in message.details { checkLine(detail) }
    checkStart(bytes, line)
  }
}

private func checkLine(_ line: String) {
  precondition(!line.isEmpty, "a line without words")
  precondition(line.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a line that is not printable")
}

/// A packet that starts a message says what the message is, as the message by itself does.
private func checkStart(_ bytes: Span<UInt8>, _ line: String) {
  guard let header = PacketHeader(bytes), header.som,
    header.version == PacketHeader.supportedVersion
  else { return }
  let message = describe(message: bytes.extracting(PacketHeader.byteCount...))
  precondition(line.hasPrefix("\(header), \(message.summary)"), "a packet that hides its message")
}
