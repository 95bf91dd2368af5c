/// The parameters of one kind of request, tied to the result that answers it.
public protocol AdminParameters: Hashable, Sendable {
  associatedtype Answer: Codable & Hashable & Sendable
  var body: AdminRequest.Body { get }
}

public struct StatusRequest: AdminParameters {
  public typealias Answer = StatusResult
  public init() {}
  public var body: AdminRequest.Body { .status }
}

public struct PortsRequest: AdminParameters {
  public typealias Answer = PortsResult
  public init() {}
  public var body: AdminRequest.Body { .ports }
}

public struct RoutesRequest: AdminParameters {
  public typealias Answer = RoutesResult
  public init() {}
  public var body: AdminRequest.Body { .routes }
}

public struct EndpointsRequest: AdminParameters {
  public typealias Answer = EndpointsResult
  public init() {}
  public var body: AdminRequest.Body { .endpoints }
}

public struct DropsRequest: AdminParameters {
  public typealias Answer = DropsResult
  public init() {}
  public var body: AdminRequest.Body { .drops }
}
