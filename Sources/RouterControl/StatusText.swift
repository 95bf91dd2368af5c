public import AdminProtocol

extension StatusResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    let eids = ownEIDs.map { own in
      "\(own.eid) (network \(own.network)" + (own.port.map { ", port \($0))" } ?? ")")
    }
    let lines = [
      ("name", name), ("version", programVersion), ("process", "\(processID)"),
      ("uptime", duration(uptimeMs)), ("topology", topologyPath),
      ("own EIDs", eids.isEmpty ? "none yet" : eids.joined(separator: ", ")),
    ]
    return lines.map { label, value in
      label + ":" + String(repeating: " ", count: 10 - label.count) + printable(value) + "\n"
    }.joined()
  }
}
