public import AdminProtocol

extension EIDsResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    var table = TextTable(
      columns: [
        .right("NET"), .right("EIDS"), .right("COUNT"), .left("STATE"), .optional("DETAIL"),
      ], emptyText: "This router gives no EIDs.")
    for network in networks {
      table.rows += network.ranges.map { row in
        [
          "\(network.network)", eidRange(row.first, row.last), "\(row.count)", row.state.text,
          row.detail,
        ]
      }
    }
    let notes = networks.flatMap { network in
      network.notes.map { "network \(network.network): " + printable($0) + "\n" }
    }
    return table.text(isBold: style.isBold) + (notes.isEmpty ? "" : "\n" + notes.joined())
  }
}

extension EIDRangeRow {
  fileprivate var count: Int { max(0, Int(last) - Int(first) + 1) }

  fileprivate var detail: String? {
    var parts: [String] = []
    if let device {
      switch state.known {
      case .pool: parts.append("of bridge \(device)")
      default: parts.append("for EID \(device)")
      }
    }
    if let holder {
      parts += [
        holder.name, holder.port.map { $0 + (holder.address.map { " \($0)" } ?? "") },
        holder.port == nil ? holder.address : nil, holder.uuid,
      ].compactMap { $0 }
    }
    if let remainingMs { parts.append("\(age(remainingMs)) left") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

extension EIDsResult.Network {
  fileprivate var notes: [String] {
    var notes: [String] = []
    if !ranges.isEmpty {
      // In the order in which they appear first.
      var names: [String] = []
      var counts: [String: Int] = [:]
      for row in ranges {
        if counts[row.state.text] == nil { names.append(row.state.text) }
        counts[row.state.text, default: 0] += row.count
      }
      notes.append(names.map { "\(counts[$0] ?? 0) \($0)" }.joined(separator: ", "))
    }
    if let ownPool { notes.append("from the bus owner above: " + ownPool.note) }
    return notes
  }
}
