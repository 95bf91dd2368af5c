import AdminProtocol
import Fuzzing

/// Where a stream is cut makes no difference to its lines; whatever a line holds, it decodes or is
/// refused, and what was decoded encodes to a line that decodes to the same.
///
/// The first byte of the input chooses the size of the pieces, the second the kind of reply and the
/// bound of a line.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    guard bytes.count > 2 else { return }
    let stream = bytes.extracting(2..<bytes.count)
    let lineBytesMax = bytes[1] & 0x80 == 0 ? AdminLimits.requestBytesMax : 24
    let whole = lines(of: stream, pieceByteCount: stream.count, lineBytesMax)
    let cut = lines(of: stream, pieceByteCount: 1 + Int(bytes[0] & 0x1F), lineBytesMax)
    precondition(whole.lines == cut.lines, "the cuts made a difference")
    precondition(whole.isTooLong == cut.isTooLong, "the cuts made a line too long")
    for line in whole.lines {
      checkRequest(line)
      checkReply(line, kind: bytes[1] & 0x7F)
    }
  }
}

private struct Lines {
  var lines: [[UInt8]] = []
  var isTooLong = false
}

private func lines(
  of stream: Span<UInt8>, pieceByteCount: Int, _ lineBytesMax: Int
) -> Lines {
  var found = Lines()
  var splitter = LineSplitter(lineBytesMax: lineBytesMax)
  var offset = 0
  while offset < stream.count {
    let end = min(offset + pieceByteCount, stream.count)
    splitter.append(stream.extracting(offset..<end))
    offset = end
    do throws(LineSplitter.LineTooLong) {
      while let line = try splitter.nextLine() {
        precondition(!line.isEmpty && line.count <= lineBytesMax, "a line of an illegal size")
        precondition(!line.contains(0x0A), "a newline inside a line")
        found.lines.append(line)
      }
    } catch {
      found.isTooLong = true
      return found
    }
    precondition(splitter.pendingByteCount <= lineBytesMax, "more held than a line may have")
  }
  return found
}

private func checkRequest(_ line: [UInt8]) {
  do throws(AdminRequest.Rejection) {
    let request = try AdminRequest(decoding: line)
    guard let again = try? AdminRequest(decoding: body(of: encoded(request))) else {
      preconditionFailure("what was encoded does not decode")
    }
    precondition(again == request, "not the same request")
    precondition(AdminRequest.names.contains(request.name), "a request without a name")
  } catch {
    // The client must be able to read why.
    guard let reply = try? AdminReply<StatusResult>(decoding: body(of: error.replyLine)) else {
      preconditionFailure("a refusal that does not decode")
    }
    precondition(reply.id == error.id, "a refusal of another request")
    precondition(reply.outcome == .failure(error.error), "not the same refusal")
  }
}

private func encoded(_ request: AdminRequest) -> [UInt8] {
  do throws(AdminError) {
    return try request.line()
  } catch {
    preconditionFailure("a decoded request does not encode")
  }
}

/// The line without its newline, which is the only one in it.
private func body(of line: [UInt8]) -> [UInt8] {
  precondition(line.last == 0x0A, "a line without its newline")
  let body = Array(line.dropLast())
  precondition(!body.contains(0x0A), "a line of two lines")
  return body
}

private func checkReply(_ line: [UInt8], kind: UInt8) {
  switch kind % 14 {
  case 0: check(StatusResult.self, line)
  case 1: check(PortsResult.self, line)
  case 2: check(RoutesResult.self, line)
  case 3: check(EndpointsResult.self, line)
  case 4: check(DropsResult.self, line)
  case 5: check(PingResult.self, line)
  case 6: check(SendResult.self, line)
  case 7: check(ExplainResult.self, line)
  case 8: check(ProbeResult.self, line)
  case 9: check(EIDsResult.self, line)
  case 10: check(TreeResult.self, line)
  case 11: check(DiscoveryResult.self, line)
  case 12: check(CommandResult.self, line)
  default: check(EventRow.self, line)
  }
}

private func check<Answer: Codable & Hashable & Sendable>(_: Answer.Type, _ line: [UInt8]) {
  guard let reply = try? AdminReply<Answer>(decoding: line) else { return }
  let written: [UInt8]
  switch reply.outcome {
  case .success(let answer): written = AdminReplyLine.success(id: reply.id ?? 0, answer)
  case .failure(let error): written = AdminReplyLine.failure(id: reply.id, error)
  }
  guard let again = try? AdminReply<Answer>(decoding: body(of: written)) else {
    preconditionFailure("what was encoded does not decode")
  }
  precondition(again.outcome == reply.outcome, "not the same reply")
  // An answer always has an id; one without is written with 0.
  let id = if case .success = reply.outcome { reply.id ?? 0 } else { reply.id }
  precondition(again.id == id, "a reply to another request")
}
