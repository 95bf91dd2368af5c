internal import AdminProtocol
internal import BusIO
internal import Glibc

/// One client of the admin socket: bytes in, lines out, replies waiting to be written.
final class AdminConnection {
  enum Line {
    case request(AdminRequest)
    case rejected(AdminRequest.Rejection)
  }

  enum WriteOutcome {
    case done
    case blocked
    case failed
  }

  /// Bytes of replies that may wait for a client that does not read; past it the client is cut
  /// off.
  static let pendingBytesMax = 8 << 20
  private static let readBytesMax = 65_536
  /// MSG_NOSIGNAL: a client that is gone is a result, not a signal.
  private static let noSignal = Int32(truncatingIfNeeded: MSG_NOSIGNAL)

  let descriptor: Int32
  let number: UInt64
  var interest: Interest = [.readable]
  /// True once nothing more is read: the connection ends when its replies are written, those
  /// that are still to come included.
  private(set) var isEnding = false
  /// True while bytes that were read wait for their turn.
  private(set) var hasLine = false
  private var splitter = LineSplitter(lineBytesMax: AdminLimits.requestBytesMax)
  private var pending: [UInt8] = []
  private var written = 0

  init(descriptor: Int32, number: UInt64) {
    self.descriptor = descriptor
    self.number = number
  }

  /// Reads once, at most 64 KiB: a client that sends without end waits for its next turn.
  ///
  /// - Returns: false when the client hung up.
  func read() -> Bool {
    guard !isEnding else { return true }
    return withUnsafeTemporaryAllocation(
      byteCount: AdminConnection.readBytesMax, alignment: 8
    ) { buffer in
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[0..<count])
      bytes.withMemoryRebound(to: UInt8.self) { splitter.append(Span(_unsafeElements: $0)) }
      return true
    }
  }

  /// The next line, decoded; nil when there is none. A line without end is answered once, and
  /// nothing is read after it.
  func nextLine() -> Line? {
    guard !isEnding else { return nil }
    do throws(LineSplitter.LineTooLong) {
      guard let line = try splitter.nextLine() else {
        hasLine = false
        return nil
      }
      hasLine = splitter.pendingByteCount > 0
      // Asked for more when it holds nothing, the splitter lets go of what it has handed out.
      if !hasLine { _ = try splitter.nextLine() }
      return decode(line)
    } catch {
      hasLine = false
      isEnding = true
      return .rejected(.lineTooLong)
    }
  }

  private func decode(_ line: [UInt8]) -> Line {
    do throws(AdminRequest.Rejection) {
      return .request(try AdminRequest(decoding: line))
    } catch {
      return .rejected(error)
    }
  }

  /// Requests whose replies come later. One that follows the events is owed its reply for ever: it
  /// may stop sending, and hangs up to end it.
  var owedReplyCount = 0
  /// Nil unless the client follows the events.
  var follower: EventFollower?
  /// True when everything that this client is owed has been written.
  var isSettled: Bool { isEnding && owedReplyCount == 0 }

  func endAfterWriting() { isEnding = true }

  /// Bytes that wait for the client.
  var pendingByteCount: Int { pending.count - written }

  func append(_ line: [UInt8]) {
    // A client that always lags a little would let what is written pile up.
    if written > AdminConnection.readBytesMax {
      pending.removeFirst(written)
      written = 0
    }
    pending.append(contentsOf: line)
  }

  /// Writes as much as the client takes now.
  func write() -> WriteOutcome {
    while written < pending.count {
      let count = pending.withUnsafeBytes { bytes in
        send(
          descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written,
          AdminConnection.noSignal)
      }
      if count > 0 {
        written += count
      } else if errno == EAGAIN {
        return pendingByteCount > AdminConnection.pendingBytesMax ? .failed : .blocked
      } else if errno != EINTR {
        return .failed
      }
    }
    pending.removeAll(keepingCapacity: pending.capacity <= AdminConnection.readBytesMax)
    written = 0
    return .done
  }
}
