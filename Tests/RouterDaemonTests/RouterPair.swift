import BusIO
import Glibc
import MCTPWire

@testable import RouterDaemon

/// Two routers at the two ends of a serial line, which the test itself carries.
///
/// In the topologies `LINE` stands for the device of the line.
final class RouterPair {
  let upper: DaemonBench
  let lower: DaemonBench
  private final class End {
    let terminal: PseudoTerminal
    init() throws { terminal = try PseudoTerminal() }
  }
  private let ends: [End]
  /// Bytes that the other end has not taken.
  private var waiting: [[UInt8]] = [[], []]

  init(upper: String, lower: String) throws {
    let ends = [try End(), try End()]
    self.ends = ends
    self.upper = try DaemonBench(upper.replacing("LINE", with: ends[0].terminal.farPath))
    self.lower = try DaemonBench(lower.replacing("LINE", with: ends[1].terminal.farPath))
  }

  /// Turns both routers until `isDone`; false when that does not happen.
  func run(until isDone: () -> Bool) -> Bool {
    let end = upper.router.loop.now().advanced(byMs: 60_000)
    while !isDone() {
      let now = upper.router.loop.now()
      guard now < end else { return false }
      // Neither knows of the other's descriptors, so neither may sleep for long.
      upper.router.turn(until: now.advanced(byMs: 1))
      lower.router.turn(until: .zero)
      for from in 0...1 { carry(from: from, to: 1 - from) }
    }
    return true
  }

  private func carry(from: Int, to: Int) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(ends[from].terminal.descriptor, &buffer, buffer.count)
    if count > 0 { waiting[to] += buffer[..<count] }
    guard !waiting[to].isEmpty else { return }
    let written = write(ends[to].terminal.descriptor, waiting[to], waiting[to].count)
    if written > 0 { waiting[to].removeFirst(written) }
  }
}
