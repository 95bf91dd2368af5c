public import MCTPWire

extension Topology {
  public enum Bus: String, CaseIterable, Hashable, Sendable {
    case i2c
    case i3c
    case serial
  }

  /// What the router is on a bus.
  public enum Role: String, CaseIterable, Hashable, Sendable {
    /// It assigns the EIDs.
    case owner
    /// Somebody else assigns the EIDs, the router's own on this bus too.
    case endpoint
    /// Nobody assigns EIDs: both sides have fixed ones.
    case peer
  }

  /// Which source EIDs may cross the bridge from a port.
  public enum SourceCheck: String, CaseIterable, Hashable, Sendable {
    /// Those that the routing table has behind this port.
    case strict
    /// Those that the routing table has behind any port.
    case loose
    /// Everything.
    case off
  }

  public struct Port: Hashable, Sendable {
    /// The port number of routing table entries.
    public let id: PortID
    /// Unique.
    public let name: String
    public let medium: Medium
    public let role: Role
    /// 1 to 255.
    public let network: UInt8
    /// The router's own EID here. Nil when a bus owner is to assign it, and on buses that the
    /// router owns under `EIDPolicy.perUpstreamPort`. Under `EIDPolicy.single` the same on every
    /// port of a network.
    public let eid: EID?
    /// Payload bytes, header excluded: 64 up to what the medium carries.
    public let transmissionUnitBytes: Int
    /// Packets that wait for the medium: 1 to 1024.
    public let queueDepthMax: Int
    public let sourceCheck: SourceCheck
  }

  public enum Medium: Hashable, Sendable {
    case i2c(I2CMedium)
    case i3c(I3CMedium)
    case serial(SerialMedium)
  }

  public struct I2CMedium: Hashable, Sendable {
    public enum Device: Hashable, Sendable {
      case simulated
    }

    public let device: Device
    /// The router's own target address, form `.i2c`.
    public let address: PhysicalAddress
    /// 100 000, 400 000 or 1 000 000.
    public let clockHz: Int
  }

  public struct I3CMedium: Hashable, Sendable {
    public enum Device: Hashable, Sendable {
      case simulated
    }

    public let device: Device
    /// 10 000 to 12 500 000.
    public let clockHz: Int
  }

  public struct SerialMedium: Hashable, Sendable {
    public enum Device: Hashable, Sendable {
      /// A pseudo-terminal of the router's own, with at most one simulated device behind it.
      case simulated
      /// An absolute path. The device may come later.
      case path(String)
    }

    public let device: Device
    /// 300 to 4 000 000.
    public let baudRate: Int
  }
}

extension Topology.Port {
  public var bus: Topology.Bus {
    switch medium {
    case .i2c: .i2c
    case .i3c: .i3c
    case .serial: .serial
    }
  }

  /// True when the bus and everything behind it exist inside the router only.
  public var isSimulated: Bool {
    switch medium {
    case .i2c, .i3c: true
    case .serial(let serial): serial.device == .simulated
    }
  }

  /// The router's own physical address on the bus: `.none` where the medium has none.
  public var physicalAddress: PhysicalAddress {
    switch medium {
    case .i2c(let i2c): i2c.address
    case .i3c, .serial: .none
    }
  }

  /// For routing table entries (DSP0239 1.11.1 Table 3). Choice: 100 kHz is reported as "SMBus
  /// 2.0 or I2C", because the file does not say which of the two electrical standards it is.
  public var mediumType: MediumType {
    switch medium {
    case .i2c(let i2c):
      switch i2c.clockHz {
      case ...100_000: .smbusOrI2C100kHz
      case ...400_000: .i2c400kHz
      default: .i2c1MHz
      }
    case .i3c: .i3c
    case .serial: .serial
    }
  }

  /// For routing table entries (DSP0239 1.11.1 Table 2).
  public var bindingType: BindingType {
    switch medium {
    case .i2c: .smbus
    case .i3c: .i3c
    case .serial: .serial
    }
  }
}
