// What a port uses: a word of the format, a path, or a link of the kernel. A link may have almost
// any name, so what looks like a slip of the pen is refused instead of waited for.

/// The value of a key with the shape `.device`.
enum DeviceName: Hashable {
  case word(String)
  case path(String)
  case link(String)
}

extension FieldReader {
  /// The value of `key`, which has the shape `.device`; nil when absent or wrong.
  ///
  /// - Parameter bus: for hints, and to tell links of another bus.
  mutating func deviceName(_ fields: Fields, _ key: KeyShape, on bus: Topology.Bus)
    -> Located<DeviceName>?
  {
    guard case .device(let words, let hasPath) = key.value else { return nil }
    let forms = deviceForms(words, hasPath)
    guard let scalar = scalar(fields, key.name, expecting: forms) else { return nil }
    let text = scalar.text
    if words.contains(text) { return Located(value: .word(text), position: scalar.position) }
    if hasPath, text.utf8.first == UInt8(ascii: "/"), linkName(ofPath: text) == nil {
      return path(fields, key.name, byteCountMax: TopologyLimits.pathByteCountMax).map {
        Located(value: .path($0.value), position: $0.position)
      }
    }
    if let hint = refusalHint(text, words, hasPath, bus) {
      diagnostics.error(
        "`\(key.name)` must be \(forms), not \(quoted(text))", at: scalar.position, hint: hint)
      return nil
    }
    warnOfDoubtfulLink(text, at: scalar.position, on: bus)
    return Located(value: .link(text), position: scalar.position)
  }

  private func deviceForms(_ words: [String], _ hasPath: Bool) -> String {
    var forms = words.map { "`\($0)`" }
    if hasPath { forms.append("an absolute path") }
    guard !forms.isEmpty else { return "the name of a kernel link" }
    return forms.joined(separator: ", ") + " or the name of a kernel link"
  }

  /// What would be right instead of `text`; nil when `text` can be the name of a link.
  private func refusalHint(
    _ text: String, _ words: [String], _ hasPath: Bool, _ bus: Topology.Bus
  ) -> String? {
    if text.utf8.first == UInt8(ascii: "/") {
      if let link = linkName(ofPath: text) { return "a link has no path: write `\(link)`" }
      return bus == .i3c
        ? "device nodes are listed at `targets`, with `device: i3c-mctp` or `device: i3cdev`"
        : "a link has no path: `ip link` shows its name"
    }
    if let interface = Topology.I3CInterface(rawValue: text) {
      return "`\(interface.rawValue)` is for `device` of an i3c port"
    }
    if text == TopologyKeys.slaveQueueWord {
      return "`\(text)` is for `receive` of an i2c port"
    }
    if text == TopologyKeys.simulatedWord { return "nothing is simulated here" }
    if let nearest = nearestWord(to: text, among: words) { return "did you mean `\(nearest)`?" }
    // Choice: names of device nodes without their folder are refused, although the kernel would
    // let a link be called so.
    if let prefix = bus.nodeNamePrefix, text.hasPrefix(prefix) {
      return hasPath && isLinkName(text)
        ? "did you mean `/dev/\(text)`?"
        : "`ip link` shows a link's name; the drivers begin it with `\(kernelLinkPrefix)`"
    }
    guard !isLinkName(text) else { return nil }
    if hasPath, text.utf8.contains(UInt8(ascii: "/")) { return "begin a path with `/`" }
    return "a link's name is a letter, then letters, digits, `.`, `_` and `-`; at most "
      + "\(TopologyLimits.linkNameByteCountMax) characters"
  }

  /// `mctpi2c2` of `/dev/mctpi2c2` or `/sys/class/net/mctpi2c2`; nil when the path can be that of
  /// a device node.
  private func linkName(ofPath path: String) -> String? {
    guard let name = path.split(separator: "/").last.map(String.init), isLinkName(name) else {
      return nil
    }
    if path.hasPrefix("/sys/class/net/") { return name }
    let isOfDriver = Topology.Bus.allCases.contains { bus in
      guard let prefix = bus.linkNamePrefix, name.hasPrefix(prefix) else { return false }
      let number = name.utf8.dropFirst(prefix.utf8.count)
      return !number.isEmpty && number.allSatisfy { 0x30...0x39 ~= $0 }
    }
    return isOfDriver ? name : nil
  }

  private mutating func warnOfDoubtfulLink(
    _ name: String, at position: SourcePosition, on bus: Topology.Bus
  ) {
    let usual = name.lowercased()
    if usual.hasPrefix(kernelLinkPrefix), !name.hasPrefix(kernelLinkPrefix) {
      diagnostics.warning(
        "the kernel would call link `\(name)` `\(usual)`", at: position,
        hint: "letter case counts in names of links")
    }
    for other in Topology.Bus.allCases where other != bus {
      guard let prefix = other.linkNamePrefix, usual.hasPrefix(prefix) else { continue }
      diagnostics.warning(
        "link `\(name)` is of \(other.rawValue) by its name, the port of \(bus.rawValue)",
        at: position, hint: "check `bus`")
    }
  }
}

private let kernelLinkPrefix = "mctp"

extension Topology.Bus {
  /// How the kernel's driver begins the names of its links; nil when there is no one driver.
  fileprivate var linkNamePrefix: String? {
    self == .link ? nil : kernelLinkPrefix + rawValue
  }

  /// How device nodes in `/dev` begin.
  fileprivate var nodeNamePrefix: String? {
    switch self {
    case .i2c: "i2c-"
    case .i3c: "i3c-"
    case .serial: "tty"
    case .usb, .link: nil
    }
  }
}
