// The other ends: devices that answer what the engine asks, well or badly.

import Fuzzing
import MCTPEngine
import MCTPWire

extension EngineRun {
  /// Answers what was sent last on a port, with chosen bytes or as a device would.
  mutating func answerLast() {
    let port = port()
    guard let sent = lastSent[port] else { return }
    let shape = choices.byte()
    guard var answer = answer(to: sent, shape) else { return }
    if shape & 0x80 != 0 {
      answer = Array(answer.prefix(7)) + choices.bytes(choices.below(24))
    }
    receive(answer, on: port, from: sent.address)
  }

  /// Sends all that waits on a port, a few times over, and answers it.
  mutating func serve() {
    let port = port()
    let shape = choices.byte()
    for _ in 0..<(1 + Int(shape & 7)) {
      while books.ports[port].inFlight > 0 { finish(port, .sent) }
      collect()
      while engine.hasTransmission(on: id(port)) {
        begin(port)
        while books.ports[port].inFlight > 0 { finish(port, .sent) }
        collect()
        guard let sent = lastSent[port], let answer = answer(to: sent, shape >> 3 & 0x0F) else {
          continue
        }
        receive(answer, on: port, from: sent.address)
        collect()
      }
      now = max(now, min(engine.nextDeadline ?? now, now.advanced(byMs: 5000)))
      engine.advance(to: now)
      collect()
    }
  }

  /// - Parameter shape: bit 0: the device is a bridge; bit 1: it has an EID of its own; bit 2: it
  ///   takes no other; bit 3: it has no UUID.
  private func answer(to sent: Sent, _ shape: UInt8) -> [UInt8]? {
    let request = sent.bytes
    guard request.count >= 7, request[4] == 0, request[5] & 0xC0 == 0x80 else { return nil }
    let place = UInt8(truncatingIfNeeded: sent.address.value) & 0x0F
    let data = Array(request.dropFirst(7))
    let own: UInt8 = shape & 2 == 0 ? (request[1] == 0 ? 0 : request[1]) : 20 + place
    let answer: [UInt8]
    switch request[6] {
    case 0x01 where data.count == 2:
      answer = [0x00, (shape & 4) << 2 | shape & 1, shape & 4 == 0 ? data[1] : own, shape & 1 * 3]
    case 0x02: answer = [0x00, own, (shape & 1) << 4, 0x00]
    case 0x03 where shape & 8 == 0:
      answer =
        [0x00] + [UInt8](repeating: 0, count: 7) + [1] + [UInt8](repeating: 0, count: 7) + [place]
    case 0x04: answer = [0x00, 0x01, 0xF1, 0xF3, 0xF1, 0x00]
    case 0x05: answer = [0x00, 0x01, 0x00]
    case 0x08 where data.count == 3: answer = [0x00, 0x00, data[1], data[2]]
    case 0x09: answer = [0x00]
    case 0x0A:
      answer = [0x00, 0xFF, 0x01, 0x01, 22 + place, 0x00, 0x03, 0x04, 0x01, place << 1]
    default: answer = [0x05]
    }
    return [0x01, request[2], own, 0xC0 | request[3] & 0x07, 0x00, request[5] & 0x1F, request[6]]
      + answer
  }
}
