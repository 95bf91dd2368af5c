/// Endpoint Discovery, command 0x0C (DSP0236 1.3.3 §12):
/// undiscovered endpoints answer, discovered ones stay silent.
public enum EndpointDiscovery {
  public struct Request: ControlRequest, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .endpointDiscovery }
    public init() {}
  }

  public struct Response: ControlResponse, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .endpointDiscovery }
    public init() {}
  }
}
