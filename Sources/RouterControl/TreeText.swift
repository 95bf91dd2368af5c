public import AdminProtocol

extension TreeResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    let tree = NetworkTree(self)
    let hasNetworks = Set(ports.map(\.network)).count > 1
    var branches = tree.ports.map { port in
      Branch(
        text: port.row.line(withNetwork: hasNetworks), branches: port.endpoints.map(\.branch))
    }
    if !tree.strays.isEmpty {
      branches.append(
        Branch(text: "on no known port", branches: tree.strays.map(\.branch)))
    }
    return printable(name + (uuid.map { ", \($0)" } ?? "")) + "\n"
      + Branch.lines(branches, indentation: "")
  }

  /// Nested: what is behind a bridge is in its `endpoints`.
  public func json() throws(CommandFailure) -> String { try jsonText(NetworkTree(self)) }
}

/// A line of a drawn tree, and the lines below it.
private struct Branch {
  var text: String
  var branches: [Branch]

  static func lines(_ branches: [Branch], indentation: String) -> String {
    branches.indices.map { index in
      let isLast = index == branches.count - 1
      return indentation + (isLast ? "`- " : "+- ") + printable(branches[index].text) + "\n"
        + lines(branches[index].branches, indentation: indentation + (isLast ? "   " : "|  "))
    }.joined()
  }
}

extension TreeResult.Port {
  fileprivate func line(withNetwork hasNetwork: Bool) -> String {
    let parts: [String?] = [
      "\(bus) \(role)", hasNetwork ? "network \(network)" : nil, eid.map { "own EID \($0)" },
      address, state + (stateReason.map { ", \($0)" } ?? ""),
    ]
    return "\(name): " + parts.compactMap { $0 }.joined(separator: ", ")
  }
}

extension NetworkTree.Endpoint {
  fileprivate var branch: Branch { Branch(text: row.line, branches: endpoints.map(\.branch)) }
}

extension EndpointRow {
  fileprivate var line: String {
    let parts: [String?] = [
      name, via == nil ? address : nil, kind.known == .unknown ? nil : kind.text, stateText,
      pool.map { $0.eids.map { "pool \($0)" } ?? "no pool" },
      quirks.isEmpty ? nil : counted(quirks.count, "quirk"),
    ]
    return (eid.map { "EID \($0)" } ?? "no EID") + ": "
      + parts.compactMap { $0 }.joined(separator: ", ")
  }

  private var stateText: String {
    guard let state else { return source.text }
    guard !isWell else { return state.text }
    let details = [reason?.text, sinceMs.map(age)].compactMap { $0 }.joined(separator: ", ")
    return state.text + (details.isEmpty ? "" : " (\(details))")
  }
}
