/// What reassembly may cost. All of it is allocated once.
public struct ReassemblyLimits: Hashable, Sendable {
  /// Message bytes held at once: the blocks of all assemblies and the buffer of the completed
  /// message. At least 512. Slots and links come on top: about 130 bytes an assembly and
  /// 4 bytes a block of 256.
  public var memoryBytesMax: Int
  /// Assemblies under way at once. At least 1.
  public var assembliesMax: Int
  /// The largest body, type byte included. Never more than half of `memoryBytesMax`: a message
  /// lies in the blocks while it grows and in the buffer when it is complete.
  public var messageBytesMax: Int
  /// The longest silence between two packets of a message.
  ///
  /// Choice: 6000 where the binding names no value, as Linux does for keys and mctp-estack does.
  public var timeoutMs: UInt32

  public init(
    memoryBytesMax: Int = 262_144, assembliesMax: Int = 32, messageBytesMax: Int = 65_536,
    timeoutMs: UInt32 = 6000
  ) {
    precondition(memoryBytesMax >= 512 && assembliesMax > 0 && messageBytesMax > 0)
    self.memoryBytesMax = memoryBytesMax
    self.assembliesMax = assembliesMax
    self.messageBytesMax = messageBytesMax
    self.timeoutMs = timeoutMs
  }

  /// The limit that holds: `messageBytesMax`, cut to half of the memory.
  var effectiveMessageBytesMax: Int { min(messageBytesMax, memoryBytesMax / 2) }
}
