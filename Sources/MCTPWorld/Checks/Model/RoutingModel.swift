// Where a router's packets may go and have to go, without a look at its table.
//
// Owns, for each network and EID, the places where the EID was ever offered, claimed or told, and
// the one place where it is for certain. Fed by the topology and by what passed on the router's
// wires. Lives from the router's start to its end; a start with leases takes over what may be.
//
// An engine may notice things late, so the model has two sides. What *may* be only ever shrinks
// when somebody else took the EID over. What *must* be begins with an answer that leaves no doubt
// and ends with the first sign of trouble, long before the engine has to give the place up.

internal import MCTPWire
internal import Topology

final class RoutingModel {
  /// A neighbour on one of the router's buses.
  struct Place: Hashable {
    var port: UInt8
    var address: PhysicalAddress
  }

  /// Why an EID may be at a place.
  enum Ground: UInt8 {
    /// A static route or a device that the topology lists with its EID.
    case topology
    /// The device was offered it, or said that it has it.
    case direct
    /// It is in a range that was offered to the bridge there, or that the bridge told.
    case pool
    /// An owner above is there or told so.
    case told
  }

  struct Way {
    var place: Place
    var ground: Ground
  }

  struct Certain {
    var place: Place
    /// A question to the place had to be repeated: nothing is certain until it is answered.
    var isSuspended = false
  }

  /// A static route.
  struct FixedWay {
    var place: Place
    /// Payload bytes that the path takes; nil for what the port takes.
    var unit: Int?
    /// Routes to ranges give way to single EIDs.
    var isSingle: Bool
  }

  let networkCount: Int
  /// By network and EID: `slot`.
  private var ways: [[Way]]
  private var certain: [Certain?]
  private var fixed: [FixedWay?]
  private var leased: [Place?]
  /// Was the router's own since its start, or may be.
  private var mayBeOwn: [Bool]
  /// Could become the router's own: it gives EIDs to its own ports.
  private var mayBecomeOwn: [Bool]
  /// Is the router's own now, without doubt.
  private var isOwn: [Bool]
  /// Goes up when everything dynamic is in doubt.
  private(set) var epoch: UInt32 = 0
  /// Who said by a whole Discovery Notify that it is there.
  private var announced: Set<Place> = []
  /// Of places with doubts of their own.
  private var placeEpochs: [Place: UInt32] = [:]

  init(networkCount: Int) {
    self.networkCount = networkCount
    ways = Array(repeating: [], count: networkCount * 256)
    certain = Array(repeating: nil, count: networkCount * 256)
    fixed = Array(repeating: nil, count: networkCount * 256)
    leased = Array(repeating: nil, count: networkCount * 256)
    mayBeOwn = Array(repeating: false, count: networkCount * 256)
    mayBecomeOwn = Array(repeating: false, count: networkCount * 256)
    isOwn = Array(repeating: false, count: networkCount * 256)
  }

  func slot(_ network: Int, _ eid: UInt8) -> Int { network << 8 | Int(eid) }

  // MARK: Questions

  /// Some place behind that port may have the EID.
  func mayLead(_ slot: Int, port: UInt8) -> Bool {
    for index in ways[slot].indices where ways[slot][index].place.port == port { return true }
    return false
  }

  func mayLead(_ slot: Int, to place: Place) -> Bool {
    for index in ways[slot].indices where ways[slot][index].place == place { return true }
    return false
  }

  func mayLeadAnywhere(_ slot: Int) -> Bool { !ways[slot].isEmpty }

  /// Every place that may have the EID.
  func places(_ slot: Int) -> [Way] { ways[slot] }

  /// Where packets to the EID have to go; nil where nothing is certain.
  func mustLead(_ slot: Int) -> Place? {
    if mayBeOwn[slot] { return nil }
    if let way = fixed[slot] {
      // A single EID from elsewhere beats a range.
      let hasOther = !way.isSingle && ways[slot].contains { $0.place != way.place }
      return hasOther ? nil : way.place
    }
    guard let known = certain[slot], !known.isSuspended else { return nil }
    return known.place
  }

  /// What the static route to the EID at that place takes, bytes of payload.
  func fixedUnit(_ slot: Int, at place: Place) -> Int? {
    guard let way = fixed[slot], way.place == place else { return nil }
    return way.unit
  }

  /// There is a static route to the place.
  func isFixed(_ slot: Int, at place: Place) -> Bool { fixed[slot]?.place == place }

  /// No device was offered the EID itself or said that it has it.
  func isPoolOnly(_ slot: Int) -> Bool { ways[slot].allSatisfy { $0.ground == .pool } }
  func isCertainlyOwn(_ slot: Int) -> Bool { isOwn[slot] }
  func isPossiblyOwn(_ slot: Int) -> Bool { mayBeOwn[slot] || mayBecomeOwn[slot] }

  func hasAnnounced(_ place: Place) -> Bool { announced.contains(place) }

  // MARK: What was seen

  func noteAnnounced(_ place: Place) { announced.insert(place) }

  func addFixed(_ slot: Int, _ way: FixedWay) {
    if fixed[slot] == nil || way.isSingle { fixed[slot] = way }
    add(slot, way.place, .topology)
  }

  func add(_ slot: Int, _ place: Place, _ ground: Ground) {
    for index in ways[slot].indices
    where ways[slot][index].place == place && ways[slot][index].ground == ground { return }
    ways[slot].append(Way(place: place, ground: ground))
    if let known = certain[slot], known.place != place { certain[slot] = nil }
  }

  /// Without doubt: the device at the place has the EID and the router knows it.
  func confirm(_ slot: Int, at place: Place) {
    guard !mayBeOwn[slot] else { return }
    add(slot, place, .direct)
    ways[slot].removeAll { $0.ground == .direct && $0.place != place }
    certain[slot] = Certain(place: place)
  }

  /// A range is for certain behind the bridge there.
  func confirmPool(_ slot: Int, at place: Place) {
    add(slot, place, .pool)
    ways[slot].removeAll { $0.ground == .pool && $0.place != place }
    let isAlone = ways[slot].allSatisfy { $0.place == place }
    certain[slot] = isAlone && !mayBeOwn[slot] ? Certain(place: place) : nil
  }

  func isCertain(_ slot: Int, at place: Place) -> Bool { certain[slot]?.place == place }

  // MARK: Doubts

  /// A question to the place was not answered at once.
  func suspend(_ place: Place) {
    for slot in certain.indices where certain[slot]?.place == place {
      certain[slot]?.isSuspended = true
    }
  }

  /// It was answered after all.
  func resume(_ place: Place) {
    for slot in certain.indices where certain[slot]?.place == place {
      certain[slot]?.isSuspended = false
    }
  }

  func doubt(_ place: Place) {
    placeEpochs[place, default: 0] += 1
    for slot in certain.indices {
      if certain[slot]?.place == place { certain[slot] = nil }
      if leased[slot] == place { leased[slot] = nil }
    }
  }

  func doubt(port: UInt8) {
    epoch += 1
    for slot in certain.indices where certain[slot]?.place.port == port { certain[slot] = nil }
  }

  func doubtAll() {
    epoch += 1
    for slot in certain.indices {
      certain[slot] = nil
      leased[slot] = nil
    }
  }

  /// Changes with every doubt about the place.
  func epoch(of place: Place) -> UInt32 { epoch &+ (placeEpochs[place] ?? 0) << 16 }

  // MARK: The router's own

  func mayOwn(_ slot: Int) {
    mayBeOwn[slot] = true
    certain[slot] = nil
  }

  /// Out of what there is to give it may take one itself, which shows when it speaks with it.
  func reserveOwn(_ slot: Int) { mayBecomeOwn[slot] = true }

  func owns(_ slot: Int) {
    mayOwn(slot)
    isOwn[slot] = true
  }

  /// An owner above changes an EID of the router's: which one is not certain.
  func doubtOwn(network: Int) {
    for eid in 0..<256 { isOwn[network << 8 | eid] = false }
  }

  /// A start with leases: who may be where is as before. Who was up has its EID and its route
  /// again before anybody is asked.
  ///
  /// - Parameter kept: EIDs, as slots, whose leases were on the disk for certain.
  func takeOver(_ former: RoutingModel, certain kept: Set<Int>) {
    announced = former.announced
    guard former.networkCount == networkCount else { return }
    for slot in former.ways.indices {
      for way in former.ways[slot] where way.ground != .topology {
        add(slot, way.place, way.ground)
      }
      guard let known = former.certain[slot], kept.contains(slot) else { continue }
      leased[slot] = known.place
      confirm(slot, at: known.place)
    }
  }

  /// Where a lease of before the start has the EID; nil for none, or when there is doubt.
  func leasedPlace(_ slot: Int) -> Place? { leased[slot] }

  /// The EID that the device at the place has by a lease of before the start.
  func leasedSlot(at place: Place) -> Int? { leased.firstIndex { $0 == place } }
}
