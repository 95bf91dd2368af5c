/// Discovery Notify, command 0x0D (DSP0236 1.3.3 §12):
/// an endpoint tells the bus owner that it appeared or moved.
public enum DiscoveryNotify {
  public struct Request: ControlRequest, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .discoveryNotify }
    public init() {}
  }

  public struct Response: ControlResponse, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .discoveryNotify }
    public init() {}
  }
}
