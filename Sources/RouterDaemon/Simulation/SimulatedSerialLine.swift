// A simulated device at the far end of a serial cable: a pseudo-terminal whose path a `SerialPort`
// opens as it would open any line.
//
// Owns: the near side, the device, and the bytes that the line has not taken. Life: `service`
// when the loop reports the token or `nextDeadline` has passed; `stop` once.

public import BusIO
internal import CLinuxBus
public import MCTPSimulation
public import MCTPWire

public final class SimulatedSerialLine {
  private static let inputByteCount = 4096

  private let loop: EventLoop
  private let token: UInt64
  private let terminal: PseudoTerminal
  private var device: SimulatedSerialDevice
  private let input: UnsafeMutableBufferPointer<UInt8>
  private var output: [UInt8] = []
  private var isBackedUp = false

  /// - Parameter token: what the loop reports for this line; call `service` for it.
  /// - Throws: `SystemError` when the system has no pseudo-terminal left.
  public init(
    _ device: consuming SimulatedSerialDevice, loop: EventLoop, token: UInt64
  ) throws(SystemError) {
    self.loop = loop
    self.token = token
    self.device = device
    terminal = try PseudoTerminal()
    input = .allocate(capacity: SimulatedSerialLine.inputByteCount)
    input.initialize(repeating: 0)
    try loop.watch(terminal.descriptor, interest: .readable, token: token)
  }

  deinit { input.deallocate() }

  /// Where the port finds the line.
  public var farPath: String { terminal.farPath }

  /// Nil while nothing is under way.
  public var nextDeadline: Instant? { device.nextDeadline }

  /// Reads what the port sent and writes what the device answers. Never blocks: what the line
  /// does not take is written when it does.
  public func service(now: Instant) {
    let count = linux_read(terminal.descriptor, input.baseAddress, input.count)
    if count > 0 {
      device.receive(input.span.extracting(first: Int(count)), now: now)
    }
    device.advance(to: now)
    writeAll(now)
  }

  /// Works on the device: requests, their outcomes. What it then has to send begins at once;
  /// read `nextDeadline` again afterwards.
  public func withEndpoint<Result, Failure: Error>(
    now: Instant, _ body: (SimulatedEndpoint) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    device.advance(to: now)
    defer { writeAll(now) }
    return try body(device.endpoint)
  }

  public func stop() { loop.unwatch(terminal.descriptor) }

  private func writeAll(_ now: Instant) {
    while true {
      if output.isEmpty {
        guard let next = device.nextBytes(now: now) else { break }
        output = next
      }
      let count = output.withUnsafeBufferPointer {
        linux_write(terminal.descriptor, $0.baseAddress, $0.count)
      }
      guard count > 0 else { break }
      output.removeFirst(Int(count))
    }
    guard isBackedUp == output.isEmpty else { return }
    isBackedUp.toggle()
    loop.change(terminal.descriptor, interest: isBackedUp ? [.readable, .writable] : .readable)
  }
}
