public import AdminProtocol

extension PortsResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    guard !ports.isEmpty else { return "No ports are configured.\n" }
    return [configuration, ingress, egress].map { $0.text(isBold: style.isBold) }.joined(
      separator: "\n")
      + notes
  }

  private var configuration: TextTable {
    var table = TextTable(
      columns: [
        .right("#"), .left("PORT"), .left("BUS"), .left("DEVICE"), .left("STATE"), .right("NET"),
        .left("ROLE"), .left("ADDRESS"), .right("EID"), .right("UNIT (BYTES)"),
        .left("SOURCE CHECK"),
      ], emptyText: "")
    table.rows = ports.map { port in
      [
        "\(port.number)", port.name, port.bus, port.device, port.state, "\(port.network)",
        port.role, port.address, port.eid.map { "\($0)" }, "\(port.transmissionUnitBytes)",
        port.sourceCheck,
      ]
    }
    return table
  }

  /// PACKETS IN = FORWARDED + DELIVERED + DROPPED IN - DAMAGED.
  private var ingress: TextTable {
    var table = TextTable(
      columns: [
        .left("PORT"), .right("PACKETS IN"), .right("BYTES IN"), .right("FORWARDED"),
        .right("DELIVERED"), .right("DROPPED IN"), .right("DAMAGED FRAMES"),
      ], emptyText: "")
    table.rows = ports.map { port in
      let counters = port.counters
      return [port.name]
        + [
          counters.packetsIn, counters.bytesIn, counters.forwarded, counters.delivered,
          counters.droppedIn, counters.damagedFrames,
        ].map { "\($0)" }
    }
    return table
  }

  /// ENQUEUED = PACKETS OUT + DROPPED OUT + what the queue holds now.
  private var egress: TextTable {
    var table = TextTable(
      columns: [
        .left("PORT"), .right("ENQUEUED"), .right("ORIGINATED"), .right("PACKETS OUT"),
        .right("BYTES OUT"), .right("DROPPED OUT"), .right("QUEUE NOW"), .right("MOST"),
        .right("OF"),
      ], emptyText: "")
    table.rows = ports.map { port in
      let counters = port.counters
      return [port.name]
        + [
          counters.enqueued, counters.originated, counters.packetsOut, counters.bytesOut,
          counters.droppedOut,
        ].map { "\($0)" }
        + [port.queue.depth, port.queue.depthMax, port.queue.capacity].map { "\($0)" }
    }
    return table
  }

  /// What only some ports have, and what does not fit a column.
  private var notes: String {
    let lines = ports.flatMap { port in
      ([port.stateNote, port.retryNote, port.linkNote].compactMap { $0 } + port.notes)
        .map { printable("\(port.name): \($0)") + "\n" }
    }
    return lines.isEmpty ? "" : "\n" + lines.joined()
  }
}

extension PortRow {
  fileprivate var stateNote: String? {
    guard stateReason != nil || retryInMs != nil else { return nil }
    let retry = retryInMs.map { ", next attempt in \(seconds($0)) s" } ?? ""
    return state + (stateReason.map { ", \($0)" } ?? "") + retry
  }

  /// Counters that are not 0.
  fileprivate var linkNote: String? {
    let counted = linkCounters.filter { $0.count > 0 }
    guard !counted.isEmpty else { return nil }
    return counted.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
  }

  fileprivate var retryNote: String? {
    let retries = counters.retries
    let kinds: [(UInt64, String)] = [
      (retries.addressNotAcknowledged, "address not acknowledged"),
      (retries.dataNotAcknowledged, "data not acknowledged"),
      (retries.arbitrationLost, "arbitration lost"), (retries.busBusy, "bus busy"),
      (retries.timedOut, "timed out"), (retries.busError, "bus error"),
    ]
    guard retries.total > 0 else { return nil }
    let list = kinds.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return "retries \(retries.total): \(list)"
  }
}
