// What the world itself knows of its devices, as far as it told observers. Lives as long as a run.

internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

struct DeviceTruth {
  var isPresent: Bool
  var uuid: EndpointUUID
  /// Its temperament and habits leave every question of who it is answered, and true.
  var isPlain: Bool
  /// When something was last done to it, or to what it lives in; nil for never.
  var touchedAt: Instant?
  /// When another device last took its place.
  var exchangedAt: Instant?
  /// The source EID of what it last sent, 0 for none.
  var spokenEID: UInt8 = 0
  var spokenAt: Instant?

  init(_ device: Board.Device) {
    isPresent = device.isPresent
    uuid = device.configuration.uuid
    isPlain = device.temperament == .good && device.habits.tellsTheTruth
  }
}

extension NeighbourHabits {
  /// Who it is, it says when it is asked, and truly. A static EID is no lie.
  fileprivate var tellsTheTruth: Bool {
    var habits = self
    habits.keepsStaticEID = false
    return habits == .plain
  }
}

/// The devices of a board, and when anything was last done that may show elsewhere.
struct BoardTruth {
  var devices: [DeviceTruth]
  /// When a router, a port or a wire last changed, or a device its behaviour.
  private(set) var troubledAt: Instant?
  /// Wires that lose or spoil something now.
  private var isFaulty: [Bool]
  private let board: Board

  init(_ board: Board) {
    self.board = board
    devices = board.devices.map(DeviceTruth.init)
    isFaulty = board.wires.map { _ in false }
  }

  mutating func note(_ event: WorldEvent, at now: Instant) {
    switch event {
    case .insert(let device): touch(device, now) { $0.isPresent = true }
    case .remove(let device): touch(device, now) { $0.isPresent = false }
    case .restart(let device): touch(device, now) { _ in }
    case .temperament(let device, let temperament):
      troubledAt = now
      touch(device, now) { $0.isPlain = temperament == .good }
    case .habits(let device, let habits):
      troubledAt = now
      touch(device, now) { $0.isPlain = habits.tellsTheTruth }
    case .exchange(let device, let identity):
      touch(device, now) {
        $0.uuid = identity.uuid
        $0.exchangedAt = now
      }
    case .grants(let device, _), .sends(let device, _, _):
      troubledAt = now
      touch(device, now) { _ in }
    case .faults(let wire, let faults):
      troubledAt = now
      isFaulty[wire] = faults != .none
    case .cut(let wire):
      troubledAt = now
      isFaulty[wire] = true
    case .mend(let wire):
      troubledAt = now
      isFaulty[wire] = false
    // What a person orders of one EID is nothing to the others.
    case .command(_, .forget): break
    case .load: break
    default: troubledAt = now
    }
  }

  /// The device, and what lives inside it.
  private mutating func touch(
    _ device: Int, _ now: Instant, _ change: (inout DeviceTruth) -> Void
  ) {
    change(&devices[device])
    for index in devices.indices
    where index == device || board.devices[index].behind == device {
      devices[index].touchedAt = now
      devices[index].spokenEID = 0
    }
  }

  mutating func spoke(_ device: Int, as eid: UInt8, at now: Instant) {
    guard SeenPacket.isAssignable(eid) else { return }
    devices[device].spokenEID = eid
    devices[device].spokenAt = now
  }

  /// No wire loses anything, and nothing was done for so long but that devices came and went.
  func isCalm(forMs ms: UInt32, at now: Instant) -> Bool {
    if isFaulty.contains(true) { return false }
    return troubledAt.map { $0.advanced(byMs: ms) < now } ?? true
  }

  func isPresent(_ device: Int) -> Bool {
    devices[board.devices[device].behind ?? device].isPresent
  }

  /// The only device at an address that a wire has at present; nil when there are none or two.
  func alone(on wire: Int, at address: PhysicalAddress) -> Int? {
    let there = devices.indices.filter {
      let part = board.devices[$0]
      return part.behind == nil && part.wire == wire && part.address == address
        && devices[$0].isPresent
    }
    return there.count == 1 ? there[0] : nil
  }

  /// Who is present and last spoke with that EID, in that network of the whole board.
  func speakers(of eid: UInt8, network: UInt8) -> [Int] {
    devices.indices.filter {
      devices[$0].spokenEID == eid && isPresent($0)
        && board.network(of: board.devices[$0]) == network
    }
  }
}
