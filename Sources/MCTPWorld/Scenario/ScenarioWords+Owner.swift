// What an owner of another make gives and tells, and what lives inside neighbours.

internal import MCTPNeighbours
internal import MCTPWire

/// Where an owner is: its own address on I2C, and that of the router's port.
struct OwnerPlace {
  var address: UInt8?
  var portAddress: UInt8?
}

enum OwnerWord {
  case grants
  case tells
  case polls
  case remote

  static let all: [(String, OwnerWord)] = [
    ("grants", .grants), ("tells", .tells), ("polls", .polls), ("remote", .remote),
  ]
}

/// Types of routes, with the words of topologies: DSP0236 1.3.3 §12.
private enum RouteWord: UInt8 {
  case endpoint = 0
  case bridgeRange = 1
  case bridge = 2
  case range = 3

  static let all: [(String, RouteWord)] = [
    ("endpoint", .endpoint), ("bridge-range", .bridgeRange), ("bridge", .bridge),
    ("range", .range),
  ]
}

extension ScenarioWords {
  /// One word or more of a plan, laid over `plan`; grants and routes come anew.
  mutating func ownerPlan(
    over old: NeighbourConfiguration.OwnerPlan, _ place: OwnerPlace
  ) throws(ScenarioProblem) -> NeighbourConfiguration.OwnerPlan {
    var plan = old
    plan.grants = []
    plan.routes = []
    repeat {
      let word = next
      let known = try choice("word of an owner's plan", OwnerWord.all)
      guard known != .remote else {
        throw problem(
          "what is behind an owner stays", at: word, hint: "say `remote` where the owner is stated")
      }
      try take(known, &plan, place)
    } while !isOver
    if plan.grants.isEmpty { plan.grants = old.grants }
    return plan
  }

  mutating func take(
    _ word: OwnerWord, _ plan: inout NeighbourConfiguration.OwnerPlan, _ place: OwnerPlace
  ) throws(ScenarioProblem) {
    switch word {
    case .grants: plan.grants.append(try grant(place))
    case .tells: plan.routes += try routes(place)
    case .polls:
      try expect("every")
      plan.pollMs = try milliseconds("how often that is")
    case .remote:
      let at = next
      plan.remote = try children()
      guard plan.remote.allSatisfy({ $0.staticEID != 0 }) else {
        throw problem(
          "what is behind an owner has an EID each", at: at, hint: "as in `remote disk=40,nic=41`")
      }
    }
  }

  /// `EID [pool FIRST-LAST] [to ADDRESS]`
  private mutating func grant(
    _ place: OwnerPlace
  ) throws(ScenarioProblem) -> NeighbourConfiguration.OwnerPlan.Grant {
    var grant = NeighbourConfiguration.OwnerPlan.Grant(
      address: place.portAddress, eid: UInt8(try number("EID", 8...254)))
    if takes("pool") {
      let pool = try eids("pool")
      grant.poolFirst = pool.lowerBound
      grant.poolCount = UInt8(pool.count)
    }
    if takes("to") { grant.address = UInt8(try number("I2C address", 0x08...0x77)) }
    return grant
  }

  /// `endpoint EID[-EID]` (one entry each), `bridge EID`, `range A-B` or `bridge-range A-B`, and
  /// `[at ADDRESS]`
  private mutating func routes(
    _ place: OwnerPlace
  ) throws(ScenarioProblem) -> [NeighbourConfiguration.OwnerPlan.Route] {
    let type = try choice("type of a route", RouteWord.all)
    let eids = try eids("route")
    var address = place.address
    if takes("at") { address = UInt8(try number("I2C address", 0x08...0x77)) }
    // The address is in the upper seven bits, as in routing tables.
    let bytes = address.map { [$0 << 1] } ?? []
    if type == .endpoint || type == .bridge {
      return eids.map { .init(type: type.rawValue, count: 1, first: $0, address: bytes) }
    }
    return [
      .init(
        type: type.rawValue, count: UInt8(eids.count), first: eids.lowerBound, address: bytes)
    ]
  }

  /// `EID` or `FIRST-LAST`
  private mutating func eids(_ what: String) throws(ScenarioProblem) -> ClosedRange<UInt8> {
    let word = try word(what)
    let ends = word.text.split(separator: "-", omittingEmptySubsequences: false)
      .map { ScenarioWords.integer(String($0)) ?? 0 }
    guard ends.count <= 2, let first = ends.first, let last = ends.last, first <= last,
      (8...254).contains(first), (8...254).contains(last)
    else {
      throw problem(
        "\(backQuoted(word.text)) are no EIDs", at: word,
        hint: "one or FIRST-LAST, from 8 to 254: 40-47")
    }
    return UInt8(first)...UInt8(last)
  }

  /// `N`, or names, some with static EIDs: `a,b=40`
  mutating func children() throws(ScenarioProblem) -> [NeighbourConfiguration.Child] {
    let word = try word("what is behind it")
    if let count = ScenarioWords.integer(word.text) {
      guard (1...246).contains(count) else {
        throw problem("\(count) are no children", at: word, hint: "a number from 1 to 246")
      }
      return (1...count).map { NeighbourConfiguration.Child(name: "c\($0)") }
    }
    var children: [NeighbourConfiguration.Child] = []
    for part in word.text.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(halves[0])
      let eid = halves.count == 2 ? ScenarioWords.integer(String(halves[1])) ?? 0 : nil
      guard ScenarioWords.isName(name), eid.map({ (8...254).contains($0) }) ?? true,
        !children.contains(where: { $0.name == name })
      else {
        throw problem(
          "\(backQuoted(String(part))) is nobody behind a neighbour", at: word,
          hint: "names, each once, with commas; a static EID after `=`: a,b=40")
      }
      children.append(NeighbourConfiguration.Child(name: name, staticEID: UInt8(eid ?? 0)))
    }
    return children
  }
}

extension NeighbourConfiguration.OwnerPlan {
  /// As a scenario says it.
  var words: String {
    var words = grants.map { grant in
      "grants \(grant.eid)"
        + (grant.poolCount > 0
          ? " pool \(grant.poolFirst)-\(UInt16(grant.poolFirst) + UInt16(grant.poolCount) - 1)"
          : "")
        + (grant.address.map { " to \(hexadecimal($0))" } ?? "")
    }
    if !routes.isEmpty { words.append("tells \(routes.count) routes") }
    if pollMs > 0 { words.append("polls every \(pollMs)ms") }
    return words.joined(separator: " ")
  }
}
