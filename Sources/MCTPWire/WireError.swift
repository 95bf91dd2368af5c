/// Why bytes are not the message they claim to be. Decoders throw it; they never trap.
public enum WireError: UInt8, Error, Hashable, Sendable {
  /// Fewer bytes than the message needs.
  case tooShort = 1
  /// Bytes left over after the last field.
  case tooLong = 2
  /// A count or length field does not fit the bytes that follow.
  case countMismatch = 3
  /// A field holds a value that the standard forbids there.
  case invalidValue = 4
  /// More entries, or a longer body, than one message can carry.
  case noRoom = 5
}
