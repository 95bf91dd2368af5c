internal import CLinuxBus

/// What the system's folder of an I3C device tells about it; nil where it tells nothing.
///
/// Read are, as mainline has them, in hexadecimal with or without 0x: `pid`, `dynamic_address`,
/// `bcr`, `dcr`. MRL and MWL have no mainline attribute; where a kernel has `mrl` or
/// `max_read_len`, `mwl` or `max_write_len`, these are used (decimal, hexadecimal with 0x).
///
/// The kernel takes the bus's lock for these attributes, so they are read between transfers only.
struct I3CNodeFacts: Hashable, Sendable {
  let provisionedID: UInt64?
  let dynamicAddress: UInt8?
  let bcr: UInt8?
  let dcr: UInt8?
  let maxReadByteCount: Int?
  let maxWriteByteCount: Int?

  /// - Parameter folder: that of the device, such as `/sys/bus/i3c/devices/0-2ae00000000`.
  init(folder: String) {
    provisionedID = I3CNodeFacts.hexadecimal(folder + "/pid")
    dynamicAddress = I3CNodeFacts.hexadecimal(folder + "/dynamic_address")
      .flatMap(UInt8.init(exactly:)).flatMap { (1..<0x7F).contains($0) ? $0 : nil }
    bcr = I3CNodeFacts.hexadecimal(folder + "/bcr").flatMap(UInt8.init(exactly:))
    dcr = I3CNodeFacts.hexadecimal(folder + "/dcr").flatMap(UInt8.init(exactly:))
    maxReadByteCount =
      I3CNodeFacts.length(folder + "/mrl") ?? I3CNodeFacts.length(folder + "/max_read_len")
    maxWriteByteCount =
      I3CNodeFacts.length(folder + "/mwl") ?? I3CNodeFacts.length(folder + "/max_write_len")
  }

  private static func hexadecimal(_ path: String) -> UInt64? {
    guard let text = text(path) else { return nil }
    return UInt64(text.hasPrefix("0x") ? text.dropFirst(2) : text, radix: 16)
  }

  private static func length(_ path: String) -> Int? {
    guard let text = text(path) else { return nil }
    let value = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    // 0: a device without a limit.
    return value.flatMap { (1...0xFFFF).contains($0) ? $0 : nil }
  }

  private static func text(_ path: String) -> Substring? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      let count = linux_i3c_attribute(path, text.baseAddress, text.count)
      guard count > 0 else { return nil }
      let bytes = text.prefix(Int(count)).prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }
      return bytes.isEmpty ? nil : Substring(decoding: bytes, as: UTF8.self)
    }
  }
}
