internal import MCTPWire

/// The one request that an endpoint's set-up waits for. Raw values are the order in which a port's
/// requests are made.
///
/// Choice: EIDs before pools, pools before routing updates, updates before questions, and all of
/// them before the search for other devices: what is needed to reach devices comes first.
enum OwnerJob: UInt8 {
  case setEID = 0
  case allocate = 1
  case poolInformation = 2
  case routingUpdate = 3
  case uuid = 4
  case messageTypes = 5
  case vendorSets = 6
  case versions = 7
  case routingTable = 8
  /// Get Endpoint ID of an endpoint that is up or suspect.
  case check = 9
  /// Get Endpoint ID of an address or EID where nobody has answered yet.
  case probe = 10
}

/// What is to be done for one endpoint, and how far that is.
struct EndpointWork {
  /// The step of the set-up, the recovery or the search; nil when there is none.
  var job: OwnerJob? = .probe
  var due = Instant.zero
  var isBusy = false
  var runningJob = OwnerJob.probe
  /// What is under way was asked for something else than what is to be done now: how it ends says
  /// nothing about that.
  var isOvertaken = false
  /// Unanswered attempts in a row.
  var failures = 0

  /// Since the set-up began: what has been asked already.
  var hasAskedUUID = false
  /// It has its EID: it can be addressed by it.
  var isAssigned = false
  /// The EID that it reported before it was given one.
  var presentEID = EID.null
  /// The EID that Set Endpoint ID carries, and whether it has to be forced.
  var pendingEID = EID.null
  var isForced = false
  /// `pendingEID` is reserved and neither confirmed nor abandoned.
  var isReserved = false
  var isPoolForced = false
  /// What a bridge that is up held before it was given another pool; it still does if it refuses.
  var poolBefore = EndpointPool()
  /// There were EIDs enough for its pool, but not in one run after its own.
  var isWalledIn = false
  var vendorSelector: UInt8 = 0
  /// The EID that a command or a lease wants it to have.
  var wishedEID: EID?

  // For bridges.
  var updateDue: Instant?
  var updateOffset = 0
  var updateEntries: [RoutingInformationUpdate.Entry] = []
  var acknowledged: [RoutingInformationUpdate.Entry] = []
  /// The last update was refused as if there were no such command.
  var hasRefusedUpdate = false
  var tableDue: Instant?
  var tableHandle: UInt8 = 0
  var tablePageCount = 0
  var checkDue: Instant?
  /// Check its pool as well: after a health check was answered.
  var poolCheckDue: Instant?
  /// Members of the subtree that are still to be heard of since the bridge came back.
  var awaited = EIDSet()
  var returned = EIDSet()
  var isReturning = false
  /// What its routing table named since the first page.
  var named = EIDSet()
  /// It is about to leave the table.
  var isRemoved = false

  init() {}

  /// What is done from here on has nothing to do with the request under way, if there is one.
  mutating func overtake() { isOvertaken = isBusy }

  /// What is due now, and in which order it is wanted; nil when nothing is.
  func nextJob(now: Instant) -> (job: OwnerJob, due: Instant)? {
    guard !isBusy else { return nil }
    var best: (job: OwnerJob, due: Instant)?
    func offer(_ job: OwnerJob, _ due: Instant?) {
      guard let due, due <= now else { return }
      if let present = best, present.job.rawValue <= job.rawValue { return }
      best = (job, due)
    }
    if let job { offer(job, due) }
    offer(.routingUpdate, updateDue)
    offer(.routingTable, tableDue)
    offer(.check, checkDue)
    offer(.poolInformation, poolCheckDue)
    return best
  }

  /// When something becomes due next; nil while a request is under way.
  var nextDue: Instant? {
    guard !isBusy else { return nil }
    var earliest: Instant?
    func offer(_ due: Instant?) {
      guard let due else { return }
      if let present = earliest, present <= due { return }
      earliest = due
    }
    if job != nil { offer(due) }
    offer(updateDue)
    offer(tableDue)
    offer(checkDue)
    offer(poolCheckDue)
    return earliest
  }
}
