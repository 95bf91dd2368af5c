// What both sides of the admin socket agree on before the first byte.
//
// Requests and replies are JSON objects, one a line, each line ended by a newline (0x0A). A client
// may send the next request before the reply to the last one; `id` tells the replies apart, and
// they may come out of order. Only `events` is answered by more than one line, see EventsRequest.

/// The numbers and names of the admin protocol.
public enum AdminLimits {
  /// The only version that exists. Fields and requests may be added under one version: readers
  /// ignore fields that they do not know. A changed meaning is a new version.
  public static let version = 1

  /// Bytes of one request line, newline not counted. A longer one is answered with
  /// `request-too-long` and the connection is cut, because where it ends is unknown.
  public static let requestBytesMax = 65_536

  /// Bytes of one reply line that a client takes, newline not counted.
  ///
  /// Choice: larger than a request, because a full routing table of several networks does not
  /// fit 64 KiB.
  public static let replyBytesMax = 4_194_304

  /// Arrays and objects inside each other, the outermost counted. The deepest message here has 6.
  public static let nestingMax = 16

  /// Milliseconds that `ping` and `send` may wait.
  public static let timeoutMs: ClosedRange<Int> = 1...60_000

  /// Bytes of a message body in `send`: what fits a request line as hex.
  public static let bodyBytes: ClosedRange<Int> = 1...32_000

  public static let defaultSocketPath = "/run/mctp-router.sock"
  /// The environment variable that names another socket.
  public static let socketVariable = "MCTP_ROUTER_SOCKET"
}
