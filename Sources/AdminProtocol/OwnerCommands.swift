// What people ask of the bus owner. Each command is answered as soon as it is begun: what comes of
// it is told by events after `CommandResult.lastSequence`.

public import MCTPWire

/// Asks every address of a port now, and every endpoint on it whether it is still there.
public struct DiscoverRequest: AdminParameters, Codable {
  public typealias Answer = CommandResult

  /// A port's name.
  public var port: String

  public init(port: String) { self.port = port }

  public var body: AdminRequest.Body { .discover(self) }
  /// What was begun, for `CommandResult.text`.
  public var begunText: String { "asking every address of port \(port)" }

  private enum CodingKeys: String, CodingKey { case port }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    self.init(port: try decoder.container(keyedBy: CodingKeys.self).name(.port))
  }
}

/// Gives the device at an address an EID, by force.
public struct AssignRequest: AdminParameters, Codable {
  public typealias Answer = CommandResult

  /// How to write an address, for people.
  public static let addressHint =
    "an I2C address is a number from 0x08 to 0x77, an I3C device's the 12 hex digits of its "
    + "provisioned ID"

  /// 8 to 254.
  public var eid: UInt8
  /// A port's name; it names the network too.
  public var port: String
  /// As people write it, see `PhysicalAddress.init(text:)`; nil on media without addresses.
  public var address: String?

  public init(eid: UInt8, port: String, address: String? = nil) {
    self.eid = eid
    self.port = port
    self.address = address
  }

  public var body: AdminRequest.Body { .assign(self) }
  /// `address` as a value; `.none` on media without addresses, nil for text that is none.
  public var physicalAddress: PhysicalAddress? {
    guard let address else { return PhysicalAddress.none }
    return PhysicalAddress(text: address)
  }
  /// What was begun, for `CommandResult.text`.
  public var begunText: String {
    "giving EID \(eid) to " + (address.map { "\($0) on port \(port)" } ?? "port \(port)")
  }

  private enum CodingKeys: String, CodingKey { case eid, port, address }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      eid: UInt8(try container.whole(.eid, in: 8...254)), port: try container.name(.port),
      address: try container.nameIfPresent(.address))
    guard physicalAddress != nil else {
      throw AdminError(
        .invalidParameter, "`\(address?.prefix(40) ?? "")` is not a physical address",
        hint: AssignRequest.addressHint)
    }
  }
}

/// Gives a bridge a pool of another size, by force if it has one.
public struct AllocateRequest: AdminParameters, Codable {
  public typealias Answer = CommandResult

  /// Sizes that make sense: an own EID is in front of every pool.
  public static let counts: ClosedRange<Int> = 1...246

  /// The bridge's EID, 8 to 254.
  public var eid: UInt8
  /// Within `counts`.
  public var count: Int
  /// 1 to 255; nil means the only network, or network 1.
  public var network: UInt8?

  public init(eid: UInt8, count: Int, network: UInt8? = nil) {
    self.eid = eid
    self.count = count
    self.network = network
  }

  public var body: AdminRequest.Body { .allocate(self) }
  /// What was begun, for `CommandResult.text`.
  public var begunText: String { "allocating \(count) EIDs to the bridge with EID \(eid)" }

  private enum CodingKeys: String, CodingKey { case eid, count, network }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      eid: UInt8(try container.whole(.eid, in: 8...254)),
      count: try container.whole(.count, in: AllocateRequest.counts),
      network: try container.wholeIfPresent(.network, in: 1...255).map { UInt8($0) })
  }
}

/// Takes an endpoint's EID back, with a bridge's whole pool.
public struct ForgetRequest: AdminParameters, Codable {
  public typealias Answer = CommandResult

  /// 8 to 254.
  public var eid: UInt8
  /// 1 to 255; nil means the only network, or network 1.
  public var network: UInt8?

  public init(eid: UInt8, network: UInt8? = nil) {
    self.eid = eid
    self.network = network
  }

  public var body: AdminRequest.Body { .forget(self) }
  /// What was begun, for `CommandResult.text`.
  public var begunText: String { "EID \(eid) is taken back; it rests before it is given again" }

  private enum CodingKeys: String, CodingKey { case eid, network }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      eid: UInt8(try container.whole(.eid, in: 8...254)),
      network: try container.wholeIfPresent(.network, in: 1...255).map { UInt8($0) })
  }
}

/// Asks a suspect or lost endpoint at once, before its time.
public struct RecoverRequest: AdminParameters, Codable {
  public typealias Answer = CommandResult

  /// 8 to 254.
  public var eid: UInt8
  /// 1 to 255; nil means the only network, or network 1.
  public var network: UInt8?

  public init(eid: UInt8, network: UInt8? = nil) {
    self.eid = eid
    self.network = network
  }

  public var body: AdminRequest.Body { .recover(self) }
  /// What was begun, for `CommandResult.text`.
  public var begunText: String { "asking EID \(eid) now" }

  private enum CodingKeys: String, CodingKey { case eid, network }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      eid: UInt8(try container.whole(.eid, in: 8...254)),
      network: try container.wholeIfPresent(.network, in: 1...255).map { UInt8($0) })
  }
}

/// A command was begun.
public struct CommandResult: Codable, Hashable, Sendable {
  /// What was begun, for people; without a full stop.
  public var text: String
  /// The last event before the command, 0 before the first one: `events` with it as `since` shows
  /// what came of the command.
  public var lastSequence: UInt64

  public init(text: String, lastSequence: UInt64) {
    self.text = text
    self.lastSequence = lastSequence
  }
}
