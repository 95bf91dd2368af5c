// The queue's device: where it is in sysfs, how it is made and removed, whose the address is.
//
// new_device and delete_device wait for the transfer under way on the bus, as long as its driver
// lets it last. Choice: they are written on the loop's thread all the same: once in the life of a
// device, and never while a transfer of ours is under way.

internal import CLinuxBus

extension SlaveQueueReceiver {
  /// The number that sysfs gives an own-target device: 0x1000 marks it, then the address.
  private var ownTarget: Int { 0x1000 | Int(ownAddress) }

  private func devicesPath(_ adapter: Int) -> String {
    "\(sysfsRoot)/bus/i2c/devices/i2c-\(adapter)"
  }

  /// For example `/sys/bus/i2c/devices/2-1010`.
  private func devicePath(_ adapter: Int) -> String {
    "\(sysfsRoot)/bus/i2c/devices/\(adapter)-\(String(ownTarget, radix: 16))"
  }

  func queuePath(_ adapter: Int) -> String { devicePath(adapter) + "/slave-mqueue" }

  func adapterNumber() throws(DeviceFailure) -> Int {
    switch adapter {
    case .number(let number): return number
    case .rootOf(let path):
      return try I2CAdapter(devicePath: path, sysfsRoot: sysfsRoot).rootNumber
    }
  }

  /// Makes the queue's device, if that is wanted and there is none.
  func makeDevice(_ adapter: Int) throws(DeviceFailure) {
    var facts = linux_i2c_file()
    if linux_i2c_file_facts(devicePath(adapter), &facts) >= 0 { throw missing(adapter) }
    guard isCreated else { throw missing(adapter) }
    let path = devicesPath(adapter) + "/new_device"
    let text = "slave-mqueue 0x\(String(ownTarget, radix: 16))"
    let result = calls.writeAttribute(path, text)
    if result == -EBUSY { throw taken(adapter, by: "another driver") }
    do throws(SystemError) {
      _ = try checked(result, "write \"\(text)\" to", path, hint: SlaveQueueReceiver.makeHint)
    } catch {
      throw .system(error)
    }
    createdOn = adapter
  }

  /// Closes the file and removes the device, for good, if this object made it. Waits for the
  /// transfer under way on the bus. A device that is gone already is no failure.
  public func stop() {
    close()
    guard let adapter = createdOn else { return }
    createdOn = nil
    _ = calls.writeAttribute(
      devicesPath(adapter) + "/delete_device", "0x\(String(ownTarget, radix: 16))")
  }

  /// Why there is no queue file, as far as sysfs tells.
  func missing(_ adapter: Int) -> DeviceFailure {
    let path = queuePath(adapter)
    var facts = linux_i2c_file()
    guard linux_i2c_file_facts(devicePath(adapter), &facts) >= 0 else {
      let isAdapterThere = linux_i2c_file_facts(devicesPath(adapter), &facts) >= 0
      return .gone(
        isAdapterThere
          ? "\(path) is not there; set create-queue, or write \"slave-mqueue "
            + "0x\(String(ownTarget, radix: 16))\" to \(devicesPath(adapter))/new_device"
          : "there is no I2C adapter \(adapter): no \(devicesPath(adapter))")
    }
    let owner = I2CAdapter.attribute(devicePath(adapter) + "/name") ?? "slave-mqueue"
    if owner != "slave-mqueue" { return taken(adapter, by: owner) }
    // The driver refused the device: its module is missing, or the adapter has no target mode or
    // no room for another own address.
    return .gone(
      "\(path) is not there though its device is: load the module slave-mqueue (vendor kernels "
        + "have it) and look for its message in the kernel's log")
  }

  private func taken(_ adapter: Int, by owner: String) -> DeviceFailure {
    .gone(
      "own address 0x\(String(ownAddress, radix: 16)) of I2C adapter \(adapter) belongs to "
        + "\(owner), and only one driver can have it; remove that device (mctp-i2c is the usual "
        + "one: then receive from its link instead), or choose another address")
  }

  private static func makeHint(_ code: Int32) -> String {
    switch code {
    case EACCES, EPERM: "making a device takes root's rights"
    case ENOENT: "there is no such adapter"
    case EINVAL: "the kernel refuses this own address"
    default: ""
    }
  }
}
