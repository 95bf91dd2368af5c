// Tells what happens in one input: for whoever has to find out why it broke something.
//
//   FUZZ_TRACE=1 fuzz-engine INPUT

import Fuzzing
import Glibc
import MCTPEngine
import MCTPWire

struct RunTrace {
  private let isOn: Bool
  private var last: [UInt32: String] = [:]

  init() { isOn = getenv("FUZZ_TRACE") != nil }

  func operation(_ number: Int, at now: Instant) {
    guard isOn else { return }
    say("-- operation \(number) at \(now.nanoseconds / 1_000_000) ms")
  }

  func event(_ event: EngineEvent) {
    guard isOn else { return }
    say("   \(event)")
  }

  /// The devices that changed, and the EIDs that somebody holds.
  mutating func state(_ engine: borrowing Engine) {
    guard isOn else { return }
    var lines: [(UInt32, String)] = []
    engine.forEachEndpoint { endpoint in
      lines.append(
        (
          endpoint.number.rawValue,
          "   \(endpoint.number.rawValue): port \(endpoint.port.rawValue) \(endpoint.address)"
            + " via \(String(describing: endpoint.via)) eid \(endpoint.eid)"
            + " \(endpoint.state) \(endpoint.reason) \(endpoint.kind) \(endpoint.pool)"
        ))
    }
    for (number, line) in lines where last[number] != line {
      last[number] = line
      say(line)
    }
    for network in [1, 2] as [UInt8] {
      guard let violation = engine.ownerViolation(network: network) else { continue }
      say("   network \(network): \(violation)")
    }
  }

  func say(_ text: @autoclosure () -> String) {
    guard isOn else { return }
    // Unbuffered: what is in a buffer is lost in the trap.
    let line = text() + "\n"
    _ = line.utf8CString.withUnsafeBytes { write(2, $0.baseAddress, $0.count - 1) }
  }
}
