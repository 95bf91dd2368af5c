internal import MCTPWire

/// Everybody who must be reachable is asked by somebody else.
struct RollCall {
  /// Between an answer and the next request. Choice: not at once, because that would fill the
  /// queues of a small board, and that is no fault of its.
  static let spacingMs: UInt32 = 5
  static let requestTimeoutMs: UInt32 = 2000
  /// Between the end of one that failed and the next.
  static let intervalMs: UInt32 = 1500
  /// Between two rounds of the last one.
  static let roundIntervalMs: UInt32 = 200
  /// Between the end of the faults and the first: the longest delay of an answer (4 s), and a
  /// health check with its repetitions after it.
  static let graceMs: UInt32 = 8000

  /// How a round asks. The last call makes each of them at least once.
  enum Round: Int, CaseIterable {
    /// One after the other, each with 80 bytes of a vendor-defined type.
    case plain
    /// One after the other, with bodies of 16 to 8,192 bytes, and every type that is announced.
    case sizes
    /// Several at once.
    case together
    /// By the routers themselves, as programs on them do.
    case fromRouters
  }

  /// One request.
  struct Call: Equatable {
    /// A device; from the number of devices on, a router.
    var sender: Int
    var target: Int
    var byteCount = 80
    /// 0x01 to 0x7F.
    var messageType: UInt8 = 0x7E
  }

  let purpose: WorldTraffic.Purpose
  var round = Round.plain
  var startedAt: Instant
  /// Bodies made before it; what arrives of them may be late.
  var bodyCountBefore: UInt32 = 0
  /// Who has still to be asked by whom.
  var calls: [Call] = []
  /// Requests that are not answered yet, and how many there may be.
  var underWay = 0
  var width = 1
  /// Rounds that ended.
  var roundCount = 0
  /// When the next one is; nil while an answer is waited for, and when all were asked.
  var nextAt: Instant?
}
