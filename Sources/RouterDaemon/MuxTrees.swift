internal import BusIO
internal import MCTPWire
internal import Topology

/// Which I2C ports are legs of one mux tree, and what they share.
///
/// Choice: found out once, when the router is made. A leg whose node is not there then is a bus of
/// its own until the next start, because nothing says where it will hang.
struct MuxTrees {
  private struct Place {
    let adapter: I2CAdapter
    var rootNumber: Int { adapter.rootNumber }
    var isBehindMux: Bool { adapter.isBehindMux }
  }

  private struct Shared {
    let tree: I2CMuxTree
    let receiver: I2CMuxReceiver
  }

  /// Ports that share their root adapter with another port, of which at least one is behind a mux.
  private let places: [PortID: Place]
  private var shared: [Int: Shared] = [:]
  /// Legs of one tree that cannot share a receiver.
  let faults: [String]
  /// Muxes that let no answer through, whoever waits for it.
  let warnings: [String]

  init(_ topology: Topology) {
    var found: [PortID: Place] = [:]
    for port in topology.ports {
      guard case .i2c(let medium) = port.medium, case .node(let path, _) = medium.device
      else { continue }
      do throws(DeviceFailure) {
        found[port.id] = Place(adapter: try I2CAdapter(devicePath: path))
      } catch {}
    }
    places = found.filter { entry in
      let tree = found.values.filter { $0.rootNumber == entry.value.rootNumber }
      return tree.count > 1 && tree.contains(where: \.isBehindMux)
    }
    faults = MuxTrees.faults(topology, places)
    warnings = topology.ports.compactMap { port in
      // -1 is "stays as it is"; a driver that does not say may do either.
      guard let mux = found[port.id]?.adapter.mux, let idleState = mux.idleState,
        idleState != "-1"
      else { return nil }
      return "port \(port.name): mux \(mux.name) leaves the leg after each transfer (idle_state "
        + "\(idleState)), and answers come later; write -1 to its idle_state"
    }
  }

  /// Where a port receives, and its place in a tree if it has one.
  mutating func receiver(
    _ port: Topology.Port, path: String, _ receive: Topology.I2CReceive, loop: EventLoop
  ) -> (any I2CReceiver, I2CMuxLeg?) {
    guard let place = places[port.id] else {
      return (MuxTrees.receiver(port, path: path, receive, loop: loop), nil)
    }
    let tree: Shared
    if let known = shared[place.rootNumber] {
      tree = known
    } else {
      let scheduler = I2CMuxTree(name: "i2c-\(place.rootNumber)")
      tree = Shared(
        tree: scheduler,
        receiver: I2CMuxReceiver(
          tree: scheduler,
          receiver: MuxTrees.receiver(port, path: path, receive, loop: loop)))
      shared[place.rootNumber] = tree
    }
    let leg = tree.tree.makeLeg(portName: port.name, isRoot: !place.isBehindMux)
    return (tree.receiver.legReceiver(for: leg), leg)
  }

  private static func receiver(
    _ port: Topology.Port, path: String, _ receive: Topology.I2CReceive, loop: EventLoop
  ) -> any I2CReceiver {
    let own = UInt8(truncatingIfNeeded: port.physicalAddress.value)
    let token = UInt64(port.id.rawValue)
    switch receive {
    case .slaveQueue(let isCreated):
      return SlaveQueueReceiver(
        devicePath: path, ownAddress: own, isCreated: isCreated, loop: loop, token: token)
    case .link(let link):
      return KernelLinkReceiver(
        linkName: link.name, kernelNetwork: link.kernelNetwork, ownAddress: own,
        transmissionUnitBytes: port.transmissionUnitBytes, loop: loop, token: token)
    }
  }

  /// A tree has one receiver, on the root adapter: all its ports must mean the same one, and
  /// nobody else.
  private static func faults(_ topology: Topology, _ places: [PortID: Place]) -> [String] {
    var first: [Int: Topology.Port] = [:]
    var faults: [String] = []
    var links: [String: Topology.Port] = [:]
    for port in topology.ports {
      if case .link(let link) = port.i2cReceive {
        if let other = links[link.name],
          places[other.id]?.rootNumber != places[port.id]?.rootNumber || places[port.id] == nil
        {
          faults.append(
            "port \(port.name): it receives from \(link.name), and so does port \(other.name); "
              + "only legs of one mux tree, whose nodes are there when the router starts, may "
              + "share a link; give each its own")
        }
        links[link.name] = links[link.name] ?? port
      }
      guard let place = places[port.id] else { continue }
      guard let other = first[place.rootNumber] else {
        first[place.rootNumber] = port
        continue
      }
      guard port.i2cReceive != other.i2cReceive || port.physicalAddress != other.physicalAddress
      else { continue }
      faults.append(
        "port \(port.name): it is in one mux tree with port \(other.name), below "
          + "i2c-\(place.rootNumber), where there is one target address and one receiver; give "
          + "both the same `address`, `receive`, `create-queue` and `kernel-network`")
    }
    return faults
  }
}

extension Topology.Port {
  fileprivate var i2cReceive: Topology.I2CReceive? {
    guard case .i2c(let medium) = medium, case .node(_, let receive) = medium.device
    else { return nil }
    return receive
  }
}
