// One line of the trace's text: columns of fixed width, so that they stand below each other.

internal import MCTPWire

struct TraceLine {
  /// Bytes of a packet that a line shows.
  private static let byteCountShown = 20

  let time: Instant
  let place: String
  let mark: String
  var address = ""
  private var eids = ""
  private var flags = ""
  private var byteCount = ""
  private var kind = ""
  var what = ""
  private var bytes = ""

  init(time: Instant, place: String, mark: String) {
    self.time = time
    self.place = place
    self.mark = mark
  }

  /// The columns of a packet.
  mutating func read(_ packet: Span<UInt8>) {
    byteCount = String(packet.count)
    guard let header = PacketHeader(packet) else {
      kind = "no packet"
      return
    }
    eids = "\(header.source)>\(header.destination)"
    let tag = header.messageTag
    flags =
      (header.som ? "S" : "-") + (header.eom ? "E" : "-") + " \(header.sequence) \(tag.tag)"
      + (tag.tagOwner ? "T" : "-")
    kind = header.som && packet.count > 4 ? TraceLine.kind(packet) : ""
  }

  private static func kind(_ packet: Span<UInt8>) -> String {
    let type = MessageTypeByte(rawValue: packet[4]).type
    guard type == .control, packet.count >= 7 else { return type.name }
    let command = ControlCommand(rawValue: packet[6]).name
    if packet[5] & 0x80 != 0 { return command + "?" }
    guard packet.count > 7, packet[7] != 0 else { return command }
    return command + " refused \(packet[7])"
  }

  mutating func readBytes(_ packet: Span<UInt8>) {
    bytes = hexText(packet, countMax: TraceLine.byteCountShown)
  }

  func text(placeWidth: Int) -> String {
    let nanoseconds = String(time.nanoseconds % 1_000_000_000)
    let seconds = String(time.nanoseconds / 1_000_000_000)
    let clock = seconds + "." + String(repeating: "0", count: 9 - nanoseconds.count) + nanoseconds
    return TraceLine.columns(
      clock, place, mark, address, eids, flags, byteCount, kind, what, bytes,
      placeWidth: placeWidth)
  }

  static func heading(placeWidth: Int) -> String {
    columns(
      "time", "place", "", "address", "eids", "flags", "len", "kind", "what", "bytes",
      placeWidth: placeWidth)
  }

  private static func columns(
    _ time: String, _ place: String, _ mark: String, _ address: String, _ eids: String,
    _ flags: String, _ byteCount: String, _ kind: String, _ what: String, _ bytes: String,
    placeWidth: Int
  ) -> String {
    var line = right(time, 16) + "  " + left(place, placeWidth) + "  " + left(mark, 2) + "  "
    line += left(address, 12) + "  " + left(eids, 7) + "  " + left(flags, 7) + "  "
    line += right(byteCount, 4) + "  "
    line += kind
    if !what.isEmpty { line += (kind.isEmpty ? "" : "; ") + what }
    if !bytes.isEmpty { line += "  [" + bytes + "]" }
    while line.last == " " { line.removeLast() }
    return line
  }

  private static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

/// The first bytes in hexadecimal; two dots where there are more.
func hexText(_ bytes: Span<UInt8>, countMax: Int) -> String {
  var text = ""
  for index in 0..<min(bytes.count, countMax) {
    if index > 0 { text += " " }
    let digits = String(bytes[index], radix: 16)
    text += digits.count == 1 ? "0" + digits : digits
  }
  return bytes.count > countMax ? text + " .." : text
}
