// From the tree of a file to a `Topology`, or to everything that is wrong with it.
//
// First every section is read into drafts: values that fit their shapes, with their positions and
// gaps where they did not. Then the checks look at the drafts together; they pass over gaps, so
// that one mistake is reported once. Only drafts without errors become a topology.

internal import MCTPWire

/// Which device node a path leads to, symbolic links followed: the same for two names of one.
struct DeviceIdentity: Hashable {
  let fileSystem: UInt64
  let node: UInt64
}

/// Reads one document. Whatever the tree is, `topology` returns or throws.
struct TopologyLoader {
  var reader: FieldReader
  /// Nil for a path where there is nothing; absent when nobody is to look.
  let identify: ((String) -> DeviceIdentity?)?

  var router: RouterDraft?
  var adminSocketPath: String?
  var networks: [NetworkDraft] = []
  var ports: [PortDraft] = []
  var routes: [RouteDraft] = []
  var devices: [DeviceDraft] = []
  var endpoints: [EndpointDraft] = []

  /// Index in `ports` by name; the first of equal names.
  var portIndices: [String: Int] = [:]
  /// By network.
  var ownEIDs: [UInt8: [OwnEID]] = [:]
  /// By network.
  var routeTables: [UInt8: RouteTable] = [:]
  /// By network: where each EID was fixed, those of fixed pools too.
  var fixedEIDs: [UInt8: [EID: SourcePosition]] = [:]

  init(diagnostics: DiagnosticList, identify: ((String) -> DeviceIdentity?)?) {
    reader = FieldReader(diagnostics: diagnostics)
    self.identify = identify
  }

  mutating func topology(from root: YAMLNode, fileName: String) throws(TopologyError) -> Topology {
    if readSections(root) {
      checkPorts()
      checkNetworks()
      resolveOwnEIDs()
      checkRoutes()
      checkFixedEIDs()
      checkEIDRanges()
      checkDiscovery()
      checkDevices()
    }
    if !reader.diagnostics.hasErrors {
      if let topology = assembled(fileName: fileName, warnings: reader.diagnostics.sorted) {
        return topology
      }
      // A check is missing. Refused all the same, and never without a word.
      reader.diagnostics.error("this topology is incomplete", at: root.position)
    }
    throw TopologyError(diagnostics: reader.diagnostics.sorted)
  }

  /// False when it makes no sense to go on.
  private mutating func readSections(_ root: YAMLNode) -> Bool {
    guard isReadableVersion(root), let document = reader.fields(root, TopologyKeys.document) else {
      return false
    }
    if let node = document.value("router") { router = readRouter(node) }
    if let node = document.value("admin"), let admin = reader.fields(node, TopologyKeys.admin) {
      adminSocketPath =
        reader.path(
          admin, "socket", byteCountMax: TopologyLimits.socketPathByteCountMax)?.value
    }
    networks = reader.elements(document, "networks").compactMap { readNetwork($0) }
    // A port that is no mapping keeps its place, so that the numbers of the others stay.
    let portNodes = reader.elements(document, "ports")
    for (place, node) in portNodes.enumerated() {
      guard let port = readPort(node, place: place) else { continue }
      if let name = port.name, portIndices[name.value] == nil {
        portIndices[name.value] = ports.count
      }
      ports.append(port)
    }
    routes = reader.elements(document, "routes").compactMap { readRoute($0) }
    devices = reader.elements(document, "devices").compactMap { readDevice($0) }
    endpoints = reader.elements(document, "endpoints").compactMap { readEndpoint($0) }
    return true
  }

  /// A file of another version is not judged by the keys of this one.
  private mutating func isReadableVersion(_ root: YAMLNode) -> Bool {
    guard case .mapping(let entries) = root.content,
      let node = entries.first(where: { $0.key == "version" })?.value, !node.isRefused
    else { return true }
    guard let version = reader.number(node, called: "`version`") else { return false }
    guard version == TopologyKeys.formatVersion else {
      reader.diagnostics.error(
        "topology version \(version) is not known here", at: node.position,
        hint: "this program reads version \(TopologyKeys.formatVersion)")
      return false
    }
    return true
  }

  /// The port that `name` names; reports an unknown one.
  mutating func portIndex(_ fields: Fields) -> Int? {
    guard let name = reader.name(fields, "port") else { return nil }
    if let index = portIndices[name.value] { return index }
    let names = ports.compactMap(\.name?.value)
    reader.diagnostics.error(
      "there is no port \(quoted(name.value))", at: name.position,
      hint: nearestWord(to: name.value, among: names).map { "did you mean `\($0)`?" }
        ?? (names.isEmpty ? nil : "the ports are " + alternatives(names, separator: "and")))
    return nil
  }

  /// Reports every name after the first of its kind.
  mutating func checkUnique(_ names: [Located<String>], title: String) {
    var first: [String: SourcePosition] = [:]
    for name in names {
      if let earlier = first[name.value] {
        reader.diagnostics.error(
          "two \(title)s are named `\(name.value)`", at: name.position,
          hint: "the other one is at line \(earlier.line)")
      } else {
        first[name.value] = name.position
      }
    }
  }
}
