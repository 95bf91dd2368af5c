internal import MCTPWire

// Values of a bus owner out of drafts without errors.

extension TopologyLoader {
  func assembledDiscovery(_ draft: DiscoveryDraft, _ port: PortDraft) -> Topology.Discovery? {
    let devices = draft.expectedDevices.compactMap { device -> Topology.ExpectedDevice? in
      guard let address = device.address, let pool = device.poolSize else { return nil }
      return Topology.ExpectedDevice(
        address: address.value, eid: device.eid?.value, poolSize: pool.value)
    }
    guard devices.count == draft.expectedDevices.count, let isProbing = draft.isProbing,
      let takesReported = draft.takesReportedDevices, let takesNotify = draft.takesNotify,
      let interval = draft.probeIntervalMs, let health = draft.healthCheckIntervalMs,
      let parallelism = draft.parallelismMax
    else { return nil }
    let expected = Set(devices.map(\.address))
    let scanned = Set(draft.scan.flatMap { Array($0.value) }.filter(SMBusAddress.isForDevices))
      .sorted().map { PhysicalAddress.i2c($0) }
      .filter { !expected.contains($0) && $0 != port.address?.value }
    return Topology.Discovery(
      expectedDevices: devices, scannedAddresses: scanned, probesPointToPoint: isProbing,
      takesReportedDevices: takesReported, takesDiscoveryNotify: takesNotify,
      probeIntervalMs: interval, healthCheckIntervalMs: health, parallelismMax: parallelism,
      responseTimeoutMs: draft.responseTimeoutMs)
  }

  func assembledEndpoint(_ draft: EndpointDraft) -> Topology.FixedEID? {
    guard let uuid = draft.uuid, let eid = draft.eid, let network = draft.network else {
      return nil
    }
    return Topology.FixedEID(uuid: uuid.value, eid: eid.value, network: network.value)
  }
}
