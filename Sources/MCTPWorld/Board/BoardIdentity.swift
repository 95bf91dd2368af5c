public import MCTPWire

/// Who sits under an address after an exchange.
public struct BoardIdentity: Hashable, Sendable {
  public var uuid: EndpointUUID
  /// Announced beside control; nil: those of the device before.
  public var messageTypes: [MessageType]?

  public init(uuid: EndpointUUID, messageTypes: [MessageType]? = nil) {
    self.uuid = uuid
    self.messageTypes = messageTypes
  }
}
