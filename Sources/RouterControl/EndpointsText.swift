public import AdminProtocol
internal import MCTPWire

extension EndpointsResult: Rendered {
  /// How an endpoint does, then who it is, then what only some have.
  public func text(_ style: TextStyle) -> String {
    guard !endpoints.isEmpty else { return "No endpoints are known.\n" }
    return [life, identity].map { $0.text(isBold: style.isBold) }.joined(separator: "\n") + notes
  }

  private var life: TextTable {
    var table = TextTable(
      columns: [
        .right("NET"), .right("EID"), .left("PORT"), .left("ADDRESS"), .right("VIA"),
        .left("KIND"), .left("STATE"), .left("REASON"), .left("SINCE"),
      ], emptyText: "")
    for index in [4, 7, 8] { table.columns[index].isOptional = true }
    table.rows = endpoints.map { row in
      [
        "\(row.network)", row.eid.map { "\($0)" }, row.port, row.address,
        row.via.map { "\($0)" }, row.kind.known == .unknown ? nil : row.kind.text,
        row.state?.text, row.reason?.text, row.sinceMs.map(age),
      ]
    }
    return table
  }

  /// Bytes of names of message types in a line: with a UUID and a name of ten letters the line has
  /// 100 columns.
  private static let typesWidth = 22

  private var identity: TextTable {
    var table = TextTable(
      columns: [
        .right("NET"), .right("EID"), .optional("NAME"), .left("FROM"), .optional("UUID"),
        .left("MESSAGE TYPES"),
      ], emptyText: "No endpoint has an EID.")
    for row in endpoints where row.eid != nil {
      let lines = EndpointsResult.lines(
        row.messageTypes.map { MessageType(rawValue: $0).name }, width: EndpointsResult.typesWidth)
      table.rows.append([
        "\(row.network)", row.eid.map { "\($0)" }, row.name, (row.origin?.text ?? row.source.text),
        row.uuid, lines.first,
      ])
      for line in lines.dropFirst() { table.rows.append(["", "", "", "", "", line]) }
    }
    return table
  }

  /// Words with a blank between them, in lines of at most `width` unless a word is longer.
  private static func lines(_ words: [String], width: Int) -> [String] {
    words.reduce(into: []) { lines, word in
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(word)
      }
    }
  }

  private var notes: String {
    let hasNetworks = Set(endpoints.map(\.network)).count > 1
    let lines = endpoints.flatMap { row in
      row.notes.map { printable("\(row.label(withNetwork: hasNetworks)): \($0)") + "\n" }
    }
    return lines.isEmpty ? "" : "\n" + lines.joined()
  }
}

extension EndpointRow {
  fileprivate func label(withNetwork hasNetwork: Bool) -> String {
    let label =
      eid.map { "EID \($0)" } ?? [address, port].compactMap { $0 }.joined(separator: " on ")
    return hasNetwork ? label + " in network \(network)" : label
  }

  /// True for an endpoint that does what it should, and for one that nobody watches.
  var isWell: Bool { state == nil || state?.known == .up }

  fileprivate var notes: [String] {
    var notes: [String] = []
    if let pool { notes.append(pool.note) }
    if let routingUpdate { notes.append(routingUpdate.note) }
    if !quirks.isEmpty { notes.append("quirks " + quirks.map(\.text).joined(separator: ", ")) }
    if !isWell, let lastContactMs { notes.append("last answer \(age(lastContactMs)) ago") }
    return notes
  }
}

extension EndpointRow.RoutingUpdate {
  fileprivate var note: String {
    switch state.known {
    case .current: "knows \(counted(entryCount, "route"))"
    case .pending:
      "knows \(counted(entryCount, "route")), is told the others"
        + (dueInMs.map { $0 == 0 ? " now" : " in \(age($0))" } ?? "")
    case .unsupported: "does not take Routing Information Update"
    case nil: "routes: \(state.text)"
    }
  }
}

extension PoolRow {
  /// `10-24`; nil for an empty pool and for one that no EIDs can be.
  var eids: String? {
    guard let first, count > 0 else { return nil }
    let (last, overflow) = Int(first).addingReportingOverflow(count - 1)
    guard !overflow, let last = UInt8(exactly: last) else { return nil }
    return eidRange(first, last)
  }

  var note: String {
    let cause = count < asked ? limit.map { ", because \($0)" } ?? "" : ""
    guard let eids else { return "no pool, asked for \(asked)" + cause }
    return "pool \(eids), asked for \(asked), given \(count)" + cause
  }
}
