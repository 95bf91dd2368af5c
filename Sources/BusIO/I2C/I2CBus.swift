internal import CLinuxBus

/// An open adapter node, as its thread and the loop share it: closed when the last of the two lets
/// go of it. Only the thread makes transfers.
final class I2CBus: Sendable {
  let path: String
  let functionality: I2CFunctionality
  /// See `I2CSystemCalls.deviceAtPath`.
  let device: Int64
  let calls: I2CSystemCalls
  private let owner: Descriptor

  /// Opens the node and asks what its driver can do; no transfer.
  init(path: String, calls: I2CSystemCalls) throws(DeviceFailure) {
    let opened: Descriptor
    do throws(SystemError) {
      opened = Descriptor(
        adopting: try checked(calls.open(path), "open", path, hint: I2CBus.openHint))
    } catch {
      throw .system(error)
    }
    let bits = calls.functionality(opened.rawValue)
    guard bits >= 0 else { throw I2CBus.functionalityFailure(Int32(clamping: -bits), path) }
    functionality = I2CFunctionality(rawValue: UInt64(bits))
    device = calls.openDevice(opened.rawValue)
    owner = opened
    self.path = path
    self.calls = calls
  }

  /// Valid while this object lives.
  var descriptor: Int32 { owner.rawValue }

  /// Whether the path still leads to the open device: a driver whose removal waits for us has
  /// taken the node away already, and one that came back is another device.
  var isStillThere: Bool { calls.deviceAtPath(path) == device }

  /// Makes one blocking call; on the thread.
  func run(_ job: I2CJob) -> I2COutcome {
    switch job {
    case .write(let frame):
      .wrote(
        frame.withBytes { bytes in
          calls.write(descriptor, bytes[0] >> 1, .init(rebasing: bytes[1...]))
        })
    case .probe(let address, let asksUDID):
      .probed(probe(address, asksUDID: asksUDID))
    }
  }

  private static func functionalityFailure(_ code: Int32, _ path: String) -> DeviceFailure {
    guard code == ENOTTY || code == EINVAL else {
      return .system(
        SystemError(code: code, operation: "ask the adapter's functions of", path: path))
    }
    return .configuration(
      ConfigurationFault(
        "\(path) is not the node of an I2C adapter",
        hint: "name one such as /dev/i2c-2; `i2cdetect -l` lists them"))
  }

  private static func openHint(_ code: Int32) -> String {
    switch code {
    case ENOENT: "no such adapter; check the path, and that the i2c-dev module is loaded"
    case EACCES, EPERM: "add the user to the group that owns the node, usually i2c"
    case ENXIO, ENODEV: "the node is there, the adapter is not"
    default: ""
    }
  }
}
