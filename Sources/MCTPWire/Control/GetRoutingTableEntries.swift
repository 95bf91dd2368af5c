/// Get Routing Table Entries, command 0x0A (DSP0236 1.3.3 §12): the table, page by page.
///
/// An entry has an address length byte and another field order than in Routing Information Update.
public enum GetRoutingTableEntries {
  /// As a request's handle: the first page.
  public static let firstHandle: UInt8 = 0x00
  /// As the next handle: this page was the last.
  public static let noMoreEntries: UInt8 = 0xFF

  public struct Request: Hashable, Sendable {
    public var handle: UInt8

    public init(handle: UInt8) { self.handle = handle }
  }

  public struct Entry: Hashable, Sendable {
    public var eidCount: UInt8
    public var firstEID: EID
    /// Two bits here: 0 to 3.
    public var type: RoutingEntryType
    public var isStatic: Bool
    /// A port of the responder.
    public var port: PortID
    public var binding: BindingType
    public var medium: MediumType
    /// In the form of `binding`.
    public var address: AddressBytes

    public init(
      eidCount: UInt8, firstEID: EID, type: RoutingEntryType, isStatic: Bool, port: PortID,
      binding: BindingType, medium: MediumType, address: AddressBytes
    ) {
      self.eidCount = eidCount
      self.firstEID = firstEID
      self.type = type
      self.isStatic = isStatic
      self.port = port
      self.binding = binding
      self.medium = medium
      self.address = address
    }

    /// Bytes in the body: 6 and the address.
    public var byteCount: Int { 6 + address.count }
  }

  public struct Response: Equatable, Sendable {
    public typealias Entries = BoundedList<9, Entry>

    /// `noMoreEntries`, or the handle of the next page; opaque to the requester.
    public var nextHandle: UInt8
    /// At most 9 fit one body without addresses, 8 on SMBus.
    public var entries: Entries

    public init(nextHandle: UInt8, entries: Entries = Entries()) {
      self.nextHandle = nextHandle
      self.entries = entries
    }

    /// True when `entry` still fits this body; entries are never split across bodies.
    public func hasRoom(for entry: Entry) -> Bool {
      var free = ControlBody.byteCountMax - ControlHeader.byteCount - 3
      for index in 0..<entries.count { free -= entries[index].byteCount }
      return !entries.isFull && entry.byteCount <= free
    }
  }
}

extension GetRoutingTableEntries.Request: ControlRequest {
  public static var command: ControlCommand { .getRoutingTableEntries }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(handle: try reader.byte())
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) { try body.append(handle) }
}

extension GetRoutingTableEntries.Response: ControlResponse {
  public static var command: ControlCommand { .getRoutingTableEntries }

  /// - Throws: also `WireError.noRoom` for more than 9 entries or 16 address bytes.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let nextHandle = try reader.byte()
    var entries = Entries()
    for _ in 0..<(try reader.byte()) {
      let (eidCount, firstEID) = (try reader.byte(), EID(try reader.byte()))
      let flags = try reader.byte()
      let binding = BindingType(rawValue: try reader.byte())
      let medium = MediumType(rawValue: try reader.byte())
      let address = try reader.address(byteCount: Int(try reader.byte()))
      try entries.append(
        GetRoutingTableEntries.Entry(
          eidCount: eidCount, firstEID: firstEID, type: RoutingEntryType(rawValue: flags >> 6),
          isStatic: flags & 0x20 != 0, port: PortID(rawValue: flags & 0x1F), binding: binding,
          medium: medium, address: address))
    }
    try reader.finish()
    self.init(nextHandle: nextHandle, entries: entries)
  }

  /// - Throws: `WireError.invalidValue` for an entry type above 3, `.noRoom` past 64 bytes.
  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(nextHandle)
    try body.append(UInt8(entries.count))
    for index in 0..<entries.count {
      let entry = entries[index]
      guard entry.type.rawValue <= 3 else { throw .invalidValue }
      try body.append(entry.eidCount)
      try body.append(entry.firstEID.rawValue)
      try body.append(
        entry.type.rawValue << 6 | (entry.isStatic ? 0x20 : 0) | entry.port.rawValue)
      try body.append(entry.binding.rawValue)
      try body.append(entry.medium.rawValue)
      try body.append(UInt8(entry.address.count))
      try body.append(entry.address)
    }
  }
}
