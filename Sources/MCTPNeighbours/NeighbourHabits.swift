/// How a neighbour differs from the plainest one: each a switch, all off by default. They are what
/// boards and peers of the field were seen to do, within the standard or beside it.
public struct NeighbourHabits: Hashable, Sendable {
  // ---- any responder -----------------------------------------------------------------------

  public enum Answers: Hashable, Sendable {
    case always
    case never
    /// Every answer is sent twice.
    case twice
    /// Each n-th request gets no answer, 2 or more.
    case notEach(UInt32)
  }

  public var answers = Answers.always
  /// Answers leave so much later.
  public var answerDelayMs: UInt32 = 0
  /// Answers to control requests have so many zero bytes after what the standard gives them.
  public var trailingByteCount: UInt8 = 0
  /// Answers to control requests lack so many bytes at the end, never the completion code.
  public var missingByteCount: UInt8 = 0
  /// Each n-th control request is answered with `errorCode` alone; 0 is never, 1 is each.
  public var errorEach: UInt32 = 0
  /// 0x01 (ERROR) or 0x04 (ERROR_NOT_READY) as a rule.
  public var errorCode: UInt8 = 0x04
  /// For so long after power-on every control request but Get Endpoint ID is answered 0x04.
  public var notReadyMs: UInt32 = 0
  /// Refuses Set Endpoint ID with this completion code; nil takes it.
  public var setRefusal: UInt8?
  /// Set Endpoint ID is answered with status 01b (rejected) and the present EID, which stays.
  public var keepsStaticEID = false
  /// Set Endpoint ID is answered "accepted" with this EID in the setting field; nil: the true one.
  public var setSetting: UInt8?
  /// Reports another EID than it has in Set and Get Endpoint ID: the true one plus this, within
  /// 8 to 254.
  public var reportedEIDOffset: UInt8 = 0
  /// A dynamic EID outlives `restart`.
  public var keepsEIDOverRestart = false
  /// Has the EID of power-on again so often; 0 is never.
  public var forgetsEIDEveryMs: UInt32 = 0
  /// Answers nothing but Get and Set Endpoint ID until it took a Set Endpoint ID: it learns its
  /// owner, and the way to it, from that command only, as mctpd does.
  public var needsSetEndpointID = false
  /// Announces control among its message types too (count included), as most do.
  public var listsControl = true

  // ---- what it sends by itself -------------------------------------------------------------

  /// Discovery Notify from the null EID (or its own) to the null EID, so often; 0 is never.
  public var notifyPerSecond: UInt32 = 0
  /// Packets a second of one echo request to `floodDestination`, one way (TO set, no answer is
  /// waited for); 0 is none.
  public var floodPerSecond: UInt32 = 0
  public var floodDestination: UInt8 = 0
  /// Payload bytes of each, type byte included: 1 to its unit.
  public var floodByteCount: UInt16 = 16
  /// Single-packet messages a second that name `spoofedSource` as their source; 0 is none.
  public var spoofPerSecond: UInt32 = 0
  public var spoofedSource: UInt8 = 0
  public var spoofDestination: UInt8 = 0
  /// Random packets a second (legal frames); 0 is none.
  public var garbagePerSecond: UInt32 = 0
  /// Frames a second that are no packets; 0 is none.
  public var garbageFramesPerSecond: UInt32 = 0
  /// Asks the router so often one of: Resolve Endpoint ID, Query Hop, Get Routing Table Entries
  /// (all pages), Get MCTP Version Support, Get Message Type Support, Get Vendor Defined Message
  /// Support, Get Endpoint ID and UUID, Get Network ID, Query Supported Interfaces, a broadcast
  /// Get Endpoint ID, a broadcast datagram; 0 is never. One after the other, one at a time.
  public var asksEveryMs: UInt32 = 0
  /// Sends messages with one fault each that no receiver may take: a sequence number left out, a
  /// middle packet of another size, an end packet above the unit, a start in the middle, a middle
  /// packet alone; so many a second; to `floodDestination`; 0 is never.
  public var brokenMessagesPerSecond: UInt32 = 0

  // ---- media -------------------------------------------------------------------------------

  /// Serial: its receiver is Linux' mctp-serial: deaf after a bad length, revision or closing flag
  /// until bytes outside a frame wake it.
  public var isDeafAfterBadFrame = false
  /// I2C: names this address as the source of its frames (seven bits); nil: its own.
  public var frameSourceAddress: UInt8?

  // ---- bridges -----------------------------------------------------------------------------

  public enum PoolAnswer: Hashable, Sendable {
    /// What it holds.
    case held
    /// Size 0, with the right first EID.
    case zero
    /// The size that it wishes for, with the right first EID.
    case wish
    /// Any size and first EID.
    case fixed(count: UInt8, first: UInt8)
  }

  public enum TableForm: Hashable, Sendable {
    /// Each terminus behind it by itself (type 0), the bridge itself first.
    case singles
    /// The pool as type 3.
    case poolRange
    /// Bridge and pool as one range of type 1.
    case bridgeRange
    /// The bridge itself alone.
    case bridgeOnly
    /// No entry at all.
    case none
    /// Get Routing Table Entries is answered with this completion code.
    case refused(UInt8)
  }

  /// EIDs that it wants for what is behind it; 0: as many as children without a static EID.
  public var poolWish: UInt8 = 0
  /// What the answer to an accepted Allocate (00b, 01b) says.
  public var allocateAnswer = PoolAnswer.held
  /// What the answer to operation 10b (get information) says.
  public var poolInformation = PoolAnswer.held
  /// Set Endpoint ID never says "already allocated" (10b): it says 01b again and again.
  public var neverSaysAllocated = false
  /// Set Endpoint ID tells the size that it wishes for, also while it holds a smaller pool.
  public var tellsWishWhileHeld = false
  /// Set Endpoint ID says nothing of a pool (00b) though it has one or wants one.
  public var saysNoPool = false
  /// A second Allocate 00b is rejected (status 01b) while it holds a pool.
  public var refusesSecondAllocate = false
  /// Without being given anything it says that it holds this pool already; nil: the truth.
  public var claimedPool: ClaimedPool?
  public var tableForm = TableForm.singles
  /// Each n-th reading of its table lacks the children; 0 is never.
  public var tableMissesChildrenEach: UInt32 = 0
  /// After Allocate its children have no EID, and do not answer, for so long.
  public var settlesMs: UInt32 = 0
  /// Routing Information Update is refused with this completion code; nil takes it.
  public var updateRefusal: UInt8?
  /// Keeps its pool and its children's EIDs over `restart`.
  public var keepsPoolOverRestart = false

  public struct ClaimedPool: Hashable, Sendable {
    public var count: UInt8
    public var first: UInt8

    public init(count: UInt8, first: UInt8) {
      self.count = count
      self.first = first
    }
  }

  // ---- owners above ------------------------------------------------------------------------

  /// Never answers Discovery Notify (mctpd does not).
  public var ignoresNotify = false
  /// Assigns anew after each Discovery Notify, otherwise only when its plan changes or it restarts.
  public var assignsOnNotify = true
  /// Uses operation 01b (force) for Set Endpoint ID and Allocate.
  public var forces = false
  /// A mix-up: its requests go out from the null EID though it has one.
  public var asksFromNullEID = false

  public init() {}

  public static let plain = NeighbourHabits()
}
