/// Routing Information Update, command 0x09 (DSP0236 1.3.3 §12): a bus owner tells a bridge what
/// is where.
///
/// An entry has no address length byte and another field order than in Get Routing Table Entries.
public enum RoutingInformationUpdate {
  public struct Entry: Hashable, Sendable {
    /// Four bits; 0 to 3 are defined.
    public var type: RoutingEntryType
    public var eidCount: UInt8
    public var firstEID: EID
    /// In the form of the bus that carries the message; equally long in every entry.
    public var address: AddressBytes

    public init(type: RoutingEntryType, eidCount: UInt8, firstEID: EID, address: AddressBytes) {
      self.type = type
      self.eidCount = eidCount
      self.firstEID = firstEID
      self.address = address
    }

    public init(type: RoutingEntryType, eidCount: UInt8, firstEID: EID, address: PhysicalAddress) {
      self.init(
        type: type, eidCount: eidCount, firstEID: firstEID, address: AddressBytes(address))
    }

    /// Bytes before the address.
    static let fixedByteCount = 3
  }

  public struct Request: Equatable, Sendable {
    public typealias Entries = BoundedList<20, Entry>

    /// At most 20 fit one body without addresses, 15 on SMBus, 6 on I3C.
    public var entries: Entries

    public init(entries: Entries = Entries()) { self.entries = entries }

    /// How many entries fit one body.
    ///
    /// - Parameter addressByteCount: 0 to 16.
    public static func entryCountMax(addressByteCount: Int) -> Int {
      (ControlBody.byteCountMax - ControlHeader.byteCount - 1)
        / (Entry.fixedByteCount + addressByteCount)
    }
  }

  /// `CompletionCode.insufficientTableSpace` is the refusal of a receiver without room.
  public struct Response: ControlResponse, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .routingInformationUpdate }
    public init() {}
  }
}

extension RoutingInformationUpdate.Request: ControlRequest {
  public static var command: ControlCommand { .routingInformationUpdate }

  /// Takes the address length from the division of the body by its entry count.
  ///
  /// - Throws: `WireError.countMismatch` when the entries do not come out equally long.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    guard data.count >= 1 else { throw .tooShort }
    let (count, byteCount) = (Int(data[0]), data.count - 1)
    guard count > 0 else {
      guard byteCount == 0 else { throw .countMismatch }
      self.init()
      return
    }
    let fixedByteCount = RoutingInformationUpdate.Entry.fixedByteCount
    guard byteCount % count == 0, byteCount / count >= fixedByteCount else {
      throw .countMismatch
    }
    try self.init(decoding: data, addressByteCount: byteCount / count - fixedByteCount)
  }

  /// - Parameter addressByteCount: what addresses have on the bus that the request came from.
  /// - Throws: `WireError.tooShort` or `.tooLong` when the body is not exactly as many entries as
  ///   it says; `.noRoom` for more than 20 entries or 16 address bytes.
  public init(decoding data: Span<UInt8>, addressByteCount: Int) throws(WireError) {
    var reader = ByteReader(data)
    var entries = Entries()
    for _ in 0..<(try reader.byte()) {
      try entries.append(
        RoutingInformationUpdate.Entry(
          type: RoutingEntryType(rawValue: try reader.byte()), eidCount: try reader.byte(),
          firstEID: EID(try reader.byte()),
          address: try reader.address(byteCount: addressByteCount)))
    }
    try reader.finish()
    self.init(entries: entries)
  }

  /// - Throws: `WireError.countMismatch` when addresses differ in length: no receiver could read
  ///   them; `.noRoom` past 64 bytes.
  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(UInt8(entries.count))
    for index in 0..<entries.count {
      let entry = entries[index]
      guard entry.address.count == entries[0].address.count else { throw .countMismatch }
      try body.append(entry.type.rawValue)
      try body.append(entry.eidCount)
      try body.append(entry.firstEID.rawValue)
      try body.append(entry.address)
    }
  }
}
