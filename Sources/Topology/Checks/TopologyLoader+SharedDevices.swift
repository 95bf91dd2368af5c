internal import MCTPWire

// Device nodes and kernel links belong to one port each: two that read one would take packets
// from each other. That also keeps two ports from one receive queue of one adapter.

extension TopologyLoader {
  private struct NodeUse {
    let port: PortDraft
    let path: Located<String>
  }

  private func nodes(of port: PortDraft) -> [NodeUse] {
    switch port.device?.value {
    case .path(let path):
      [
        NodeUse(
          port: port, path: Located(value: path, position: port.fields.valuePosition("device")))
      ]
    case .nodes: port.targets.compactMap(\.path).map { NodeUse(port: port, path: $0) }
    case .simulated, .link, nil: []
    }
  }

  /// No path twice, no two paths to one device, and a warning for a path with nothing there.
  mutating func checkNodes() {
    var firstByPath: [String: NodeUse] = [:]
    var firstByIdentity: [DeviceIdentity: NodeUse] = [:]
    for use in ports.flatMap(nodes) {
      let path = use.path.value
      if let other = firstByPath[path] {
        let isSamePort = other.port.fields.position == use.port.fields.position
        reader.diagnostics.error(
          isSamePort
            ? "\(use.port.title) uses device \(quoted(path)) twice"
            : "\(use.port.title) and \(other.port.title) use the same device \(quoted(path))",
          at: use.path.position, hint: "the other one is at line \(other.path.position.line)")
        continue
      }
      firstByPath[path] = use
      guard let identify else { continue }
      guard let identity = identify(path) else {
        reader.diagnostics.warning(
          "there is no device \(quoted(path)) now", at: use.path.position,
          hint: "\(use.port.title) waits until there is")
        continue
      }
      if let other = firstByIdentity[identity] {
        reader.diagnostics.error(
          "\(quoted(path)) and \(quoted(other.path.value)) are the same device",
          at: use.path.position,
          hint: "\(other.port.title) uses it at line \(other.path.position.line)")
      } else {
        firstByIdentity[identity] = use
      }
    }
  }

  /// A link once, except to receive from: the legs of one mux tree have one receiver on the root
  /// adapter. Whether they are legs of one tree is seen when the router starts.
  mutating func checkLinks() {
    var first: [String: (port: PortDraft, position: SourcePosition, key: String)] = [:]
    for port in ports {
      let name: String
      let key: String
      switch (port.device?.value, port.receive?.value) {
      case (.link(let link), _): (name, key) = (link, "device")
      case (.path, .link(let link)): (name, key) = (link, "receive")
      default: continue
      }
      let position = port.fields.valuePosition(key)
      if let other = first[name], other.key == "receive", key == "receive" { continue }
      if let other = first[name] {
        reader.diagnostics.error(
          "\(port.title) and \(other.port.title) use the same kernel link `\(name)`",
          at: position, hint: "the other one is at line \(other.position.line)")
      } else {
        first[name] = (port, position, key)
      }
    }
  }
}
