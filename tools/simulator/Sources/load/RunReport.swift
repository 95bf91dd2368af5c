import FoundationEssentials
import LatencyReport
import MCTPSimulation
import MCTPWire

/// What a run brought, as JSON and as a table.
struct RunReport: Codable {
  /// Messages and their latencies: of one flow, or of all.
  struct Row: Codable {
    var source: UInt8?
    var destination: UInt8?
    var kind: String?
    var sent: UInt64
    var completed: UInt64
    var completedBytes: UInt64
    var lost: UInt64
    var hurt: UInt64
    var late: UInt64
    var duplicated: UInt64
    var reordered: UInt64
    var damaged: UInt64
    var misdelivered: UInt64
    /// Nanoseconds from the message's making to its arrival; of an echo, back at its source.
    var latency: LatencyReport.Summary

    init(_ counts: LoadCounts, _ latency: LatencyReport) {
      sent = counts.sent
      completed = counts.completed
      completedBytes = counts.completedBytes
      lost = counts.lost
      hurt = counts.hurt
      late = counts.late
      duplicated = counts.duplicated
      reordered = counts.reordered
      damaged = counts.damaged
      misdelivered = counts.misdelivered
      self.latency = latency.summary
    }
  }

  struct PortRow: Codable {
    var port: String
    var eids: [UInt8]
    var written: WrittenCounts
    var read: ReadCounts
  }

  var seed: UInt64
  var seconds: Double
  /// Packets that came to all ports, a second.
  var packetsPerSecond: UInt64
  var messagesPerSecond: UInt64
  var foreign: UInt64
  var total: Row
  var flows: [Row]
  var ports: [PortRow]

  init?(_ run: LoadRun) {
    guard let ledger = run.ledger else { return nil }
    seed = run.configuration.seed
    let nanoseconds = max(run.stoppedAt.nanoseconds(since: run.startedAt), 1)
    seconds = Double(nanoseconds / 1_000_000) / 1000
    let packets = run.stations.reduce(0) { $0 + $1.readCounts.packets }
    packetsPerSecond = UInt64(Double(packets) * 1e9 / Double(nanoseconds))
    messagesPerSecond = UInt64(Double(ledger.total.completed) * 1e9 / Double(nanoseconds))
    foreign = ledger.foreignCount
    var all = LatencyReport()
    for latency in run.latencies { all.add(latency) }
    total = Row(ledger.total, all)
    flows = ledger.plan.flows.indices.map { index in
      let flow = ledger.plan.flows[index]
      var row = Row(ledger.counts(ofFlow: index), run.latencies[index])
      row.source = flow.source.rawValue
      row.destination = flow.destination.rawValue
      row.kind = flow.kind == .echo ? "echo" : "one-way"
      return row
    }
    ports = run.stations.map {
      PortRow(
        port: $0.name, eids: $0.eids.map(\.rawValue), written: $0.written, read: $0.readCounts)
    }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension RunReport {
  var text: String {
    var lines = [
      [
        "flow", "kind", "sent", "done", "lost", "hurt", "late", "dup", "reord", "damaged",
        "misdel", "p50", "p90", "p99", "p99.9", "max",
      ]
    ]
    for row in flows {
      lines.append(cells(row, "\(row.source ?? 0) > \(row.destination ?? 0)", row.kind ?? ""))
    }
    lines.append(cells(total, "total", ""))
    let ports = [["port", "frames out", "hurt", "noise", "pauses", "twice", "stray", "packets in"]]
    let portRows = self.ports.map { row in
      [
        row.port, "\(row.written.framesIntact)", "\(row.written.framesHurt)",
        "\(row.written.noiseRuns)", "\(row.written.pauses)", "\(row.written.duplicates)",
        "\(row.written.strays)", "\(row.read.packets)",
      ]
    }
    return columns(lines) + "\n\n" + columns(ports + portRows) + "\n\n"
      + "\(seconds) s, seed \(seed): \(packetsPerSecond) packets/s and \(messagesPerSecond) "
      + "messages/s arrived; \(foreign) messages were not of this run"
  }

  private func cells(_ row: Row, _ name: String, _ kind: String) -> [String] {
    let latency = row.latency
    return [
      name, kind, "\(row.sent)", "\(row.completed)", "\(row.lost)", "\(row.hurt)", "\(row.late)",
      "\(row.duplicated)", "\(row.reordered)", "\(row.damaged)", "\(row.misdelivered)",
    ]
      + [latency.p50, latency.p90, latency.p99, latency.p999, latency.max].map {
        LatencyReport.Summary.text($0)
      }
  }

  /// Words to the left, the rest to the right.
  private func columns(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (index, cell) in row.enumerated() {
        let fill = String(repeating: " ", count: widths[index] - cell.count)
        let isWord = index == 0 || rows[0][index] == "kind"
        line += (index == 0 ? "" : "  ") + (isWord ? cell + fill : fill + cell)
      }
      return line
    }.joined(separator: "\n")
  }
}
