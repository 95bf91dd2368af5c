internal import MCTPWire

// What must not happen twice among ports and networks.

extension TopologyLoader {
  /// Names, numbers, device nodes and kernel links: each once.
  mutating func checkPorts() {
    checkUnique(ports.compactMap(\.name), title: "port")
    checkNumbers()
    for port in ports {
      checkWiring(port)
      checkTargets(port)
      checkTransmissionUnit(port)
    }
    checkNodes()
    checkLinks()
  }

  private mutating func checkNumbers() {
    var first: [UInt8: PortDraft] = [:]
    for port in ports {
      guard let other = first[port.number] else {
        first[port.number] = port
        continue
      }
      // The one that asks for the number is the one to change.
      let asking = port.fields.has("number") ? port : other
      let holding = port.fields.has("number") ? other : port
      reader.diagnostics.error(
        "\(asking.title) and \(holding.title) both have number \(port.number)",
        at: asking.fields.valuePosition("number"),
        hint: holding.fields.has("number")
          ? "the other one is at line \(holding.fields.valuePosition("number").line)"
          : "\(holding.title) (line \(holding.fields.position.line)) has it by its place in the "
            + "list, counted from 0")
    }
    // The routing engine indexes its ports by number: no gaps. A number that is taken twice leaves
    // one, and has been told already.
    guard first.count == ports.count else { return }
    for port in ports where Int(port.number) >= ports.count && port.fields.has("number") {
      reader.diagnostics.error(
        "\(port.title) has number \(port.number), and there are \(ports.count) ports",
        at: port.fields.valuePosition("number"),
        hint: ports.count == 1
          ? "the only port has number 0"
          : "numbers run from 0 to \(ports.count - 1) without gaps")
    }
  }

  /// Network numbers: each once, each with a port.
  mutating func checkNetworks() {
    var first: [UInt8: SourcePosition] = [:]
    let used = Set(ports.compactMap(\.network))
    for network in networks {
      let number = network.number
      if let earlier = first[number.value] {
        reader.diagnostics.error(
          "network \(number.value) is listed twice", at: number.position,
          hint: "the other one is at line \(earlier.line)")
        continue
      }
      first[number.value] = number.position
      if !used.contains(number.value), ports.allSatisfy({ $0.network != nil }) {
        reportNetworkWithoutPort(number)
      }
    }
  }

  mutating func reportNetworkWithoutPort(_ number: Located<UInt8>) {
    let used = Set(ports.compactMap(\.network)).sorted()
    reader.diagnostics.error(
      "no port is in network \(number.value)", at: number.position,
      hint: "the ports are in network "
        + alternatives(used.map { "\($0)" }, separator: "and"))
  }
}
