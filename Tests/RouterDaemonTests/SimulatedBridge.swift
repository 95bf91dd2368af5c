import BusIO
import MCTPWire

/// The least that forwards: a table from EID to port and physical address, a queue a port, PN2
/// retries. It stands where the daemon stands, so that ports and simulated buses are tested alone.
final class SimulatedBridge: PortSink {
  struct Route {
    let port: Int
    let address: PhysicalAddress
  }
  private struct Queued {
    let bytes: [UInt8]
    let address: PhysicalAddress
    var retryCount = 0
  }

  let ports: [any Port]
  var routes: [UInt8: Route] = [:]
  var log: [String] = []
  var results: [TransmissionResult: Int] = [:]
  private(set) var now = Instant.zero
  private var queues: [[Queued]]
  private var underWay: [Bool]

  init(_ ports: [any Port]) {
    self.ports = ports
    queues = ports.map { _ in [] }
    underWay = ports.map { _ in false }
    for port in ports { port.start(now: .zero, sink: self) }
  }

  func send(_ bytes: [UInt8], on port: Int, to address: PhysicalAddress) {
    queues[port].append(Queued(bytes: bytes, address: address))
    drain()
  }

  /// Moves virtual time from deadline to deadline until nothing is due before `limit`.
  ///
  /// - Returns: how often a port asked to be called.
  @discardableResult
  func run(until limit: Instant) -> Int {
    var wakeUpCount = 0
    drain()
    while let next = ports.compactMap(\.nextDeadline).min(), next <= limit {
      wakeUpCount += 1
      precondition(wakeUpCount < 1_000_000, "time does not move on")
      now = max(now, next)
      for port in ports where port.nextDeadline.map({ $0 <= now }) ?? false {
        port.service(now: now, sink: self)
      }
      drain()
    }
    now = max(now, limit)
    return wakeUpCount
  }

  private func drain() {
    for (index, port) in ports.enumerated() {
      while !underWay[index], port.hasCredit, let first = queues[index].first {
        underWay[index] = true
        port.transmit(first.bytes.span, to: first.address, now: now)
        port.flush(now: now, sink: self)
      }
    }
  }

  func portReceived(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID) {
    let bytes = packet.withUnsafeBufferPointer { Array($0) }
    if let route = routes[bytes[1]] {
      queues[route.port].append(Queued(bytes: bytes, address: route.address))
    } else {
      log.append("port \(port.rawValue) ends \(bytes[2]) to \(bytes[1])")
    }
  }

  func portDamagedFrame(_ reason: DropReason, bytes: Span<UInt8>, on port: PortID) {
    log.append("port \(port.rawValue) damaged \(reason.name)")
  }

  func portFinishedTransmission(_ result: TransmissionResult, on port: PortID) {
    let index = Int(port.rawValue)
    results[result, default: 0] += 1
    underWay[index] = false
    if result.isRetryable, queues[index][0].retryCount < 12 {
      queues[index][0].retryCount += 1
    } else {
      if result != .sent { log.append("port \(port.rawValue) gives up: \(result)") }
      queues[index].removeFirst()
    }
  }

  func portChangedCondition(_ condition: PortCondition, on port: PortID) {}
}
