internal import MCTPWire

// Simulated devices: one for each place, and whether routes and devices meet. What cannot be
// simulated is an error; what will only get no answer is a warning.

extension TopologyLoader {
  mutating func checkDevices() {
    checkUnique(devices.compactMap(\.name), title: "device")
    checkPlaces()
    checkDeviceEIDs()
    for device in devices { checkProperties(device) }
    for route in routes { checkSomebodyIsThere(route) }
  }

  private struct Place: Hashable {
    let portIndex: Int
    let address: PhysicalAddress
  }

  /// One device at an address, none at the router's, devices on simulated ports only.
  private mutating func checkPlaces() {
    var first: [Place: DeviceDraft] = [:]
    for device in devices {
      guard let portIndex = device.portIndex else { continue }
      let port = ports[portIndex]
      if let portDevice = port.device, portDevice.value != .simulated {
        reader.diagnostics.error(
          "\(port.title) is not simulated, \(device.title) cannot be on it",
          at: device.fields.valuePosition("port"),
          hint: "`devices` are simulated ones; real ones need routes only")
        continue
      }
      guard let address = device.address else { continue }
      if address.value != .none, address.value == port.address?.value {
        reader.diagnostics.error(
          "\(device.title) has the router's own address \(address.value.text) on \(port.title)",
          at: address.position, hint: "give it another one")
      }
      let place = Place(portIndex: portIndex, address: address.value)
      guard let other = first[place] else {
        first[place] = device
        continue
      }
      if address.value == .none {
        reader.diagnostics.error(
          "\(device.title) and \(other.title) are on one serial line",
          at: device.fields.valuePosition("port"),
          hint: "a line has one device at its end; the other one is at line "
            + "\(other.fields.position.line)")
      } else {
        reader.diagnostics.error(
          "\(device.title) and \(other.title) have the same address \(address.value.text) on "
            + port.title,
          at: address.position,
          hint: "the other one is at line \(other.fields.valuePosition("address").line)")
      }
    }
  }

  private mutating func checkDeviceEIDs() {
    var first: [UInt8: [EID: DeviceDraft]] = [:]
    for device in devices {
      guard let eid = device.eid, let portIndex = device.portIndex,
        let network = ports[portIndex].network
      else { continue }
      if let own = ownEIDs[network]?.first(where: { $0.eid == eid.value }) {
        reader.diagnostics.error(
          "\(device.title) has the router's own EID \(eid.value.rawValue)", at: eid.position,
          hint: "\(own.owner) has it at line \(own.position.line)")
        continue
      }
      if let other = first[network]?[eid.value] {
        reader.diagnostics.error(
          "\(device.title) and \(other.title) have the same EID \(eid.value.rawValue)",
          at: eid.position,
          hint: "the other one is at line \(other.fields.valuePosition("eid").line)")
        continue
      }
      first[network, default: [:]][eid.value] = device
      checkReachable(device, eid, portIndex, network)
    }
  }

  private mutating func checkReachable(
    _ device: DeviceDraft, _ eid: Located<EID>, _ portIndex: Int, _ network: UInt8
  ) {
    let number = eid.value.rawValue
    guard let index = routeTables[network]?.best(eid.value) else {
      // Where devices are looked for, the route comes with the device.
      guard !ports[portIndex].fields.has("discovery") else { return }
      reader.diagnostics.warning(
        "no route leads to EID \(number) of \(device.title)", at: eid.position,
        hint: "add one to `routes` with `eids: \(number)`")
      return
    }
    let route = routes[index]
    guard let address = device.address, let hop = route.address, let routePort = route.portIndex,
      routePort != portIndex || hop.value != address.value
    else { return }
    reader.diagnostics.warning(
      "the route to EID \(number) leads to \(hop.value.text) on \(ports[routePort].title), "
        + "\(device.title) is at \(address.value.text) on \(ports[portIndex].title)",
      at: eid.position, hint: "the route is at line \(route.fields.position.line)")
  }

  private mutating func checkProperties(_ device: DeviceDraft) {
    guard let portIndex = device.portIndex else { return }
    let port = ports[portIndex]
    if let bus = port.bus, bus != .i3c, device.fields.has("interrupts") {
      reader.diagnostics.error(
        "`interrupts` is for devices on i3c, not on \(bus.rawValue)",
        at: device.fields.keyPosition("interrupts"), hint: "remove it")
    }
    if let unit = device.transmissionUnit, let portUnit = port.transmissionUnit,
      unit.value > portUnit.value
    {
      reader.diagnostics.warning(
        "\(device.title) may send \(unit.value) bytes, \(port.title) takes \(portUnit.value)",
        at: unit.position, hint: "its larger packets will be dropped")
    }
  }

  /// On a simulated port everything that is there is in the file.
  private mutating func checkSomebodyIsThere(_ route: RouteDraft) {
    guard let portIndex = route.portIndex, let address = route.address, route.eids != nil,
      ports[portIndex].device?.value == .simulated
    else { return }
    let port = ports[portIndex]
    guard
      !devices.contains(where: {
        $0.portIndex == portIndex && ($0.address == nil || $0.address?.value == address.value)
      })
    else { return }
    reader.diagnostics.warning(
      address.value == .none
        ? "no device is simulated on \(port.title)"
        : "no device is simulated at \(address.value.text) on \(port.title)",
      at: address.value == .none ? route.fields.valuePosition("port") : address.position,
      hint: "packets to \(route.eidText) will get no answer: add one to `devices`")
  }
}
