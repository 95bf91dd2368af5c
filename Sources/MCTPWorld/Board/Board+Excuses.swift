// Who need not be reachable while something goes on being wrong.

internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

extension Board {
  /// Devices that nobody must reach: those with habits that no router can serve, those on a wire or
  /// behind a router that does not work, and all whom those cut off from the first router. When an
  /// owner above is cut off, nobody's EID is certain: all are excused.
  ///
  /// - Parameter passing: what ends with everything else. A bridge that once said that it wants no
  ///   pool, or has one, is not asked again by anybody: what is behind it has none.
  func excused(while staying: [WorldEvent], after passing: [WorldEvent] = []) -> [Int] {
    var broken = Broken(self)
    for event in staying { broken.take(event, self) }
    for case .habits(let device, let habits) in passing where !habits.letsChildrenBeServed {
      broken.children[device] = true
    }
    let reachable = reachableWires(broken)
    let isCutOff = devices.indices.map { device in
      broken.devices[device] || !reachable[devices[device].wire]
    }
    if devices.indices.contains(where: { devices[$0].grants != nil && isCutOff[$0] }) {
      return Array(devices.indices)
    }
    return devices.indices.filter { device in
      isCutOff[device]
        || devices[device].behind.map { isCutOff[$0] || broken.children[$0] } ?? false
    }
  }

  private struct Broken {
    var wires: [Bool]
    var routers: [Bool]
    var joints: [Bool]
    var devices: [Bool]
    /// What lives inside the device.
    var children: [Bool]

    init(_ board: Board) {
      wires = board.wires.map { _ in false }
      routers = board.routers.map { _ in false }
      joints = board.joints.map { _ in false }
      devices = board.devices.map { !$0.habits.canBeServed }
      children = board.devices.map { !$0.habits.letsChildrenBeServed }
    }

    mutating func take(_ event: WorldEvent, _ board: Board) {
      switch event {
      case .faults(let wire, let faults): if faults != .none { wires[wire] = true }
      case .cut(let wire): wires[wire] = true
      case .kill(let router): routers[router] = true
      case .portDown(let router, let port):
        for (index, joint) in board.joints.enumerated()
        where joint.router == router && joint.port == port {
          joints[index] = true
        }
      case .temperament(let device, let temperament):
        if temperament != .good { devices[device] = true }
      case .habits(let device, let habits):
        if !habits.canBeServed { devices[device] = true }
        if !habits.letsChildrenBeServed { children[device] = true }
      default: break
      }
    }
  }

  /// By wire: whether the first router is on it, or comes to it over routers and wires that work.
  private func reachableWires(_ broken: Broken) -> [Bool] {
    var reached = wires.map { _ in false }
    var routersReached = routers.map { _ in false }
    guard !routers.isEmpty, !broken.routers[0] else { return reached }
    routersReached[0] = true
    var hasGrown = true
    while hasGrown {
      hasGrown = false
      for (index, joint) in joints.enumerated()
      where !broken.joints[index] && !broken.wires[joint.wire] && !broken.routers[joint.router] {
        let (router, wire) = (joint.router, joint.wire)
        guard routersReached[router] != reached[wire] else { continue }
        routersReached[router] = true
        reached[wire] = true
        hasGrown = true
      }
    }
    return reached
  }
}

extension NeighbourHabits {
  /// Whether a device with these habits can be given an EID, be asked and answer, by a router that
  /// does what it can.
  var canBeServed: Bool {
    if answers == .never || reportedEIDOffset > 0 || missingByteCount > 0 || setSetting != nil {
      return false
    }
    if case .notEach = answers { return false }
    return setRefusal == nil && !keepsStaticEID && errorEach == 0 && forgetsEIDEveryMs == 0
      && answerDelayMs < 100 && frameSourceAddress == nil
  }

  /// Whether what is behind a bridge with these habits can get EIDs, and the router learn which.
  var letsChildrenBeServed: Bool {
    if case .fixed = allocateAnswer { return false }
    return !saysNoPool && claimedPool == nil && poolWish == 0 && setSetting == nil
  }
}
