import AllocationCount
import MCTPEngine
import MCTPWire

/// What else happens on the packet path: drops of several kinds, and answers to control requests.
enum AllocationCases {
  static func drops(_ forwarder: inout Forwarder) -> UInt64 {
    let packets: [[UInt8]] = [
      // no route, illegal source, wrong version, source not behind the port
      [0x01, 200, 9, 0xC8, 0x7E, 0], [0x01, 10, 3, 0xC8, 0x7E, 0], [0x02, 10, 9, 0xC8, 0x7E, 0],
      [0x01, 10, 77, 0xC8, 0x7E, 0],
      // Get Endpoint ID, Get Routing Table Entries, an unknown command
      [0x01, 8, 9, 0xC8, 0x00, 0x80, 0x02], [0x01, 8, 9, 0xC8, 0x00, 0x81, 0x0A, 0x00],
      [0x01, 8, 9, 0xC8, 0x00, 0x82, 0x7F],
    ]
    let before = allocation_count()
    for index in 0..<10_000 {
      let bytes = packets[index % packets.count]
      _ = forwarder.engine.receive(
        bytes.span, on: Forwarder.ingress, from: .i2c(0x1E), now: Instant(nanoseconds: 2))
      while forwarder.engine.nextTransmission(on: Forwarder.ingress) != nil {
        forwarder.engine.transmissionFinished(
          .sent, on: Forwarder.ingress, now: Instant(nanoseconds: 2))
      }
    }
    return allocation_count() - before
  }
}
