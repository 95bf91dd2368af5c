internal import MCTPSimulation
internal import MCTPWire

/// The wires of a world, found by the parts of the board. Legs of one mux share one.
struct WorldWires {
  /// Each once, in the order of the board.
  private(set) var all: [any Wire] = []
  /// For each wire of the board, where it is in `all`.
  private var places: [Int] = []
  private let board: Board

  init(_ board: Board, devices: [WorldDevice], generator: inout SeededGenerator) {
    self.board = board
    var muxes: [Int: Int] = [:]
    for wire in board.wires {
      if let mux = wire.mux, let place = muxes[mux] {
        places.append(place)
        continue
      }
      let seed = generator.next()
      switch wire.medium {
      case .i2c(let clockHz):
        all.append(I2CWire(clockHz: clockHz, isMux: wire.mux != nil, seed: seed))
      case .i3c(let clockHz): all.append(I3CWire(clockHz: clockHz, seed: seed))
      case .serial(let baudRate): all.append(SerialWire(baudRate: baudRate, seed: seed))
      }
      places.append(all.count - 1)
      if let mux = wire.mux { muxes[mux] = all.count - 1 }
    }
    for device in devices { add(device) }
  }

  private func add(_ device: WorldDevice) {
    let leg = device.part.wire
    switch all[places[leg]] {
    case let wire as I2CWire: wire.add(device, leg: leg)
    case let wire as I3CWire: wire.add(device)
    case let wire as SerialWire:
      let end = SerialWire.DeviceEnd(
        device,
        packetByteCountMax: PacketHeader.byteCount
          + device.part.configuration.transmissionUnitBytes, baudRate: wire.baudRate)
      wire.put(.device(end), at: 1)
    default: preconditionFailure("a wire of another kind")
    }
  }

  /// The wire of a router's port, and which wire of the board that is.
  func wire(of router: Int, _ port: PortID) -> (any Wire, leg: Int) {
    guard let joint = board.joints.first(where: { $0.router == router && $0.port == port })
    else { preconditionFailure("every port is on a wire") }
    return (all[places[joint.wire]], joint.wire)
  }

  func wire(_ index: Int) -> any Wire { all[places[index]] }
  func isMux(_ leg: Int) -> Bool { board.wires[leg].mux != nil }

  /// Which end of a serial line a port has: the first of a line's joints the first one.
  func side(of router: Int, _ port: PortID) -> Int {
    guard let joint = board.joints.first(where: { $0.router == router && $0.port == port }),
      let first = board.joints.first(where: { $0.wire == joint.wire })
    else { return 0 }
    return first == joint ? 0 : 1
  }
}
