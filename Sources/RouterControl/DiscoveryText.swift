public import AdminProtocol

extension DiscoveryResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    guard !ports.isEmpty else { return "No ports are configured.\n" }
    var table = TextTable(
      columns: [
        .left("PORT"), .left("NEXT"), .left("IN"), .left("STATE"), .left("REASON"),
        .left("FOUND BY"), .right("FAILURES"),
      ], emptyText: "Nothing is going to be asked.")
    for port in ports {
      table.rows += port.questions.map { question in
        [
          port.name, question.address, question.dueInMs == 0 ? "now" : age(question.dueInMs),
          question.state.text, question.reason.text, question.origin.text,
          "\(question.failureCount)",
        ]
      }
    }
    let notes = ports.flatMap { port in
      port.notes.map { printable("\(port.name): \($0)") + "\n" }
    }
    return table.text(isBold: style.isBold) + (notes.isEmpty ? "" : "\n" + notes.joined())
  }
}

extension DiscoveryResult.Port {
  fileprivate var notes: [String] {
    var notes: [String] = []
    if let pause { notes.append("asks nothing, " + pause.text) }
    let counted = counters.filter { $0.count > 0 }
    if !counted.isEmpty {
      notes.append(counted.map { "\($0.name) \($0.count)" }.joined(separator: ", "))
    }
    return notes
  }
}
