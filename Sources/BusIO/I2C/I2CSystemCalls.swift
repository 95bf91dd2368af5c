internal import CLinuxBus

/// The system calls under an `I2CDeviceLink`, as values: a machine without I2C tests the link with
/// calls of its own. All return a negative errno value when they fail.
package struct I2CSystemCalls: Sendable {
  package typealias Bytes = UnsafeBufferPointer<UInt8>
  package typealias Room = UnsafeMutableBufferPointer<UInt8>

  /// Opens a node; the descriptor.
  package var open: @Sendable (_ path: String) -> Int32 = { linux_i2c_open($0) }

  /// I2C_FUNC bits.
  package var functionality: @Sendable (_ descriptor: Int32) -> Int64 = { descriptor in
    var bits: UInt64 = 0
    let result = linux_i2c_functionality(descriptor, &bits)
    return result < 0 ? Int64(result) : Int64(truncatingIfNeeded: bits & UInt64(Int64.max))
  }

  /// Which device the path names now, links followed: a number that another device has not.
  package var deviceAtPath: @Sendable (_ path: String) -> Int64 = { path in
    var facts = linux_i2c_file()
    let result = linux_i2c_file_facts(path, &facts)
    return result < 0 ? Int64(result) : I2CSystemCalls.device(facts)
  }

  /// Which device is open.
  package var openDevice: @Sendable (_ descriptor: Int32) -> Int64 = { descriptor in
    var facts = linux_i2c_file()
    let result = linux_i2c_open_file_facts(descriptor, &facts)
    return result < 0 ? Int64(result) : I2CSystemCalls.device(facts)
  }

  /// One write; blocks for the whole transfer.
  package var write: @Sendable (_ descriptor: Int32, _ address: UInt8, Bytes) -> Int32 = {
    linux_i2c_write($0, $1, $2.baseAddress, $2.count)
  }

  package var select: @Sendable (_ descriptor: Int32, _ address: UInt8) -> Int32 = {
    linux_i2c_select($0, $1)
  }
  package var quickWrite: @Sendable (_ descriptor: Int32) -> Int32 = { linux_i2c_quick_write($0) }
  package var receiveByte: @Sendable (_ descriptor: Int32) -> Int32 = { linux_i2c_receive_byte($0) }

  /// libi2c's block read at the selected address; the number of bytes.
  package var readBlock: @Sendable (_ descriptor: Int32, _ command: UInt8, Room) -> Int32 = {
    linux_i2c_read_block($0, $1, $2.baseAddress, $2.count)
  }
  /// Command and read as one transfer of two messages; the number of bytes.
  package var writeRead:
    @Sendable (_ descriptor: Int32, _ address: UInt8, _ command: UInt8, Room) -> Int32 = {
      linux_i2c_write_read($0, $1, $2, $3.baseAddress, $3.count)
    }

  package init() {}

  private static func device(_ facts: linux_i2c_file) -> Int64 {
    Int64(facts.major) << 32 | Int64(facts.minor)
  }
}
