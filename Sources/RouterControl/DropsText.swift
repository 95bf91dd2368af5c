public import AdminProtocol
internal import MCTPDecode
internal import MCTPWire

extension DropsResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    guard !counters.isEmpty || !recent.isEmpty else { return "Nothing was dropped.\n" }
    var totals = TextTable(
      columns: [
        .left("PORT"), .left("WAY"), .right("COUNT"), .left("REASON"), .left("MEANING"),
      ],
      emptyText: "No counters.")
    totals.rows = counters.map { row in
      [
        row.port, row.direction.rawValue, "\(row.count)", row.reason,
        DropsResult.meanings[row.reason],
      ]
    }
    var last = TextTable(
      columns: [
        .right("AGE (S)"), .left("PORT"), .left("WAY"), .left("REASON"), .left("ADDRESS"),
        .right("BYTES"), .left("WHAT"),
      ], emptyText: "No recent drops are kept.")
    last.rows = recent.map { drop in
      [
        seconds(drop.ageMs), drop.port, drop.direction.rawValue, drop.reason, drop.address,
        "\(drop.length)", drop.decoded,
      ]
    }
    return [totals, last].map { $0.text(isBold: style.isBold) }.joined(separator: "\n")
  }

  private static let meanings = Dictionary(
    uniqueKeysWithValues: DropReason.allCases.map { ($0.name, $0.explanation) })
}

extension RecentDrop {
  /// Packets in words, as far as their kept bytes go; frames that never became packets in hex.
  fileprivate var decoded: String? {
    let bytes = header.bytes
    guard !bytes.isEmpty else { return nil }
    let isFrame = DropReason.allCases.first { $0.name == reason }?.isFrameReason ?? true
    guard !isFrame, let packet = PacketHeader(bytes.span) else { return header.spacedText }
    return bytes.count == length ? describe(packet: bytes.span) : "\(packet)"
  }
}
