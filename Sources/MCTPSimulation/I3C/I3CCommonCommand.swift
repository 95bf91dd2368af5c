/// A common command code that the virtual bus knows, in its direct form.
public enum I3CCommonCommand: UInt8, Hashable, Sendable {
  /// ENEC: one byte of events; bit 0 is in-band interrupts.
  case enableEvents = 0x80
  /// DISEC.
  case disableEvents = 0x81
  /// SETMWL: two bytes, most significant first.
  case setMaxWriteLength = 0x89
  /// SETMRL: two bytes, most significant first, and one more for targets with a mandatory byte.
  case setMaxReadLength = 0x8A
  case getMaxWriteLength = 0x8B
  case getMaxReadLength = 0x8C
  /// GETPID: six bytes, most significant first.
  case getProvisionedID = 0x8D
  case getBusCharacteristics = 0x8E
  case getDeviceCharacteristics = 0x8F
  /// GETSTATUS: two bytes, most significant first; bits 3:0 are the pending interrupt.
  case getStatus = 0x90
}
