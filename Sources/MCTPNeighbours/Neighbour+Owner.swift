/// What an owner above does: finds the router's ports that its plan names, gives each its EID, a
/// pool and routes, and looks after them. Set Endpoint ID and Allocate as mctpd sends them:
/// operation 00b, or 01b if it forces; never 10b.
extension Neighbour {
  struct OwnerTask {
    enum Step {
      case find
      case assign
      case allocate
      case tellRoutes
      /// What is left is to poll, if asked.
      case done
    }

    var grant: NeighbourConfiguration.OwnerPlan.Grant
    var step = Step.find
    /// When it is to be begun, or begun anew; nil: nothing is to be done.
    var nextAt: UInt64?
    var isAsking = false
    var eid: UInt8 = 0
    /// What the port said that it wants.
    var poolSize: UInt8 = 0
  }

  private static let anew: UInt64 = 5_000_000_000

  func beginTasks() {
    questions.removeAll { question in
      guard question.purpose != .asking else { return false }
      freeTag(question.tag, question.destination)
      return true
    }
    tasks = isOwner ? plan.grants.map { OwnerTask(grant: $0, nextAt: clock) } : []
    deadline = 0
  }

  /// Where a packet for this EID leaves; nil: it knows no port of the router.
  func grantAddress(for peer: UInt8) -> UInt8? {
    for grant in plan.grants {
      let isInPool =
        peer >= grant.poolFirst && Int(peer) < Int(grant.poolFirst) + Int(grant.poolCount)
      if peer == grant.eid || isInPool { return grant.address }
    }
    return configuration.bridgeAddress ?? plan.grants.first?.address
  }

  // ---- one step after the other ------------------------------------------------------------

  func stepTasks() {
    for index in tasks.indices {
      guard let at = tasks[index].nextAt, at <= clock, !tasks[index].isAsking,
        !isAsked(tasks[index].grant.address)
      else { continue }
      if begin(index) {
        tasks[index].isAsking = true
        tasks[index].nextAt = nil
      } else {
        tasks[index].nextAt = clock + Self.anew
      }
    }
  }

  private func begin(_ index: Int) -> Bool {
    let task = tasks[index]
    let operation: UInt8 = habits.forces ? 1 : 0
    var destination: UInt8 = 0
    var repeats = 3
    let body: [UInt8]
    switch task.step {
    case .find:
      body = controlRequest(0x02, [])
    case .assign:
      body = controlRequest(0x01, [operation, task.grant.eid])
    case .allocate:
      destination = task.eid
      let count = min(task.grant.poolCount, task.poolSize)
      body = controlRequest(0x08, [operation, count, task.grant.poolFirst])
    case .tellRoutes:
      destination = task.eid
      var parameters: [UInt8] = [0]
      // What fits a control message of 64 bytes.
      for route in plan.routes where 3 + parameters.count + 3 + route.address.count <= 64 {
        parameters[0] += 1
        parameters += [route.type, route.count, route.first] + route.address
      }
      body = controlRequest(0x09, parameters)
    case .done:
      destination = task.eid
      repeats = 0
      body = controlRequest(0x02, [])
    }
    return ask(
      body, for: .task(index), to: destination, address: task.grant.address,
      source: habits.asksFromNullEID ? 0 : eid, timeoutMs: 300, repeats: repeats)
  }

  func concludeTask(_ index: Int, _ question: Question, _ body: [UInt8]?) {
    guard index < tasks.count else { return }
    tasks[index].isAsking = false
    if case .done = tasks[index].step { return rest(index) }
    guard let body, body.count >= 4, body[3] == Code.success else { return beginAnew(index) }
    switch tasks[index].step {
    case .find:
      go(index, .assign)
    case .assign:
      guard body.count >= 7 else { return beginAnew(index) }
      guard body[4] >> 4 & 3 == 0 else { return rest(index) }
      tasks[index].eid = body[5]
      tasks[index].poolSize = body[6]
      let wantsPool = body[4] & 3 == 1 || body[4] & 3 == 2
      if tasks[index].grant.poolCount > 0, wantsPool, body[6] > 0 {
        go(index, .allocate)
      } else {
        assigned(index)
      }
    case .allocate:
      assigned(index)
    case .tellRoutes, .done:
      rest(index)
    }
  }

  private func go(_ index: Int, _ step: OwnerTask.Step) {
    tasks[index].step = step
    tasks[index].nextAt = clock
  }

  private func beginAnew(_ index: Int) {
    tasks[index].step = .find
    tasks[index].nextAt = clock + Self.anew
  }

  private func assigned(_ index: Int) {
    if plan.routes.isEmpty { rest(index) } else { go(index, .tellRoutes) }
  }

  private func rest(_ index: Int) {
    tasks[index].step = .done
    let interval = UInt64(plan.pollMs) * 1_000_000
    tasks[index].nextAt = interval > 0 && tasks[index].eid != 0 ? clock + interval : nil
  }

  // ---- Discovery Notify --------------------------------------------------------------------

  /// Nil: it gets no answer.
  func takeNotify(from source: UInt8?) -> [UInt8]? {
    guard !habits.ignoresNotify else { return nil }
    if habits.assignsOnNotify {
      for index in tasks.indices
      where tasks[index].grant.address == source && !tasks[index].isAsking {
        go(index, .find)
      }
      deadline = 0
    }
    return [Code.success]
  }
}
