// Whether a link may be used: only where the kernel neither takes packets in our place nor
// forwards them beside us.
//
// A packet socket sees a packet first and the kernel's MCTP stack sees it next. Where the stack
// has an address it answers too, and kernels were seen to crash when both hold the packet; where
// it has a route for the destination EID, in the same network and on whatever link, it sends the
// packet on a second time.

internal import MCTPWire

extension KernelLinkState {
  /// Why `link` may not be used as the topology says; nil when it may.
  ///
  /// Judges the network that the link is in or, with `kernelNetwork`, will be moved to.
  func fault(
    of link: Link, for configuration: KernelLinkPort.Configuration
  ) -> ConfigurationFault? {
    deviceFault(link, configuration) ?? ownFault(link) ?? networkFault(link, configuration)
  }

  /// What the device itself is not fit for.
  private func deviceFault(
    _ link: Link, _ configuration: KernelLinkPort.Configuration
  ) -> ConfigurationFault? {
    let name = link.name
    guard link.carriesMCTP else {
      return ConfigurationFault(
        "\(name) is no MCTP link (hardware type \(link.hardwareType))",
        hint: "name an MCTP link; `mctp link` and `ip link` list them")
    }
    if let fault = addressFault(link, configuration.addressing) { return fault }
    let needed = configuration.transmissionUnitBytes + PacketHeader.byteCount
    guard link.kernelMTUBytes >= needed else {
      let message =
        "\(name): the link's MTU is \(link.kernelMTUBytes), a transmission unit of "
        + "\(configuration.transmissionUnitBytes) bytes needs \(needed)"
      if let bound = link.kernelMTUBytesMax, bound < needed {
        return ConfigurationFault(
          message,
          hint: "the link takes \(bound) at most: a transmission unit of up to "
            + "\(bound - PacketHeader.byteCount) bytes")
      }
      return ConfigurationFault(message, hint: "`ip link set \(name) mtu \(needed)`")
    }
    return nil
  }

  private func addressFault(
    _ link: Link, _ addressing: KernelLinkPort.Addressing
  ) -> ConfigurationFault? {
    let medium: String
    let byteCount: Int
    switch addressing {
    case .i2c(let ownAddress):
      if link.address.count == 1, link.address[0] != ownAddress {
        return ConfigurationFault(
          "\(link.name) has the I2C address \(hexadecimal(link.address[0])), the topology says "
            + hexadecimal(ownAddress),
          hint: "make the two agree: the link's is that of its device `mctp-i2c-interface`")
      }
      (medium, byteCount) = ("I2C", 1)
    case .i3c: (medium, byteCount) = ("I3C", 6)
    case .none: (medium, byteCount) = ("point-to-point", 0)
    }
    guard link.address.count != byteCount else { return nil }
    return ConfigurationFault(
      "\(link.name) is no \(medium) link: its address has \(link.address.count) bytes, "
        + "not \(byteCount)",
      hint: "name another link, or give the port the medium of this one")
  }

  /// What the kernel does on this very link, in whatever network.
  private func ownFault(_ link: Link) -> ConfigurationFault? {
    if let address = addresses.first(where: { $0.linkIndex == link.index }) {
      return ConfigurationFault(
        "\(link.name): the kernel has EID \(address.eid) as an address of its own on this link",
        hint: "`mctp addr del \(address.eid) dev \(link.name)`, and stop what sets it (mctpd)")
    }
    if let route = routes.first(where: { $0.linkIndex == link.index }) {
      return ConfigurationFault(
        "\(link.name): the kernel has a route for \(route.words) via this link",
        hint: "`\(deletion(of: route))`, and stop what sets it (mctpd)")
    }
    return nil
  }

  /// What the kernel does on other links with packets that come in on this one.
  private func networkFault(
    _ link: Link, _ configuration: KernelLinkPort.Configuration
  ) -> ConfigurationFault? {
    guard let current = link.network else {
      guard configuration.kernelNetwork != nil else { return nil }
      return ConfigurationFault(
        "\(link.name) is in no MCTP network of the kernel",
        hint: "leave `kernel-network` out, or use a kernel with MCTP")
    }
    let network = configuration.kernelNetwork ?? current
    let advice = "`kernel-network: \(freeNetwork)` in the topology gives the link a network of "
    if let address = addresses.first(where: { self.network(of: $0.linkIndex) == network }) {
      let other = name(of: address.linkIndex)
      return ConfigurationFault(
        "\(link.name): the kernel has EID \(address.eid) as an address of its own on \(other), in "
          + "the same MCTP network \(network)",
        hint: advice + "its own; or `mctp addr del \(address.eid) dev \(other)`")
    }
    if let route = routes.first(where: {
      ($0.gateway?.network ?? self.network(of: $0.linkIndex)) == network
    }) {
      return ConfigurationFault(
        "\(link.name): the kernel has a route for \(route.words) in the same MCTP network "
          + "\(network)",
        hint: advice + "its own; or `\(deletion(of: route))`")
    }
    return nil
  }

  private func deletion(of route: Route) -> String {
    let range =
      route.firstEID == route.lastEID
      ? "\(route.firstEID)" : "\(route.firstEID)-\(route.lastEID)"
    if let gateway = route.gateway {
      return "mctp route del \(range) gw \(gateway.eid) net \(gateway.network)"
    }
    return "mctp route del \(range) via \(name(of: route.linkIndex))"
  }

  private func name(of linkIndex: UInt32?) -> String {
    links.first { $0.index == linkIndex }?.name ?? "link \(linkIndex ?? 0)"
  }

  private func hexadecimal(_ address: UInt8) -> String {
    "0x" + (address < 0x10 ? "0" : "") + String(address, radix: 16)
  }
}

extension KernelLinkState.Route {
  fileprivate var words: String {
    firstEID == lastEID ? "EID \(firstEID)" : "EIDs \(firstEID) to \(lastEID)"
  }
}
