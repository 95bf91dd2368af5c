public import MCTPWire

extension Topology {
  public enum Bus: String, CaseIterable, Hashable, Sendable {
    case i2c
    case i3c
    case serial
    /// A kernel link over USB.
    case usb
    /// Any other kernel link that has no link addresses.
    case link
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
    /// Nil when the router looks for nobody here; always where `role` is not `owner`.
    public let discovery: Discovery?
  }
}

extension Topology.Port {
  public var bus: Topology.Bus {
    switch medium {
    case .i2c: .i2c
    case .i3c: .i3c
    case .serial: .serial
    case .usb: .usb
    case .link: .link
    }
  }

  /// True when the bus and everything behind it exist inside the router only.
  public var isSimulated: Bool {
    switch medium {
    case .i2c(let i2c): i2c.device == .simulated
    case .i3c(let i3c): i3c.device == .simulated
    case .serial(let serial): serial.device == .simulated
    case .usb, .link: false
    }
  }

  /// The kernel links that the port uses, to send, to receive or for both; none or one.
  public var kernelLinks: [Topology.KernelLink] {
    switch medium {
    case .i2c(let i2c):
      switch i2c.device {
      case .link(let link), .node(_, receive: .link(let link)): [link]
      case .simulated, .node(_, receive: .slaveQueue): []
      }
    case .i3c(let i3c): if case .link(let link) = i3c.device { [link] } else { [] }
    case .serial(let serial): if case .link(let link) = serial.device { [link] } else { [] }
    case .usb(let link), .link(let link): [link]
    }
  }

  /// What the port uses, for people: `simulated`, a path, a link's name, `/dev/i2c-2 +
  /// slave-mqueue`, `i3c-mctp (2 targets)`.
  public var deviceText: String {
    switch medium {
    case .i2c(let i2c): i2c.device.text
    case .i3c(let i3c): i3c.device.text
    case .serial(let serial): serial.device.text
    case .usb(let link), .link(let link): link.name
    }
  }

  /// The router's own physical address on the bus: `.none` where the medium has none.
  public var physicalAddress: PhysicalAddress {
    switch medium {
    case .i2c(let i2c): i2c.address
    case .i3c, .serial, .usb, .link: .none
    }
  }

  /// For routing table entries (DSP0239 1.11.1 Table 3). Choice: 100 kHz is reported as "SMBus
  /// 2.0 or I2C", because the file does not say which of the two electrical standards it is. USB
  /// is reported as USB 2.0, because DSP0283 1.0.0 asks for high speed. What is behind a `link`
  /// is unspecified.
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
    case .usb: .usb2
    case .link: .unspecified
    }
  }

  /// For routing table entries (DSP0239 1.11.1 Table 2). Choice: a `link` is vendor defined,
  /// because the file does not say which binding its driver speaks.
  public var bindingType: BindingType {
    switch medium {
    case .i2c: .smbus
    case .i3c: .i3c
    case .serial: .serial
    case .usb: .usb
    case .link: .vendor
    }
  }
}
