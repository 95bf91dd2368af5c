/// Prepare for Endpoint Discovery, command 0x0B (DSP0236 1.3.3 §12):
/// the bus owner makes every endpoint on its bus undiscovered. EIDs are kept.
public enum PrepareForEndpointDiscovery {
  public struct Request: ControlRequest, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .prepareForEndpointDiscovery }
    public init() {}
  }

  public struct Response: ControlResponse, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .prepareForEndpointDiscovery }
    public init() {}
  }
}
