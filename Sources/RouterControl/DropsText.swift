public import AdminProtocol
internal import MCTPWire

extension DropsResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    guard !counters.isEmpty || !recent.isEmpty else { return "Nothing was dropped.\n" }
    var totals = TextTable(
      columns: [.left("PORT"), .right("COUNT"), .left("REASON"), .left("MEANING")],
      emptyText: "No counters.")
    totals.rows = counters.map { row in
      [row.port, "\(row.count)", row.reason, DropsResult.meanings[row.reason]]
    }
    var last = TextTable(
      columns: [
        .right("AGE (S)"), .left("PORT"), .left("REASON"), .left("FROM"), .right("BYTES"),
        .left("STARTS WITH"),
      ], emptyText: "No recent drops are kept.")
    last.rows = recent.map { drop in
      [
        seconds(drop.ageMs), drop.port, drop.reason, drop.address, "\(drop.length)",
        drop.header.bytes.isEmpty ? nil : drop.header.spacedText,
      ]
    }
    return [totals, last].map { $0.text(isBold: style.isBold) }.joined(separator: "\n")
  }

  private static let meanings = Dictionary(
    uniqueKeysWithValues: DropReason.allCases.map { ($0.name, $0.explanation) })
}
