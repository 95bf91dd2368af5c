// Hears from the kernel that devices came and went, so that ports that wait need not ask.
//
// Owns one netlink socket, watched by the loop under its owner's token, for as long as it lives.
// It says only that something happened: what is there now, each port looks up itself.

internal import CLinuxBus

public final class DeviceEvents {
  /// A kernel event has at most 2048 bytes of variables and a path in front.
  private static let byteCount = 8_192

  private let loop: EventLoop
  private let socket: Descriptor
  private let buffer: UnsafeMutableBufferPointer<UInt8>

  /// - Parameter token: what the loop reports when `service` must be called.
  /// - Throws: where the system does not allow the socket; ports then find devices by trying.
  public init(loop: EventLoop, token: UInt64) throws(SystemError) {
    let opened = Descriptor(
      adopting: try checked(linux_device_events_open(), "listen to device events"))
    try loop.watch(opened.rawValue, interest: .readable, token: token)
    self.loop = loop
    socket = consume opened
    buffer = .allocate(capacity: DeviceEvents.byteCount)
    buffer.initialize(repeating: 0)
  }

  deinit {
    loop.unwatch(socket.rawValue)
    buffer.deallocate()
  }

  /// Takes in all events there are.
  ///
  /// - Returns: whether a device came or went that a port may be waiting for; true too when
  ///   events were lost.
  public func service() -> Bool {
    var matters = false
    while true {
      let count = linux_netlink_receive(socket.rawValue, buffer.baseAddress, buffer.count)
      if count == -Int64(EAGAIN) { return matters }
      if count < 0 {
        // ENOBUFS: some were lost, and those that were not follow.
        matters = true
        if count != -Int64(ENOBUFS) { return true }
        continue
      }
      let bytes = UnsafeBufferPointer(buffer).span
      if DeviceEvents.matters(bytes.extracting(first: min(Int(count), bytes.count))) {
        matters = true
      }
    }
  }
}

extension DeviceEvents {
  /// What changes nothing about which devices there are: `change` is left out.
  private static let actions: Set<String> = ["add", "remove", "bind", "unbind", "move", "online"]

  /// Choice: a list of what never carries MCTP, not of what does, because vendors' drivers bring
  /// classes of their own; one look too many costs a few system calls.
  private static let otherSubsystems: Set<String> = [
    "acpi", "bdi", "block", "cpu", "drm", "graphics", "hwmon", "input", "leds", "memory", "module",
    "power_supply", "queues", "rtc", "scsi", "slab", "sound", "thermal", "vc", "workqueue",
  ]

  /// Whether one event (`ACTION@PATH`, then `KEY=VALUE` texts, each ended by a zero byte) tells of
  /// a device that a port may care about.
  static func matters(_ event: Span<UInt8>) -> Bool {
    var action = ""
    var subsystem = ""
    var start = 0
    while start < event.count {
      var end = start
      while end < event.count, event[end] != 0 { end += 1 }
      if let value = value(of: "ACTION=", event, start..<end) { action = value }
      if let value = value(of: "SUBSYSTEM=", event, start..<end) { subsystem = value }
      start = end + 1
    }
    return actions.contains(action) && !otherSubsystems.contains(subsystem)
  }

  /// What follows `key` in the text at `range`; nil where another text is.
  private static func value(
    of key: StaticString, _ event: Span<UInt8>, _ range: Range<Int>
  ) -> String? {
    let keyByteCount = key.utf8CodeUnitCount
    guard range.count >= keyByteCount else { return nil }
    let isKey = key.withUTF8Buffer { bytes in
      (0..<keyByteCount).allSatisfy { bytes[$0] == event[range.lowerBound + $0] }
    }
    guard isKey else { return nil }
    return String(
      decoding: (range.lowerBound + keyByteCount..<range.upperBound).map { event[$0] },
      as: UTF8.self)
  }
}
