/// Resolve UUID, command 0x10 (DSP0236 1.3.3 §12): the EIDs of a device, page by page.
public enum ResolveUUID {
  /// As a request's handle: the first page.
  public static let firstHandle: UInt8 = 0x00
  /// As the next handle: this page was the last.
  public static let noMoreEntries: UInt8 = 0xFF

  public struct Request: Hashable, Sendable {
    public var uuid: EndpointUUID
    public var handle: UInt8

    public init(uuid: EndpointUUID, handle: UInt8) {
      self.uuid = uuid
      self.handle = handle
    }
  }

  public struct Entry: Hashable, Sendable {
    public var eid: EID
    public var binding: BindingType
    public var medium: MediumType
    /// In the form of `binding`.
    public var address: AddressBytes

    public init(eid: EID, binding: BindingType, medium: MediumType, address: AddressBytes) {
      self.eid = eid
      self.binding = binding
      self.medium = medium
      self.address = address
    }

    /// Bytes in the body: 4 and the address.
    public var byteCount: Int { 4 + address.count }
  }

  public struct Response: Equatable, Sendable {
    public typealias Entries = BoundedList<14, Entry>

    /// `noMoreEntries`, or the handle of the next page; opaque to the requester.
    public var nextHandle: UInt8
    /// At most 14 fit one body without addresses, 11 on SMBus.
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

extension ResolveUUID.Request: ControlRequest {
  public static var command: ControlCommand { .resolveUUID }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(uuid: try reader.uuid(), handle: try reader.byte())
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(uuid)
    try body.append(handle)
  }
}

extension ResolveUUID.Response: ControlResponse {
  public static var command: ControlCommand { .resolveUUID }

  /// - Throws: also `WireError.noRoom` for more than 14 entries or 16 address bytes.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let nextHandle = try reader.byte()
    var entries = Entries()
    for _ in 0..<(try reader.byte()) {
      let eid = EID(try reader.byte())
      let binding = BindingType(rawValue: try reader.byte())
      let medium = MediumType(rawValue: try reader.byte())
      let address = try reader.address(byteCount: Int(try reader.byte()))
      try entries.append(
        ResolveUUID.Entry(eid: eid, binding: binding, medium: medium, address: address))
    }
    try reader.finish()
    self.init(nextHandle: nextHandle, entries: entries)
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(nextHandle)
    try body.append(UInt8(entries.count))
    for index in 0..<entries.count {
      let entry = entries[index]
      try body.append(entry.eid.rawValue)
      try body.append(entry.binding.rawValue)
      try body.append(entry.medium.rawValue)
      try body.append(UInt8(entry.address.count))
      try body.append(entry.address)
    }
  }
}
