/// Rows under headings, columns aligned, two blanks apart.
struct TextTable {
  struct Column {
    var title: String
    /// Numbers stand at the right.
    var isRight = false
    /// Left out when no row has anything in it.
    var isOptional = false
  }

  /// What a cell without a value shows.
  static let nothing = "-"

  var columns: [Column]
  /// One text a column; nil becomes `-`.
  var rows: [[String?]] = []
  /// What stands in the place of a table without rows.
  var emptyText: String

  /// The table, or `emptyText`, newline at the end.
  ///
  /// - Parameter isBold: sets the headings bold with terminal escapes.
  func text(isBold: Bool) -> String {
    guard !rows.isEmpty else { return emptyText + "\n" }
    let shown = columns.indices.filter { index in
      !columns[index].isOptional || rows.contains { $0[index] != nil }
    }
    let cells = rows.map { row in shown.map { printable(row[$0] ?? TextTable.nothing) } }
    let titles = shown.map { columns[$0].title }
    let widths = titles.indices.map { index in
      cells.reduce(titles[index].count) { max($0, $1[index].count) }
    }
    let right = shown.map { columns[$0].isRight }
    let heading = TextTable.line(titles, widths, right)
    let bold = isBold ? "\u{1B}[1m" + heading + "\u{1B}[0m" : heading
    return ([bold] + cells.map { TextTable.line($0, widths, right) })
      .map { $0 + "\n" }.joined()
  }

  private static func line(_ cells: [String], _ widths: [Int], _ right: [Bool]) -> String {
    var line = ""
    for index in cells.indices {
      let padding = String(repeating: " ", count: widths[index] - cells[index].count)
      if index > 0 { line += "  " }
      line += right[index] ? padding + cells[index] : cells[index] + padding
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}

extension TextTable.Column {
  static func left(_ title: String) -> Self { Self(title: title) }
  static func right(_ title: String) -> Self { Self(title: title, isRight: true) }
  static func optional(_ title: String) -> Self { Self(title: title, isOptional: true) }
}
