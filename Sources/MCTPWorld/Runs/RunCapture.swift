// Which packets of a run its capture has: each that came in at a router's port, and what a router
// itself sends, each attempt. A packet that crosses a router is there once for each router: a
// program that reassembles messages by EIDs and tag sees each fragment once.
//
// Owns the packets that were forwarded so far. Lives as long as a run.

internal import MCTPEngine
internal import MCTPWire

final class RunCapture: WorldObserver {
  private let capture: PacketCapture
  private var now = Instant.zero
  /// By router. One that leaves and is not among them is the router's own: forwarding changes no
  /// byte, and only the router sends with its EID.
  private var forwarded: [Set<[UInt8]>]

  init(board: Board, write: @escaping ([UInt8]) -> Void) {
    capture = PacketCapture(board: board, scope: .all, write: write)
    forwarded = Array(repeating: [], count: board.routers.count)
  }

  func timeAdvanced(to now: Instant) { self.now = now }

  func received(
    _ packet: Span<UInt8>, router: Int, port: PortID, from address: PhysicalAddress,
    _ disposition: Disposition
  ) {
    if case .forwarded = disposition { forwarded[router].insert(bytes(packet)) }
    capture.received(
      packet, router: router, port: port, from: address, at: now, drop: disposition.dropReason)
  }

  func transmitting(
    _ packet: Span<UInt8>, router: Int, port: PortID, to address: PhysicalAddress,
    failedAttempts: UInt8
  ) {
    guard !forwarded[router].contains(bytes(packet)) else { return }
    capture.transmitting(
      packet, router: router, port: port, to: address, at: now, failedAttempts: failedAttempts)
  }

  private func bytes(_ packet: Span<UInt8>) -> [UInt8] {
    packet.withUnsafeBufferPointer { Array($0) }
  }
}
