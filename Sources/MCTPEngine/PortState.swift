internal import MCTPWire

/// What the engine keeps of one port.
struct PortState: ~Copyable {
  let configuration: PortConfiguration
  /// Which of the engine's routing tables the port uses.
  let networkIndex: Int
  var isUp = false
  /// The EID that the topology gives; nil when a bus owner is to assign one or none is due.
  let fixedEID: EID?
  /// The present own EID; null while there is none.
  var ownEID: EID
  var counters = PortCounters()
  var queue: PacketQueue

  init(_ configuration: PortConfiguration, fixedEID: EID?, networkIndex: Int) {
    precondition(
      configuration.transmissionUnitBytes >= EngineLimits.transmissionUnitBytesMin
        && configuration.transmissionUnitBytes <= EngineLimits.transmissionUnitBytesMax,
      "transmission unit out of range")
    precondition(
      configuration.queueDepth >= 1 && configuration.queueDepth <= EngineLimits.queueDepthMax,
      "queue depth out of range")
    self.configuration = configuration
    self.networkIndex = networkIndex
    self.fixedEID = fixedEID
    ownEID = fixedEID ?? .null
    queue = PacketQueue(
      capacity: configuration.queueDepth,
      packetBytesMax: PacketHeader.byteCount + configuration.transmissionUnitBytes)
  }

  /// What the port's medium and its present entry allow, header excluded.
  func transmissionUnitBytes(pathLimit: UInt16?) -> Int {
    guard let pathLimit else { return configuration.transmissionUnitBytes }
    return min(configuration.transmissionUnitBytes, Int(pathLimit))
  }
}
