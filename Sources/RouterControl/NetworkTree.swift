internal import AdminProtocol

/// The network as a tree: ports, what is on their buses, what is behind the bridges there.
///
/// Whatever the rows say, every endpoint but this device itself is in the tree exactly once: what
/// names a bridge that does not exist, or bridges that are behind each other, is on its port.
struct NetworkTree: Hashable {
  struct Port: Hashable {
    var row: TreeResult.Port
    var endpoints: [Endpoint]
  }

  struct Endpoint: Hashable {
    var row: EndpointRow
    /// What is behind a bridge.
    var endpoints: [Endpoint]
  }

  var name: String
  var uuid: String?
  var ports: [Port]
  /// Endpoints on ports that the daemon does not name.
  var strays: [Endpoint]

  init(_ result: TreeResult) {
    name = result.name
    uuid = result.uuid
    var builder = Builder(result.endpoints.filter { $0.source.known != .own })
    let roots = builder.roots()
    ports = result.ports.map { port in
      Port(row: port, endpoints: roots.filter { $0.row.port == port.name })
    }
    let names = Set(result.ports.map(\.name))
    strays = roots.filter { root in !(root.row.port.map { names.contains($0) } ?? false) }
  }

  private struct Bridge: Hashable {
    let network: UInt8
    let eid: UInt8
  }

  private struct Builder {
    private let rows: [EndpointRow]
    /// Rows by the bridge in front of them.
    private var behind: [Bridge: [Int]] = [:]
    private var isPlaced: [Bool]

    init(_ rows: [EndpointRow]) {
      self.rows = rows
      isPlaced = rows.map { _ in false }
      for index in rows.indices {
        guard let via = rows[index].via else { continue }
        behind[Bridge(network: rows[index].network, eid: via), default: []].append(index)
      }
    }

    /// The endpoints that are behind none, with all that is behind them.
    mutating func roots() -> [Endpoint] {
      let known = Set(
        rows.compactMap { row in row.eid.map { Bridge(network: row.network, eid: $0) } })
      var roots: [Endpoint] = []
      for index in rows.indices {
        let via = rows[index].via.map { Bridge(network: rows[index].network, eid: $0) }
        if via.map({ known.contains($0) }) != true { roots.append(place(index)) }
      }
      // What is left is behind itself, or behind something that is.
      for index in rows.indices where !isPlaced[index] { roots.append(place(index)) }
      return roots
    }

    /// As deep as a network has EIDs: each bridge is followed once.
    private mutating func place(_ index: Int) -> Endpoint {
      isPlaced[index] = true
      var endpoint = Endpoint(row: rows[index], endpoints: [])
      guard let eid = rows[index].eid else { return endpoint }
      let children = behind.removeValue(forKey: Bridge(network: rows[index].network, eid: eid))
      for child in children ?? [] where !isPlaced[child] {
        endpoint.endpoints.append(place(child))
      }
      return endpoint
    }
  }
}

extension NetworkTree: Encodable {
  private enum Key: String, CodingKey { case name, uuid, ports, strays }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encodeIfPresent(uuid, forKey: .uuid)
    try container.encode(ports, forKey: .ports)
    if !strays.isEmpty { try container.encode(strays, forKey: .strays) }
  }
}

private enum NestedKey: String, CodingKey { case endpoints }

extension NetworkTree.Port: Encodable {
  /// The row's fields, and `endpoints` beside them.
  func encode(to encoder: any Encoder) throws {
    try row.encode(to: encoder)
    var container = encoder.container(keyedBy: NestedKey.self)
    try container.encode(endpoints, forKey: .endpoints)
  }
}

extension NetworkTree.Endpoint: Encodable {
  /// The row's fields, and `endpoints` beside them where something is behind it.
  func encode(to encoder: any Encoder) throws {
    try row.encode(to: encoder)
    guard !endpoints.isEmpty else { return }
    var container = encoder.container(keyedBy: NestedKey.self)
    try container.encode(endpoints, forKey: .endpoints)
  }
}
