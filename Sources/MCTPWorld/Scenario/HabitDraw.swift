// How strong a neighbour's habit is that a seed switches on.

internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

struct HabitDraw {
  let board: Board
  let device: Int

  /// Nil when there is no such thing for this device.
  func effect(_ kind: FaultKind, _ own: inout SeededGenerator) -> DrawnFault.Effect? {
    switch kind {
    case .exchange:
      let uuid = EndpointUUID(high: own.next() | 1, low: own.next())
      return .exchange(device: device, BoardIdentity(uuid: uuid))
    case .renumber: return renumbered(&own).map { .grants(device: device, $0) }
    default:
      var habits = NeighbourHabits.plain
      switch kind.subject {
      case .bridge: drawBridge(kind, &habits, &own)
      case .owner: drawOwner(kind, &habits)
      default: draw(kind, &habits, &own)
      }
      return .habits(device: device, habits)
    }
  }

  private func draw(
    _ kind: FaultKind, _ habits: inout NeighbourHabits, _ own: inout SeededGenerator
  ) {
    switch kind {
    case .trailing: habits.trailingByteCount = UInt8(own.number(1...8))
    case .missing: habits.missingByteCount = UInt8(own.number(1...3))
    case .errorCode:
      habits.errorEach = own.number(1...6)
      habits.errorCode = own.number(0...1) == 0 ? 0x01 : 0x04
    case .notReady: habits.notReadyMs = own.number(100...300) << own.number(0...5)
    case .refusesSet: habits.setRefusal = UInt8(own.number(1...5))
    case .static: habits.keepsStaticEID = true
    case .wrongSetting: habits.setSetting = UInt8(own.number(0...254))
    case .keepsEID: habits.keepsEIDOverRestart = true
    case .needsSet: habits.needsSetEndpointID = true
    case .hidesControl: habits.listsControl = false
    case .notifyStorm: habits.notifyPerSecond = own.number(1...50)
    case .spoof:
      habits.spoofPerSecond = own.number(1...50)
      let eids = (UInt8(own.number(0...60)), UInt8(own.number(8...60)))
      (habits.spoofedSource, habits.spoofDestination) = eids
    case .broken:
      habits.brokenMessagesPerSecond = own.number(1...50)
      habits.floodDestination = UInt8(own.number(8...60))
    case .asks: habits.asksEveryMs = own.number(5...20) << own.number(0...7)
    case .deaf: habits.isDeafAfterBadFrame = true
    case .frameSource: habits.frameSourceAddress = UInt8(own.number(0x08...0x77))
    default: break
    }
  }

  private func drawBridge(
    _ kind: FaultKind, _ habits: inout NeighbourHabits, _ own: inout SeededGenerator
  ) {
    switch kind {
    case .poolAnswer: habits.allocateAnswer = poolAnswer(&own)
    case .poolTells: habits.poolInformation = poolAnswer(&own)
    case .poolWish: habits.poolWish = UInt8(own.number(1...40))
    case .poolClaim:
      let (count, first) = (UInt8(own.number(1...16)), UInt8(own.number(0...80)))
      habits.claimedPool = NeighbourHabits.ClaimedPool(count: count, first: first)
    case .neverAllocated: habits.neverSaysAllocated = true
    case .saysNoPool: habits.saysNoPool = true
    case .refusesSecond: habits.refusesSecondAllocate = true
    case .tableForm:
      let forms: [NeighbourHabits.TableForm] = [
        .poolRange, .bridgeRange, .bridgeOnly, .none, .refused(0x01), .refused(0x05),
      ]
      habits.tableForm = forms[own.index(forms.count)]
    case .tableMisses: habits.tableMissesChildrenEach = own.number(1...4)
    case .settles: habits.settlesMs = own.number(100...300) << own.number(0...6)
    case .refusesUpdate: habits.updateRefusal = UInt8(own.number(1...5))
    case .keepsPool: habits.keepsPoolOverRestart = true
    default: break
    }
  }

  private func drawOwner(_ kind: FaultKind, _ habits: inout NeighbourHabits) {
    switch kind {
    case .ignoresNotify: habits.ignoresNotify = true
    case .assignsOnce: habits.assignsOnNotify = false
    case .forces: habits.forces = true
    case .nullSource: habits.asksFromNullEID = true
    default: break
    }
  }

  private func poolAnswer(_ own: inout SeededGenerator) -> NeighbourHabits.PoolAnswer {
    switch own.number(0...2) {
    case 0: return .zero
    case 1: return .wish
    default:
      let count = UInt8(own.number(0...40))
      return .fixed(count: count, first: UInt8(own.number(0...254)))
    }
  }

  /// Every EID and pool that the owner gives, moved up by one number; nil where no number of a few
  /// leaves them among those that nobody else has.
  private func renumbered(
    _ own: inout SeededGenerator
  ) -> NeighbourConfiguration.OwnerPlan? {
    guard var plan = board.devices[device].grants else { return nil }
    let taken = takenEIDs(plan)
    for _ in 0..<8 {
      let shift = Int(own.number(1...60))
      let wanted = plan.grants.flatMap { $0.eids.map { Int($0) + shift } }
      guard wanted.allSatisfy({ $0 <= 254 && !taken.contains($0) }) else { continue }
      for index in plan.grants.indices {
        plan.grants[index].eid += UInt8(shift)
        if plan.grants[index].poolCount > 0 { plan.grants[index].poolFirst += UInt8(shift) }
      }
      return plan
    }
    return nil
  }

  /// Those of owners, of what is behind them and of the routes that they tell.
  private func takenEIDs(_ plan: NeighbourConfiguration.OwnerPlan) -> Set<Int> {
    var taken: Set<Int> = []
    for other in board.devices {
      guard let grants = other.grants else { continue }
      taken.insert(Int(other.configuration.eid.rawValue))
      for child in grants.remote { taken.insert(Int(child.staticEID)) }
      for route in grants.routes {
        for offset in 0..<Int(route.count) { taken.insert(Int(route.first) + offset) }
      }
      if grants != plan { taken.formUnion(grants.grants.flatMap { $0.eids.map { Int($0) } }) }
    }
    return taken
  }
}

extension NeighbourConfiguration.OwnerPlan.Grant {
  /// The EID and the pool.
  var eids: [UInt8] {
    [eid] + (0..<poolCount).map { poolFirst &+ $0 }
  }
}
