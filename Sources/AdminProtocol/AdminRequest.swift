internal import FoundationEssentials

/// One line from a client to the daemon:
/// `{"version":1,"id":7,"request":"ping","eid":9,"timeoutMs":1000}`.
public struct AdminRequest: Hashable, Sendable {
  /// What is asked, with its parameters. Raw names are on the wire.
  public enum Body: Hashable, Sendable {
    case status
    case ports
    case routes
    case endpoints
    case drops
    case ping(PingRequest)
    case send(SendRequest)
    case explain(ExplainRequest)
    case probe(ProbeRequest)
    case eids(EIDsRequest)
    case tree(TreeRequest)
    case discovery(DiscoveryRequest)
    case discover(DiscoverRequest)
    case assign(AssignRequest)
    case allocate(AllocateRequest)
    case forget(ForgetRequest)
    case recover(RecoverRequest)
    case events(EventsRequest)
  }

  /// Chosen by the client, echoed in the reply.
  public var id: UInt32
  public var body: Body

  public init(id: UInt32, body: Body) {
    self.id = id
    self.body = body
  }

  /// The value of `request` on the wire.
  public var name: String {
    switch body {
    case .status: "status"
    case .ports: "ports"
    case .routes: "routes"
    case .endpoints: "endpoints"
    case .drops: "drops"
    case .ping: "ping"
    case .send: "send"
    case .explain: "explain"
    case .probe: "probe"
    case .eids: "eids"
    case .tree: "tree"
    case .discovery: "discovery"
    case .discover: "discover"
    case .assign: "assign"
    case .allocate: "allocate"
    case .forget: "forget"
    case .recover: "recover"
    case .events: "events"
    }
  }

  /// Every value of `request`, in the order of `--help`.
  public static let names = [
    "status", "ports", "routes", "endpoints", "drops", "ping", "send", "explain", "probe",
    "eids", "tree", "discovery", "discover", "assign", "allocate", "forget", "recover", "events",
  ]
}

extension AdminRequest {
  /// A line that is not a request, with the `id` to answer under where one was found.
  public struct Rejection: Error, Hashable, Sendable {
    public var id: UInt32?
    public var error: AdminError

    public init(id: UInt32?, error: AdminError) {
      self.id = id
      self.error = error
    }

    /// The reply line for it, newline included.
    public var replyLine: [UInt8] { AdminReplyLine.failure(id: id, error) }

    /// What to answer before a connection is cut because its line has no end.
    public static let lineTooLong = Rejection(
      id: nil,
      error: AdminError(
        .requestTooLong, "a request line has at most \(AdminLimits.requestBytesMax) bytes",
        hint: "end each request with a newline"))
  }

  /// Reads one line, newline not included.
  ///
  /// Whatever the bytes are, this returns or throws. Unknown fields are ignored.
  /// - Throws: `Rejection` with `malformed-request`, `unsupported-version`, `unknown-request` or
  ///   `invalid-parameter`.
  public init(decoding line: [UInt8]) throws(Rejection) {
    let parsed: RequestLine
    do {
      parsed = try AdminJSON.decode(RequestLine.self, from: line)
    } catch let error as AdminError {
      throw Rejection(id: nil, error: error)
    } catch {
      throw Rejection(id: nil, error: AdminError(.malformedRequest, "not a request"))
    }
    switch parsed.body {
    case .success(let body): self.init(id: parsed.id, body: body)
    case .failure(let error): throw Rejection(id: parsed.replyID, error: error)
    }
  }

  /// The line for this request, newline included.
  public func line() throws(AdminError) -> [UInt8] {
    try AdminJSON.line(RequestLine(self))
  }
}

/// The JSON form. Field errors are kept as a value so that the `id` survives them.
private struct RequestLine: Codable {
  var id: UInt32 = 0
  var replyID: UInt32?
  var body: Result<AdminRequest.Body, AdminError>

  enum Key: String, CodingKey { case version, id, request }

  init(_ request: AdminRequest) {
    id = request.id
    replyID = request.id
    body = .success(request.body)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let found = try? container.decode(UInt32.self, forKey: .id) {
      id = found
      replyID = found
    }
    body = RequestLine.body(from: decoder, container, hasID: replyID != nil)
  }

  private static func body(
    from decoder: any Decoder, _ container: KeyedDecodingContainer<Key>, hasID: Bool
  ) -> Result<AdminRequest.Body, AdminError> {
    guard let version = try? container.decode(Int.self, forKey: .version) else {
      return .failure(
        AdminError(.unsupportedVersion, "no protocol version", hint: "send \"version\":1"))
    }
    guard version == AdminLimits.version else {
      return .failure(
        AdminError(
          .unsupportedVersion, "protocol version \(version) is not spoken here, only 1",
          hint: "use the router-ctl that came with this daemon"))
    }
    guard hasID else {
      return .failure(
        AdminError(.malformedRequest, "`id` is not a whole number from 0 to 4294967295"))
    }
    guard let name = try? container.decode(String.self, forKey: .request) else {
      return .failure(AdminError(.malformedRequest, "`request` is not a name"))
    }
    do {
      return .success(try body(named: name, from: decoder))
    } catch let error as AdminError {
      return .failure(error)
    } catch {
      return .failure(AdminError(.invalidParameter, "the parameters of `\(name)` do not decode"))
    }
  }

  private static func body(named name: String, from decoder: any Decoder) throws
    -> AdminRequest.Body
  {
    switch name {
    case "status": .status
    case "ports": .ports
    case "routes": .routes
    case "endpoints": .endpoints
    case "drops": .drops
    case "ping": .ping(try PingRequest(from: decoder))
    case "send": .send(try SendRequest(from: decoder))
    case "explain": .explain(try ExplainRequest(from: decoder))
    case "probe": .probe(try ProbeRequest(from: decoder))
    case "eids": .eids(try EIDsRequest(from: decoder))
    case "tree": .tree(try TreeRequest(from: decoder))
    case "discovery": .discovery(try DiscoveryRequest(from: decoder))
    case "discover": .discover(try DiscoverRequest(from: decoder))
    case "assign": .assign(try AssignRequest(from: decoder))
    case "allocate": .allocate(try AllocateRequest(from: decoder))
    case "forget": .forget(try ForgetRequest(from: decoder))
    case "recover": .recover(try RecoverRequest(from: decoder))
    case "events": .events(try EventsRequest(from: decoder))
    default:
      throw AdminError(
        .unknownRequest, "no request is called `\(String(name.prefix(40)))`",
        hint: "known: " + AdminRequest.names.joined(separator: ", "))
    }
  }

  func encode(to encoder: any Encoder) throws {
    let body = try body.get()
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(AdminLimits.version, forKey: .version)
    try container.encode(id, forKey: .id)
    try container.encode(AdminRequest(id: id, body: body).name, forKey: .request)
    switch body {
    case .ping(let parameters): try parameters.encode(to: encoder)
    case .send(let parameters): try parameters.encode(to: encoder)
    case .explain(let parameters): try parameters.encode(to: encoder)
    case .probe(let parameters): try parameters.encode(to: encoder)
    case .eids(let parameters): try parameters.encode(to: encoder)
    case .tree(let parameters): try parameters.encode(to: encoder)
    case .discovery(let parameters): try parameters.encode(to: encoder)
    case .discover(let parameters): try parameters.encode(to: encoder)
    case .assign(let parameters): try parameters.encode(to: encoder)
    case .allocate(let parameters): try parameters.encode(to: encoder)
    case .forget(let parameters): try parameters.encode(to: encoder)
    case .recover(let parameters): try parameters.encode(to: encoder)
    case .events(let parameters): try parameters.encode(to: encoder)
    case .status, .ports, .routes, .endpoints, .drops: break
    }
  }
}
