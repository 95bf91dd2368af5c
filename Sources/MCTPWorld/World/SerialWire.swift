// A serial line of two ends, each a router's port, a device or nothing (DSP0253).
//
// Owns: what is on its way in each direction, one frame at a time: a frame takes ten bits a byte,
// and its bytes arrive when it has passed. Directions do not disturb each other.

internal import MCTPSimulation
internal import MCTPWire

final class SerialWire: Wire {
  /// A device's side.
  final class DeviceEnd {
    let device: WorldDevice
    let station: any SerialStation

    init(_ device: WorldDevice, _ station: any SerialStation) {
      self.device = device
      self.station = station
    }
  }

  enum End {
    case nobody
    case device(DeviceEnd)
    case port(WireSerialPort)
  }

  private struct Passing {
    var pieces: [(at: Instant, bytes: [UInt8])]
    let end: Instant
  }

  let alarm = WireAlarm()
  var faultCounts: [FrameImpairment.Counts] { impairments.map(\.counts) + [unheard] }
  var isCut = false
  var faults = FrameFaults.none {
    didSet { for side in 0..<2 { impairments[side].faults = faults } }
  }

  private(set) var ends: [End] = [.nobody, .nobody]
  /// There was somebody once: an end that is open from the beginning loses nothing.
  private var wasTaken = [false, false]
  private var passing: [Passing?] = [nil, nil]
  private var impairments: [FrameImpairment]
  /// Frames that passed while the line was cut, or who had been there was away.
  private var unheard = FrameImpairment.Counts()
  private let byteNanoseconds: UInt64
  let baudRate: Int

  init(baudRate: Int, seed: UInt64) {
    self.baudRate = baudRate
    byteNanoseconds = 10_000_000_000 / UInt64(max(baudRate, 1))
    impairments = [
      FrameImpairment(seed: seed), FrameImpairment(seed: seed ^ 0x5555_5555_5555_5555),
    ]
  }

  func put(_ end: End, at side: Int) {
    ends[side] = end
    if case .nobody = end {} else { wasTaken[side] = true }
    isTouched = true
  }

  /// True while a frame of the side is on its way.
  func isBusy(_ side: Int) -> Bool { passing[side] != nil }

  /// Puts one frame on the line.
  func send(_ frame: [UInt8], from side: Int, now: Instant) {
    precondition(passing[side] == nil, "one frame at a time a direction")
    let (line, fate) = impairments[side].nextOnLine(frame)
    // A frame that is lost took the line's time all the same.
    let end = now.advanced(
      byNanoseconds: byteNanoseconds * UInt64(max(line.count, frame.count))
        + fate.holdNanoseconds + fate.delayNanoseconds)
    var pieces: [(at: Instant, bytes: [UInt8])] = []
    if fate.holdNanoseconds > 0, line.count > 1 {
      let half = line.count / 2
      pieces.append(
        (now.advanced(byNanoseconds: byteNanoseconds * UInt64(half)), Array(line[..<half])))
      pieces.append((end, Array(line[half...])))
    } else {
      pieces.append((end, line))
    }
    passing[side] = Passing(pieces: line.isEmpty ? [] : pieces, end: end)
    isTouched = true
  }

  func setPresent(_ isPresent: Bool, device: Int, now: Instant) {
    for case .device(let end) in ends where end.device.index == device {
      end.device.isPresent = isPresent
    }
    isTouched = true
  }

  func restart(device: Int, now: Instant) {
    for case .device(let end) in ends where end.device.index == device {
      end.station.restart(now: now)
    }
    isTouched = true
  }

  func setTemperament(_ temperament: Temperament, device: Int) {
    for case .device(let end) in ends where end.device.index == device {
      end.device.set(temperament)
    }
    isTouched = true
  }

  func touch(device: Int) { isTouched = true }

  var nextDeadline: Instant? {
    var deadline: Instant?
    for side in 0..<2 {
      if let frame = passing[side] {
        deadline = earliest(deadline, frame.pieces.first?.at ?? frame.end)
      }
      if case .device(let end) = ends[side], end.device.isPresent {
        deadline = earliest(deadline, end.station.nextDeadline)
      }
    }
    return deadline
  }

  func step(_ now: Instant) {
    for side in 0..<2 { move(side, now) }
    for side in 0..<2 {
      guard case .device(let end) = ends[side], end.device.isPresent else { continue }
      end.station.advance(to: now)
      if passing[side] == nil, let frame = end.station.nextBytes(now: now) {
        send(frame, from: side, now: now)
      }
    }
  }

  private func move(_ side: Int, _ now: Instant) {
    guard var frame = passing[side] else { return }
    while let piece = frame.pieces.first, piece.at <= now {
      frame.pieces.removeFirst()
      let isHeard = deliver(piece.bytes, to: 1 - side, now)
      if !isHeard, frame.pieces.isEmpty { unheard.gone += 1 }
    }
    passing[side] = frame
    guard frame.end <= now else { return }
    passing[side] = nil
    if case .port(let port) = ends[side] { port.finishedFrame(now) }
  }

  /// False when they are lost.
  private func deliver(_ bytes: [UInt8], to side: Int, _ now: Instant) -> Bool {
    guard !isCut else { return false }
    switch ends[side] {
    case .nobody: return !wasTaken[side]
    case .device(let end):
      guard end.device.isPresent else { return false }
      end.station.receive(bytes, now: now)
    case .port(let port): port.arrived(bytes)
    }
    return true
  }
}
