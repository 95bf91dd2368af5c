internal import MCTPWire

// What the router may give out of its own right: ranges of EIDs, of the router for every network
// or of one network for itself.

extension TopologyLoader {
  /// Disjoint, used by somebody, and with something in them. Needs `fixedEIDs`.
  mutating func checkEIDRanges() {
    guard let router else { return }
    checkOverlaps(router.eidRanges)
    for network in networks { checkOverlaps(network.eidRanges) }
    checkUse(of: router)
    let used = Set(ports.compactMap(\.network)).sorted()
    for number in used {
      guard let ranges = eidRanges(in: number) else { continue }
      checkFreedom(of: ranges, in: number)
      checkOwnerAbove(ranges, in: number)
    }
    for network in networks where used.contains(network.number.value) {
      guard let ranges = network.eidRanges, !ranges.ranges.isEmpty,
        !isGivingEIDs(in: network.number.value)
      else { continue }
      reportUnused(ranges, "no port of network \(network.number.value) gives out EIDs")
    }
  }

  /// Those of the network, else the router's; nil when there are none.
  func eidRanges(in network: UInt8) -> EIDRangesDraft? {
    networks.first { $0.number.value == network }?.eidRanges ?? router?.eidRanges
  }

  /// What of the ranges is neither the router's own nor in a static route: ascending runs.
  func freeEIDRanges(in network: UInt8) -> [ClosedRange<EID>] {
    var free: [ClosedRange<EID>] = []
    let ranges = eidRanges(in: network)?.ranges.map(\.value) ?? []
    for eid in EID.assignable.all
    where ranges.contains(where: { $0.contains(eid) }) && !isTaken(eid, in: network) {
      if let last = free.last, last.upperBound.rawValue + 1 == eid.rawValue {
        free[free.count - 1] = last.lowerBound...eid
      } else {
        free.append(eid...eid)
      }
    }
    return free
  }

  private func isTaken(_ eid: EID, in network: UInt8) -> Bool {
    routeTables[network]?.best(eid) != nil
      || ownEIDs[network]?.contains { $0.eid == eid } ?? false
  }

  /// Whether a port of the network is to find devices. A gap is not a reason for a diagnostic.
  private func isGivingEIDs(in network: UInt8) -> Bool {
    ports.contains { $0.fields.has("discovery") && $0.mayOwn && $0.network ?? network == network }
  }

  private mutating func checkOverlaps(_ draft: EIDRangesDraft?) {
    var before: [Located<ClosedRange<EID>>] = []
    for range in draft?.ranges ?? [] {
      if let other = before.first(where: { $0.value.overlaps(range.value) }) {
        reader.diagnostics.error(
          range.value.isSingle
            ? "EID \(range.value.text) is listed twice"
            : "EIDs \(range.value.text) overlap \(other.value.text)",
          at: range.position,
          hint: "the other one is at line \(other.position.line): each EID is in one range")
      }
      before.append(range)
    }
  }

  private mutating func checkUse(of router: RouterDraft) {
    guard let ranges = router.eidRanges, !ranges.ranges.isEmpty else { return }
    let users = Set(ports.compactMap(\.network)).filter { number in
      !networks.contains { $0.number.value == number && $0.eidRanges != nil }
    }
    if users.isEmpty, !ports.isEmpty, ports.allSatisfy({ $0.network != nil }) {
      reader.diagnostics.warning(
        "`eid-ranges` of the router are used in no network", at: ranges.position,
        hint: "every network has its own: remove these")
    } else if !users.contains(where: isGivingEIDs) {
      reportUnused(ranges, "no port gives out EIDs")
    }
  }

  private mutating func reportUnused(_ ranges: EIDRangesDraft, _ message: String) {
    reader.diagnostics.warning(
      message, at: ranges.position,
      hint: "`eid-ranges` are for ports with role `owner` and `discovery`")
  }

  private mutating func checkFreedom(of ranges: EIDRangesDraft, in network: UInt8) {
    for range in ranges.ranges {
      let isFull = range.value.all.allSatisfy { eid in
        isTaken(eid, in: network) || fixedEIDs[network]?[eid] != nil
      }
      guard isFull else { continue }
      reader.diagnostics.warning(
        range.value.isSingle
          ? "EID \(range.value.text) is not free in network \(network)"
          : "EIDs \(range.value.text) hold nothing free in network \(network)", at: range.position,
        hint: "the router's own EIDs, those of static routes and fixed ones are given to nobody "
          + "else")
    }
  }

  private mutating func checkOwnerAbove(_ ranges: EIDRangesDraft, in network: UInt8) {
    let isOwner = ports.contains {
      $0.network == network && $0.role?.value == .owner && $0.fields.has("discovery")
    }
    guard isOwner, !ranges.ranges.isEmpty,
      let above = ports.first(where: { $0.network == network && $0.role?.value == .endpoint })
    else { return }
    reader.diagnostics.warning(
      "network \(network) has an owner above, at \(above.title)", at: ranges.position,
      hint: "its pool is not used beside `eid-ranges`: remove them, with `eid-ranges: []` at "
        + "`networks` for one network, unless the owner above keeps off these EIDs")
  }
}

extension ClosedRange<EID> {
  var isSingle: Bool { lowerBound == upperBound }

  /// `9`, or `20-27`.
  var text: String {
    isSingle ? "\(lowerBound.rawValue)" : "\(lowerBound.rawValue)-\(upperBound.rawValue)"
  }

  /// Each EID, ascending.
  var all: some Sequence<EID> { (lowerBound.rawValue...upperBound.rawValue).lazy.map { EID($0) } }
}
