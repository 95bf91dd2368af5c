public import MCTPNeighbours
public import MCTPSimulation
public import MCTPWire
public import Topology

/// What a world is made of: routers with their topologies, wires between them, devices on the
/// wires. A value without behaviour; parts are named by their index.
public struct Board: Sendable {
  public struct Router: Sendable {
    public var name: String
    public var topology: Topology
    /// Others that it may be started with, see `WorldEvent.topology`: with the same ports.
    public var otherTopologies: [Topology]

    public init(name: String, topology: Topology, otherTopologies: [Topology] = []) {
      self.name = name
      self.topology = topology
      self.otherTopologies = otherTopologies
    }
  }

  public enum Medium: Hashable, Sendable {
    /// Clocks a second.
    case i2c(clockHz: Int)
    case i3c(clockHz: Int)
    /// Bits a second, ten bits a byte, each direction on its own.
    case serial(baudRate: Int)
  }

  public struct Wire: Hashable, Sendable {
    public var name: String
    public var medium: Medium
    /// The mux that the wire is a leg of; nil for a wire of its own.
    public var mux: Int?

    public init(name: String, medium: Medium, mux: Int? = nil) {
      self.name = name
      self.medium = medium
      self.mux = mux
    }
  }

  /// A router's port on a wire.
  public struct Joint: Hashable, Sendable {
    public var router: Int
    public var port: PortID
    public var wire: Int

    public init(router: Int, port: PortID, wire: Int) {
      self.router = router
      self.port = port
      self.wire = wire
    }
  }

  /// Who made a device.
  public enum Make: Hashable, Sendable {
    /// The product's own codecs and endpoint.
    case ours
    /// Somebody else, with the habits that it has from the beginning.
    case neighbour(NeighbourConfiguration, NeighbourHabits)
    /// It lives inside that device of the board, a bridge or an owner of another make: as that one
    /// of its children or remote termini. It has the wire and the address of that device, and is
    /// present while that one is.
    case behind(device: Int, child: Int)
  }

  public struct Device: Hashable, Sendable {
    public var name: String
    public var wire: Int
    /// `.none` on a serial line; two devices of one wire may have one address.
    public var address: PhysicalAddress
    /// Who it is, whoever made it: EID from power-on, UUID, types and unit.
    public var configuration: SimulatedEndpointConfiguration
    /// I3C only: announces its packets by interrupts.
    public var hasInterrupts: Bool
    /// Of a device of ours.
    public var temperament: Temperament
    public var make: Make
    /// False: comes with `WorldEvent.insert`.
    public var isPresent: Bool

    public init(
      name: String, wire: Int, address: PhysicalAddress,
      configuration: SimulatedEndpointConfiguration, hasInterrupts: Bool = true,
      temperament: Temperament = .good, make: Make = .ours, isPresent: Bool = true
    ) {
      self.name = name
      self.wire = wire
      self.address = address
      self.configuration = configuration
      self.hasInterrupts = hasInterrupts
      self.temperament = temperament
      self.make = make
      self.isPresent = isPresent
    }
  }

  /// The first is the topmost bus owner, or the only bridge.
  public var routers: [Router]
  public var wires: [Wire]
  /// Names of muxes, by number.
  public var muxes: [String]
  /// Every port of every router has one.
  public var joints: [Joint]
  public var devices: [Device]

  public init(
    routers: [Router] = [], wires: [Wire] = [], muxes: [String] = [], joints: [Joint] = [],
    devices: [Device] = []
  ) {
    self.routers = routers
    self.wires = wires
    self.muxes = muxes
    self.joints = joints
    self.devices = devices
  }
}
