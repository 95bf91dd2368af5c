internal import CLinuxBus
internal import MCTPWire

extension I3CNodeLink {
  /// Opens what is due, looks after what is open when a device came or went. Between transfers.
  ///
  /// - Returns: true when anything was due.
  func attend(_ now: Instant) -> Bool {
    var wasDue = false
    if needsVerification {
      needsVerification = false
      wasDue = true
      for index in states.indices where states[index].open != nil { verify(index, now) }
    }
    for index in states.indices where states[index].open == nil && states[index].retryAt <= now {
      wasDue = true
      open(index, now)
    }
    return wasDue
  }

  private func open(_ index: Int, _ now: Instant) {
    do throws(DeviceFailure) {
      let path = states[index].node.path
      let number = try find(path)
      let device = try describe(index, number)
      let descriptor = system.open(path, interface == .i3cMCTP)
      guard descriptor >= 0 else { throw .system(error(-descriptor, "open", path)) }
      let open = I3COpenNode(adopting: descriptor, number: number)
      if interface == .i3cMCTP {
        let result = system.register(descriptor)
        // ENOTTY: older drivers register whoever opens.
        guard result >= 0 || result == -ENOTTY else {
          throw .system(error(-result, "register for packets of", path))
        }
        do throws(SystemError) {
          try loop.watch(descriptor, interest: .readable, token: token)
        } catch {
          throw .system(error)
        }
        states[index].isWatched = true
      }
      states[index].open = open
      states[index].openSince = now
      states[index].device = device
      states[index].reason = ""
      deviceGeneration += 1
    } catch {
      wait(index, error, now)
    }
  }

  private func verify(_ index: Int, _ now: Instant) {
    guard let open = states[index].open else { return }
    let path = states[index].node.path
    do throws(DeviceFailure) {
      let number = try find(path)
      guard number == open.number else { throw .gone("\(path): another device has its place") }
      let device = try describe(index, number)
      guard device != states[index].device else { return }
      states[index].device = device
      deviceGeneration += 1
    } catch {
      close(index, error, now)
      // Another one may be there already.
      states[index].retryAt = now
    }
  }

  /// Gives up an open node whose path has gone or leads to another device.
  func closeReplaced(_ index: Int, _ now: Instant) {
    guard let open = states[index].open else { return }
    let path = states[index].node.path
    do throws(DeviceFailure) {
      guard try find(path) != open.number else { return }
      throw .gone("\(path): another device has its place")
    } catch {
      close(index, error, now)
    }
  }

  /// Gives up an open node; it is tried again.
  func close(_ index: Int, _ failure: DeviceFailure, _ now: Instant) {
    guard let open = states[index].open else { return }
    if states[index].isWatched { loop.unwatch(open.descriptor) }
    states[index].isWatched = false
    states[index].open = nil
    if now.nanoseconds(since: states[index].openSince) >= UInt64(Backoff.maxMs) * 1_000_000 {
      states[index].backoff.reset()
    }
    deviceGeneration += 1
    wait(index, failure, now)
  }

  private func wait(_ index: Int, _ failure: DeviceFailure, _ now: Instant) {
    states[index].reason = "\(failure)"
    states[index].retryMs = states[index].backoff.next()
    states[index].retryAt = now.advanced(byMs: states[index].retryMs)
  }

  private func find(_ path: String) throws(DeviceFailure) -> UInt64 {
    var number: UInt64 = 0
    let result = system.find(path, &number)
    guard result >= 0 else { throw .system(error(-result, "open", path)) }
    guard number != 0 else { throw .gone("\(path): no character device") }
    return number
  }

  /// What the port is to know of the device.
  ///
  /// An i3c-mctp node's address matters to nobody but the PEC between port and link, so each has
  /// one that stands in; its driver announces packets. A node of i3cdev has the true address, and
  /// announces nothing, whatever the device's BCR says: no interrupt reaches us.
  private func describe(_ index: Int, _ number: UInt64) throws(DeviceFailure) -> I3CDevice {
    let node = states[index].node
    let folder =
      interface == .i3cMCTP
      ? "\(sysfsRoot)/dev/char/\(linux_i3c_major(number)):\(linux_i3c_minor(number))/device"
      : "\(sysfsRoot)/bus/i3c/devices/\(node.name)"
    let facts = I3CNodeFacts(folder: folder)
    let wanted = node.provisionedID ?? node.provisionedIDOfName
    guard let provisionedID = wanted ?? facts.provisionedID else {
      throw .gone("\(node.path): its provisioned ID is unknown; put it into the topology")
    }
    if let found = facts.provisionedID, found != provisionedID {
      throw .gone(
        "\(node.path) is device \(hexadecimal(found)), not \(hexadecimal(provisionedID))")
    }
    let dcr = facts.dcr ?? I3CDevice.mctpDCR
    guard dcr == I3CDevice.mctpDCR else {
      throw .gone("\(node.path): no MCTP device: its DCR is 0x\(String(dcr, radix: 16)), not 0xcc")
    }
    var address = I3CNodeLink.firstStandInAddress + UInt8(index)
    if interface == .i3cDevice {
      guard let found = facts.dynamicAddress else {
        throw .gone("\(node.path): its address is needed for the PEC, \(folder) has none")
      }
      address = found
      if let other = other(at: found, than: index) {
        throw .gone("\(node.path) and \(other) have the same address 0x\(String(found, radix: 16))")
      }
    }
    let byteCountMax =
      interface == .i3cMCTP
      ? I3CNodeLink.driverPacketByteCountMax + 1
      : transmissionUnitBytes + PacketHeader.byteCount + 1
    return I3CDevice(
      provisionedID: provisionedID, dynamicAddress: address,
      bcr: interface == .i3cMCTP ? 0x06 : (facts.bcr ?? 0) & ~0x06, dcr: dcr,
      maxReadByteCount: facts.maxReadByteCount ?? byteCountMax,
      maxWriteByteCount: facts.maxWriteByteCount ?? byteCountMax)
  }

  private func other(at address: UInt8, than index: Int) -> String? {
    let other = states.indices.first {
      $0 != index && states[$0].isPresent && states[$0].device?.dynamicAddress == address
    }
    return other.map { states[$0].node.path }
  }

  func hexadecimal(_ provisionedID: UInt64) -> String {
    "0x" + String(provisionedID, radix: 16)
  }
}
