internal import MCTPEngine
internal import MCTPWire
internal import Topology

extension BusOwnerConfiguration {
  /// Nil for a topology that looks for nobody: its routes are static.
  ///
  /// - Parameter seed: of the jitter; another one in each start.
  init?(_ topology: Topology, seed: UInt64) {
    guard topology.ports.contains(where: { $0.discovery != nil }) else { return nil }
    self.init(
      // A network that is listed takes no pool from above, also when nothing is left to give in it.
      ranges: topology.networks.filter { !$0.eidRanges.isEmpty }.map { network in
        NetworkEIDs(
          network: network.number,
          ranges: network.freeEIDRanges.compactMap {
            EIDRange($0.lowerBound, through: $0.upperBound)
          })
      },
      fixedEIDs: topology.fixedEIDs.map {
        FixedEID(network: $0.network, uuid: $0.uuid, eid: $0.eid)
      },
      poolSizeMax: topology.router.poolSizeMax, poolReserve: topology.router.poolReserve,
      seed: seed)
  }
}

extension DiscoveryPolicy {
  init(_ discovery: Topology.Discovery) {
    self.init(
      listed: discovery.expectedDevices.map {
        ListedDevice(address: $0.address, fixedEID: $0.eid, poolSizeExpected: $0.poolSize)
      },
      scanned: discovery.scannedAddresses, probesPointToPoint: discovery.probesPointToPoint,
      takesReportedDevices: discovery.takesReportedDevices,
      takesDiscoveryNotify: discovery.takesDiscoveryNotify,
      parallelismMax: discovery.parallelismMax,
      responseTimeoutMs: discovery.responseTimeoutMs,
      probeIntervalMs: discovery.probeIntervalMs,
      healthCheckIntervalMs: discovery.healthCheckIntervalMs)
  }
}
