// What a bridge was told of ways, and acknowledged: it believes that until it is told otherwise.

internal import MCTPWire

extension InvariantChecker {
  /// Choice: the time to tell bridges of a change, with the pace of updates and repetitions.
  private static let retellMs: UInt32 = 15_000

  /// An update leaves for the first time.
  func noteUpdate(_ request: OwnRequest, _ bytes: Span<UInt8>, _ router: Int) {
    let port = routers[router].ports[Int(request.place.port)]
    var entries: [Duties.Told] = []
    forEachUpdateEntry(bytes, port.addressForm) { entry in
      entries.append(
        .init(
          place: request.place, network: port.network, first: entry.first, count: entry.count))
    }
    routers[router].duties.untold[request.place] = entries
  }

  /// The bridge took the update.
  func noteAcknowledged(_ request: OwnRequest, _ router: Int) {
    guard let entries = routers[router].duties.untold.removeValue(forKey: request.place) else {
      return
    }
    for entry in entries {
      routers[router].duties.stale.removeAll {
        $0.place == entry.place && $0.network == entry.network && entry.covers($0.eid)
      }
      let isKnown = routers[router].duties.told.contains {
        $0.place == entry.place && $0.network == entry.network && $0.first == entry.first
          && $0.count == entry.count
      }
      if !isKnown { routers[router].duties.told.append(entry) }
    }
  }

  public func commanded(_ command: RouterCommand, refusal: String?, router: Int) {
    guard isWatching(router), refusal == nil, case .forget(let eid, let number) = command,
      let network = routers[router].networks.firstIndex(of: number)
    else { return }
    let told = routers[router].duties.told
    for single in told
    where single.network == network && single.count == 1 && single.first == eid.rawValue {
      let isInRange = told.contains {
        $0.place == single.place && $0.network == network && $0.count > 1
          && $0.covers(eid.rawValue)
      }
      guard isInRange else { continue }
      routers[router].duties.stale.append(
        .init(
          place: single.place, network: network, eid: eid.rawValue,
          epoch: routers[router].model.epoch(of: single.place),
          due: now.advanced(byMs: Self.retellMs)))
    }
    routers[router].duties.told.removeAll {
      $0.network == network && $0.count == 1 && $0.first == eid.rawValue
    }
  }

  func checkStale(_ router: Int) {
    guard let first = routers[router].duties.stale.first, first.due < now else { return }
    routers[router].duties.stale.removeFirst()
    let model = routers[router].model
    guard routers[router].ports[Int(first.place.port)].isUp,
      model.epoch(of: first.place) == first.epoch
    else { return }
    fail(
      "claim",
      "\(place(router, first.place)): \(first.place.address) was told of EID \(first.eid) by "
        + "itself, and it was forgotten \(Self.retellMs / 1000) s ago; the range over it was not "
        + "told again")
  }
}
