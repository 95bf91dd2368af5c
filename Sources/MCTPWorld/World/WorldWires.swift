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
    for device in devices where device.part.behind == nil {
      add(device, children: devices.filter { $0.part.behind == device.index })
    }
  }

  private func add(_ device: WorldDevice, children: [WorldDevice]) {
    let (part, leg) = (device.part, device.part.wire)
    let place: NeighbourPlace? =
      if case .neighbour(let neighbour) = device.stack {
        NeighbourPlace(device: device, neighbour: neighbour, children: children)
      } else { nil }
    let packetBytes = PacketHeader.byteCount + part.configuration.transmissionUnitBytes
    switch all[places[leg]] {
    case let wire as I2CWire:
      let address = UInt8(truncatingIfNeeded: part.address.value)
      wire.add(
        device,
        station(device, place) {
          OwnI2CStation($0, address: address)
        } neighbour: {
          NeighbourI2CStation($0, address: address)
        }, leg: leg)
    case let wire as I3CWire:
      let target = I3CWire.target(part)
      wire.add(
        device,
        station(device, place) {
          OwnI3CStation($0, target: target)
        } neighbour: {
          NeighbourI3CStation($0)
        }, target)
    case let wire as SerialWire:
      let end = SerialWire.DeviceEnd(
        device,
        station(device, place) {
          OwnSerialStation($0, packetByteCountMax: packetBytes, baudRate: wire.baudRate)
        } neighbour: {
          NeighbourSerialStation($0, packetByteCountMax: packetBytes)
        })
      wire.put(.device(end), at: 1)
    default: preconditionFailure("a wire of another kind")
    }
  }

  private func station<Station>(
    _ device: WorldDevice, _ place: NeighbourPlace?, ours: (SimulatedEndpoint) -> Station,
    neighbour: (NeighbourPlace) -> Station
  ) -> Station {
    if let place { return neighbour(place) }
    guard case .ours(let endpoint) = device.stack else {
      preconditionFailure("a device is one of ours or a neighbour")
    }
    return ours(endpoint)
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
