internal import CLinuxBus

/// The system calls on a queue file, as values: a file of that kind, which poll can watch, is only
/// on a machine with the driver. All return a negative errno value when they fail.
package struct SlaveQueueSystemCalls: Sendable {
  /// Opens the queue file; the descriptor.
  package var open: @Sendable (_ path: String) -> Int32 = { linux_i2c_queue_open($0) }
  /// The oldest message, from offset 0; 0 when there is none.
  package var read: @Sendable (_ descriptor: Int32, UnsafeMutableBufferPointer<UInt8>) -> Int64 = {
    linux_i2c_queue_read($0, $1.baseAddress, $1.count)
  }
  /// Writes to a control file of the bus. May wait for the transfer under way on the bus.
  package var writeAttribute: @Sendable (_ path: String, _ text: String) -> Int32 = {
    linux_i2c_attribute_write($0, $1)
  }

  package init() {}
}
