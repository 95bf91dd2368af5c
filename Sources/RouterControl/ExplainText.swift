public import AdminProtocol
internal import MCTPWire

extension ExplainResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    var table = TextTable(
      columns: [.left("CHECK"), .left("OUTCOME"), .left("DETAIL")],
      emptyText: "The daemon names no steps.")
    table.rows = steps.map { [$0.check, $0.outcome.rawValue, $0.detail] }
    return table.text(isBold: style.isBold) + "\n" + printable(conclusion) + "\n"
  }

  private var conclusion: String {
    switch verdict {
    case .delivered: return "Verdict: delivered to this device."
    case .forwarded:
      let port = egressPort.map { " to port \($0)" } ?? ""
      return "Verdict: forwarded" + port + (nextHop.map { ", next hop \($0)" } ?? "") + "."
    case .dropped:
      guard let reason else { return "Verdict: dropped." }
      let meaning = DropReason.allCases.first { $0.name == reason }?.explanation
      return "Verdict: dropped, \(reason)" + (meaning.map { ": \($0)." } ?? ".")
    }
  }
}
