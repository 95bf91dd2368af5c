extension SerialPort {
  public struct Configuration: Hashable, Sendable {
    /// The terminal, for example `/dev/ttyS4`; for a port over an open descriptor, only its name.
    public var path: String
    /// Bits a second, above 0.
    public var baudRate: UInt32
    /// Payload bytes of the largest packet, 1 to 251; 64 is all that a Linux peer takes.
    public var transmissionUnitBytes: Int
    /// Sends `SerialFrame.wakePreamble` whenever the line comes up. A Linux receiver may be deaf
    /// until then; for other receivers it is noise.
    public var wakePeerReceiver: Bool
    /// How many encoded bytes wait for a slow line before credit ends.
    public var outputBytesMax: Int

    public init(
      path: String, baudRate: UInt32 = 115_200, transmissionUnitBytes: Int = 64,
      wakePeerReceiver: Bool = true, outputBytesMax: Int = 16_384
    ) {
      self.path = path
      self.baudRate = baudRate
      self.transmissionUnitBytes = transmissionUnitBytes
      self.wakePeerReceiver = wakePeerReceiver
      self.outputBytesMax = outputBytesMax
    }
  }
}
