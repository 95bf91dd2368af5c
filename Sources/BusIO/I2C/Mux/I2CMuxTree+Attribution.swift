internal import MCTPFraming
internal import MCTPWire

// Which leg a received frame came through.
extension I2CMuxTree {
  /// Attributes a frame, and takes note when it answers what is awaited.
  ///
  /// The leg that has the turn has the mux, so the frame is its own, unless the root segment, which
  /// is always heard, has the sender. While nobody has the turn the leg is guessed, and the guess
  /// counted: the leg that last wrote to the sender's address, else the one that last transmitted,
  /// else the first. (Linux mctp-i2c always takes the one that last transmitted; but behind two
  /// muxes on one adapter the legs that were used last are both heard.)
  ///
  /// - Parameter frame: whatever came; only a whole frame with a good PEC is an answer.
  /// - Returns: nil when no leg has its receiver open.
  func attribute(_ frame: Span<UInt8>) -> Int? {
    let sender = frame.count > 3 ? frame[3] >> 1 : nil
    guard let leg = leg(of: sender) else { return nil }
    guard let turn, turn.leg == leg, !exchanges.isEmpty else { return leg }
    do throws(FrameError) {
      let whole = try SMBusFrame(decoding: frame, ownAddress: frame.count > 0 ? frame[0] >> 1 : 0)
      guard let header = PacketHeader(whole.packet) else { return leg }
      let deadline = now.advanced(byMs: I2CMuxTree.answerTimeoutMs)
      if exchanges.receive(header, from: frame[3] >> 1, deadline: deadline) {
        legs[leg].counters.answered &+= 1
        settle()
      }
    } catch { return leg }
    return leg
  }

  private func leg(of sender: UInt8?) -> Int? {
    var writer: Int?
    if let sender, lastWriters[Int(sender)] != I2CMuxTree.noLeg {
      writer = Int(lastWriters[Int(sender)])
    }
    let isWriterOpen = isOpen(writer)
    if let writer, isWriterOpen, legs[writer].isRoot, !(sender.map(exchanges.awaits) ?? false) {
      return writer
    }
    // Before the first write of a turn the mux is still where it was.
    if let turn, !turn.isFresh, isOpen(turn.leg) { return turn.leg }
    var guess: Int?
    if isWriterOpen {
      guess = writer
    } else if isOpen(lastTransmitter) {
      guess = lastTransmitter
    } else {
      guess = legs.indices.first { isOpen($0) }
    }
    // With one leg there is nothing to guess.
    if let guess, legs.count > 1 { legs[guess].counters.guessed &+= 1 }
    return guess
  }

  private func isOpen(_ leg: Int?) -> Bool {
    guard let leg, let receiver else { return false }
    return receiver.isOpen(leg)
  }
}
