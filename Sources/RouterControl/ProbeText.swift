public import AdminProtocol

extension ProbeResult: Rendered {
  /// A scan shows the addresses at which something is, a single address is shown whatever it said.
  public func text(_ style: TextStyle) -> String {
    let shown = rows.count == 1 ? rows : rows.filter { $0.outcome != "not-acknowledged" }
    var table = TextTable(
      columns: [
        .left("ADDRESS"), .left("OUTCOME"), .left("MCTP"), .left("VENDOR"), .left("DEVICE"),
        .left("CAUSE"),
      ], emptyText: "Nobody acknowledges on \(printable(port)).")
    for index in 2...5 { table.columns[index].isOptional = true }
    table.rows = shown.map { row in
      [
        row.address, row.words, row.claimsMCTP.map { $0 ? "claimed" : "not claimed" },
        row.vendorID.map(fourDigits), row.deviceID.map(fourDigits), row.cause,
      ]
    }
    return table.text(isBold: style.isBold)
      + (rows.count > 1 ? "\(counted(rows.count, "address", "addresses")) asked\n" : "")
  }
}

extension ProbeResult.Row {
  fileprivate var words: String {
    switch outcome {
    case "acknowledged": "acknowledged"
    case "not-acknowledged": "not acknowledged"
    case "kernel-driver": "a kernel driver has it"
    default: outcome
    }
  }
}

private func fourDigits(_ value: UInt16) -> String {
  let digits = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
}
