public import AdminProtocol

extension RoutesResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    var table = TextTable(
      columns: [
        .right("NET"), .right("EID"), .left("TYPE"), .left("PORT"), .left("NEXT HOP"),
        .left("MEDIUM"), .right("UNIT (BYTES)"), .left("ORIGIN"),
      ], emptyText: "The routing table is empty.")
    table.rows = routes.map { row in
      [
        "\(row.network)",
        row.firstEID == row.lastEID ? "\(row.firstEID)" : "\(row.firstEID)-\(row.lastEID)",
        row.entryType, row.port, row.address, row.medium, "\(row.transmissionUnitBytes)",
        row.isStatic ? "static" : "dynamic",
      ]
    }
    return table.text(isBold: style.isBold)
  }
}
