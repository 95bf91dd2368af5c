/// Get Vendor Defined Message Support, command 0x06 (DSP0236 1.3.3 §12): one set of vendor
/// defined messages an answer. Selectors start at 0 and increase by one.
public enum GetVendorDefinedMessageSupport {
  /// As the next selector: this set was the last.
  public static let noMoreSets: UInt8 = 0xFF

  public struct Request: Hashable, Sendable {
    public var selector: UInt8

    public init(selector: UInt8) { self.selector = selector }
  }

  public struct Response: Hashable, Sendable {
    /// `noMoreSets`, or the selector of the next set.
    public var nextSelector: UInt8
    public var vendorID: VendorID
    /// Command set type or version: the vendor's.
    public var commandSet: UInt16

    public init(nextSelector: UInt8, vendorID: VendorID, commandSet: UInt16) {
      self.nextSelector = nextSelector
      self.vendorID = vendorID
      self.commandSet = commandSet
    }
  }
}

extension GetVendorDefinedMessageSupport.Request: ControlRequest {
  public static var command: ControlCommand { .getVendorDefinedMessageSupport }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(selector: try reader.byte())
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(selector)
  }
}

extension GetVendorDefinedMessageSupport.Response: ControlResponse {
  public static var command: ControlCommand { .getVendorDefinedMessageSupport }

  /// - Throws: also `WireError.invalidValue` for an unknown vendor ID format.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(
      nextSelector: try reader.byte(), vendorID: try reader.vendorID(),
      commandSet: try reader.uint16())
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(nextSelector)
    try body.append(vendorID)
    try body.append(commandSet)
  }
}
