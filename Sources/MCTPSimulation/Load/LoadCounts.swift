/// What became of load messages: of one flow, or of all.
///
/// At every moment `sent` = `completed` + `lost` + those under way.
public struct LoadCounts: Hashable, Sendable {
  /// Messages given to the endpoint at the source.
  public var sent: UInt64 = 0
  /// Came whole, in time, for the first time: at the destination, or back at the source.
  public var completed: UInt64 = 0
  public var completedBytes: UInt64 = 0
  /// Echo requests that came to their destination, repeated ones included.
  public var reached: UInt64 = 0
  /// Not complete after `LoadPlan.lostAfterMs`, or known to be hurt.
  public var lost: UInt64 = 0
  /// Of `lost`, those that `LoadLedger.noteHurt` named.
  public var hurt: UInt64 = 0
  /// Came after they had been given up; they stay among `lost`.
  public var late: UInt64 = 0
  /// Came whole again.
  public var duplicated: UInt64 = 0
  /// Of `completed`, those that came after one with a higher sequence number.
  public var reordered: UInt64 = 0
  /// Came with other bytes than were sent. They complete nothing.
  public var damaged: UInt64 = 0
  /// Came to another endpoint, a request as a response, or the other way round. They complete
  /// nothing.
  public var misdelivered: UInt64 = 0

  public init() {}

  public static func += (left: inout LoadCounts, right: LoadCounts) {
    left.sent += right.sent
    left.completed += right.completed
    left.completedBytes += right.completedBytes
    left.reached += right.reached
    left.lost += right.lost
    left.hurt += right.hurt
    left.late += right.late
    left.duplicated += right.duplicated
    left.reordered += right.reordered
    left.damaged += right.damaged
    left.misdelivered += right.misdelivered
  }
}
