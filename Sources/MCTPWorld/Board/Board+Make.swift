public import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

extension Board.Device {
  /// The bridge or owner that it lives in, by index; nil for what is on the wire by itself.
  ///
  /// Never inlined: Swift 6.3.1's optimiser ends itself over it in a loop.
  public var behind: Int? {
    @inline(never) get {
      if case .behind(let device, _) = make { device } else { nil }
    }
  }

  public var neighbour: NeighbourConfiguration? {
    if case .neighbour(let configuration, _) = make { configuration } else { nil }
  }

  /// Of a neighbour from the beginning; plain for every other device.
  public var habits: NeighbourHabits {
    if case .neighbour(_, let habits) = make { habits } else { .plain }
  }

  /// What it lets other devices be granted; nil for what is no owner of another make.
  public var grants: NeighbourConfiguration.OwnerPlan? {
    if case .owner(let plan) = neighbour?.role { plan } else { nil }
  }

  /// The same device made by somebody else.
  func ofAnotherMake(_ habits: NeighbourHabits = .plain) -> Board.Device {
    var device = self
    device.make = .neighbour(
      NeighbourConfiguration(
        name: name, medium: medium, eid: configuration.eid.rawValue,
        uuid: configuration.uuid.bytesIfAny, bridgeAddress: configuration.bridgeAddress.i2cAddress,
        transmissionUnitBytes: configuration.transmissionUnitBytes,
        messageTypes: configuration.messageTypes.map(\.rawValue)),
      habits)
    return device
  }

  private var medium: NeighbourConfiguration.Medium {
    switch address.form {
    case .i2c: .i2c(address: UInt8(truncatingIfNeeded: address.value))
    case .i3c: .i3c(provisionedID: address.value)
    case .none: .serial
    }
  }
}

extension PhysicalAddress {
  /// Seven bits; nil on other media.
  var i2cAddress: UInt8? { form == .i2c ? UInt8(truncatingIfNeeded: value) : nil }
}

extension EndpointUUID {
  /// 16 bytes, most significant first; empty for `.nil`.
  var bytesIfAny: [UInt8] {
    guard self != .nil else { return [] }
    return [high, low].flatMap { half in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
    }
  }
}

extension Board {
  /// The same board with these devices made by somebody else.
  func made(byOthers devices: [Int]) -> Board {
    var board = self
    for device in devices { board.devices[device] = self.devices[device].ofAnotherMake() }
    return board
  }
}
