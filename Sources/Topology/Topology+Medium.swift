// What is behind a port: a simulated bus, device nodes, or a link of the kernel's own MCTP stack.
// Values only: whether a node or a link exists is known to those who open it.

public import MCTPWire

extension Topology {
  public enum Medium: Hashable, Sendable {
    case i2c(I2CMedium)
    case i3c(I3CMedium)
    case serial(SerialMedium)
    /// A link of the kernel's USB driver.
    case usb(KernelLink)
    /// A link of any other driver whose links have no addresses.
    case link(KernelLink)
  }

  /// A network interface of the kernel's MCTP stack, used through a packet socket.
  public struct KernelLink: Hashable, Sendable {
    /// 1 to 15 characters: a letter, then letters, digits, `.`, `_` and `-`. In a topology no
    /// two ports use the same one. It may come later.
    public let name: String
    /// The kernel's MCTP network, 1 to 4 294 967 295, that the link is to be moved into before it
    /// is used; nil leaves it where it is. It has nothing to do with `Port.network`.
    public let kernelNetwork: UInt32?
  }

  public struct I2CMedium: Hashable, Sendable {
    public enum Device: Hashable, Sendable {
      case simulated
      /// Sends through the i2c-dev node at an absolute path, which may come later, and receives
      /// another way, because i2c-dev is a controller only.
      case node(path: String, receive: I2CReceive)
      case link(KernelLink)
    }

    public let device: Device
    /// The router's own target address, form `.i2c`.
    public let address: PhysicalAddress
    /// 100 000, 400 000 or 1 000 000.
    public let clockHz: Int
  }

  /// How what others write to the router's own target address is received.
  public enum I2CReceive: Hashable, Sendable {
    /// The `slave-mqueue` of the node's adapter at the router's own address. When `isCreated`,
    /// the router makes the queue's device, and removes it when it ends; otherwise it is there
    /// already.
    case slaveQueue(isCreated: Bool)
    case link(KernelLink)
  }

  public struct I3CMedium: Hashable, Sendable {
    public enum Device: Hashable, Sendable {
      case simulated
      /// One node a target: 1 to 11, paths and provisioned IDs each once.
      case nodes(I3CInterface, [I3CNode])
      case link(KernelLink)
    }

    public let device: Device
    /// 10 000 to 12 500 000.
    public let clockHz: Int
  }

  /// Which driver's nodes an I3C port opens; the raw values are the words of the file.
  public enum I3CInterface: String, CaseIterable, Hashable, Sendable {
    /// One packet a read or write; the driver adds and checks the PEC.
    case mctp = "i3c-mctp"
    /// Private transfers; the router adds and checks the PEC.
    case device = "i3cdev"
  }

  /// The device node of one I3C target.
  public struct I3CNode: Hashable, Sendable {
    /// An absolute path. The node may come later.
    public let path: String
    /// 48 bits.
    public let provisionedID: UInt64
  }

  public struct SerialMedium: Hashable, Sendable {
    public enum Device: Hashable, Sendable {
      /// A pseudo-terminal of the router's own, with at most one simulated device behind it.
      case simulated
      /// An absolute path. The device may come later.
      case path(String)
      case link(KernelLink)
    }

    public let device: Device
    /// 300 to 4 000 000. A link's line discipline does not look at it.
    public let baudRate: Int
  }
}

// For people.

extension Topology.I2CMedium.Device {
  var text: String {
    switch self {
    case .simulated: TopologyKeys.simulatedWord
    case .node(let path, receive: .slaveQueue): "\(path) + \(TopologyKeys.slaveQueueWord)"
    case .node(let path, receive: .link(let link)): "\(path) + \(link.name)"
    case .link(let link): link.name
    }
  }
}

extension Topology.I3CMedium.Device {
  var text: String {
    switch self {
    case .simulated: TopologyKeys.simulatedWord
    case .nodes(let interface, let nodes):
      "\(interface.rawValue) (\(nodes.count) target\(nodes.count == 1 ? "" : "s"))"
    case .link(let link): link.name
    }
  }
}

extension Topology.SerialMedium.Device {
  var text: String {
    switch self {
    case .simulated: TopologyKeys.simulatedWord
    case .path(let path): path
    case .link(let link): link.name
    }
  }
}
