import MCTPEngine
import MCTPWire

/// The topology of the worked example, rows E of control.hex: X owns bus 1 (port 0, EID 11) and
/// bus 2 (port 1, EID 8); bridge Y (14) owns bus 3 with 15 and 16, bridge Z (17) owns bus 4 with
/// 18 and 19. I2C addresses are halves of the 8-bit forms in the example.
enum WorkedExample {
  static let x = PhysicalAddress.i2c(0x30)
  static let a = PhysicalAddress.i2c(0x31)
  static let b = PhysicalAddress.i2c(0x32)
  static let y = PhysicalAddress.i2c(0x33)
  static let z = PhysicalAddress.i2c(0x34)
  static let c = PhysicalAddress.i2c(0x35)
  static let d = PhysicalAddress.i2c(0x36)
  /// On bus 3.
  static let e = PhysicalAddress.i2c(0x3A)

  /// X, with the routes it has after the bring-up: its own EIDs fixed, all others given out.
  static func routerX() throws -> Rig {
    try Rig(
      EngineConfiguration(
        eidPolicy: .perPort, ports: [.test(0, eid: 11), .test(1, eid: 8)]),
      routes: [
        .test(17, 3, port: 0, at: z, type: .bridgeRange, isStatic: false),
        .test(13, port: 0, at: b, isStatic: false),
        .test(10, port: 1, at: d, isStatic: false),
        .test(14, 3, port: 0, at: y, type: .bridgeRange, isStatic: false),
        .test(12, port: 0, at: a, isStatic: false),
        .test(9, port: 1, at: c, isStatic: false),
      ])
  }

  /// Y: port 0 is bus 1 (EID 14), port 1 is bus 3 (EID 15). Routes as E17 tells them.
  static func routerY() throws -> Rig {
    try Rig(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [.test(0, role: .endpoint, eid: 14, address: y), .test(1, eid: 15)]),
      routes: [
        .test(11, port: 0, at: x, type: .bridge, isStatic: false),
        .test(12, port: 0, at: a, isStatic: false),
        .test(13, port: 0, at: b, isStatic: false),
        .test(17, 3, port: 0, at: z, type: .bridgeRange, isStatic: false),
        .test(8, 3, port: 0, at: x, type: .range, isStatic: false),
        .test(16, port: 1, at: e, isStatic: false),
      ])
  }
}
