// What may cross, and what may leave.

internal import MCTPEngine
public import MCTPWire

extension InvariantChecker {
  /// A packet was forwarded: may it be at all?
  func checkCrossing(
    _ packet: Span<UInt8>, _ router: Int, from ingress: PortID, to egress: PortID
  ) {
    guard let header = PacketHeader(packet) else {
      fail(
        "crossing", "\(place(router, ingress)): \(packet.count) bytes were forwarded, not a packet")
      return
    }
    if header.destination == .null || header.destination == .broadcast {
      fail(
        "null-eid",
        "\(place(router, ingress)): a packet from EID \(header.source) to EID "
          + "\(header.destination) was forwarded to \(place(router, egress)); it stays on its bus")
      return
    }
    if !header.destination.isAssignable || !header.source.isAssignable {
      fail(
        "crossing",
        "\(place(router, ingress)): a packet from EID \(header.source) to EID "
          + "\(header.destination) was forwarded; one of them belongs to nobody")
      return
    }
    let (from, to) = (Int(ingress.rawValue), Int(egress.rawValue))
    let bytesMax = routers[router].ports[to].packetBytesMax
    if routers[router].ports[from].network != routers[router].ports[to].network {
      fail(
        "crossing",
        "\(place(router, ingress)): a packet to EID \(header.destination) left its network for "
          + place(router, egress))
    } else if packet.count > bytesMax {
      fail(
        "crossing",
        "\(place(router, ingress)): a packet of \(packet.count) bytes was forwarded to "
          + "\(place(router, egress)), which carries \(bytesMax)")
    } else if !routers[router].ports[to].isUp {
      fail(
        "crossing",
        "\(place(router, ingress)): a packet to EID \(header.destination) was forwarded to "
          + "\(place(router, egress)), which is down")
    }
  }

  public func transmitting(
    _ packet: Span<UInt8>, router: Int, port: PortID, to address: PhysicalAddress,
    failedAttempts: UInt8
  ) {
    guard isWatching(router) else { return }
    let index = Int(port.rawValue)
    routers[router].touched |= 1 << UInt32(port.rawValue)
    routers[router].ports[index].notePacket(byteCount: packet.count, at: now)
    judgeAddress(router, port, address)
    let digest = Digest64(packet).value
    var flight = PortShadow.Flight(
      digest: digest, address: address, failedAttempts: failedAttempts, isForwarded: false)
    if let due = routers[router].ports[index].returned {
      guard due.digest == digest, due.address == address, due.failedAttempts == failedAttempts
      else {
        failRetry(packet, router, port, to: address, failedAttempts: failedAttempts, due: due)
        return
      }
      flight.isForwarded = due.isForwarded
      routers[router].ports[index].returned = nil
    } else if failedAttempts > 0 {
      fail(
        "forwarding",
        "\(place(router, port)): attempt \(failedAttempts + 1) at a packet \(words(packet)), and "
          + "none failed before")
      return
    } else if routers[router].ports[index].oldestForward == digest {
      flight.isForwarded = true
      let forward = routers[router].ports[index].beginOldestForward()
      checkWay(packet, forward, router, port, to: address)
      checkOvertaken(router, index)
    } else if !beginOwn(packet, router, port, to: address) {
      failBytes(packet, digest, router, port)
      return
    }
    routers[router].ports[index].inFlight.append(flight)
  }

  /// A packet that nobody sent through the router: it must be a control message of its own, or one
  /// of a program on it.
  ///
  /// - Returns: false when it is no control message, or its source EID cannot be anybody's.
  private func beginOwn(
    _ packet: Span<UInt8>, _ router: Int, _ port: PortID, to address: PhysicalAddress
  ) -> Bool {
    guard let header = PacketHeader(packet) else { return false }
    if routers[router].hasLocalMessages, !header.som || packet[4] & 0x7F != 0 {
      routers[router].ports[Int(port.rawValue)].line.beginOwn()
      return header.source.isAssignable
    }
    guard header.som, header.eom, packet.count >= 7,
      packet[4] == 0, header.source == .null || header.source.isAssignable
    else { return false }
    routers[router].ports[Int(port.rawValue)].line.beginOwn()
    noteOwn(packet, router, port, to: address)
    // Set Endpoint ID, operation set or force: type, Rq, command, operation, EID.
    if packet.count == 9, packet[5] & 0x80 != 0, packet[6] == 0x01, packet[7] & 0x02 == 0 {
      routers[router].hasOwnerNews = true
      routers[router].offers.append(
        .init(
          eid: EID(packet[8]), place: .init(port: port.rawValue, address: address), at: now))
    }
    return true
  }

  // MARK: Words

  private func words(_ packet: Span<UInt8>) -> String {
    guard let header = PacketHeader(packet) else { return "of \(packet.count) bytes" }
    return "of \(packet.count) bytes, \(header)"
  }

  private func failRetry(
    _ packet: Span<UInt8>, _ router: Int, _ port: PortID, to address: PhysicalAddress,
    failedAttempts: UInt8, due: PortShadow.Flight
  ) {
    let what =
      due.failedAttempts != failedAttempts
      ? "failed attempts are \(failedAttempts), and \(due.failedAttempts) were seen"
      : due.digest != digest(packet)
        ? "the bytes are others than at the attempt before"
        : "it goes to \(address), and the attempt before went to \(due.address)"
    fail(
      "forwarding",
      "\(place(router, port)): a packet \(words(packet)) leaves where one is to be sent again: "
        + what)
  }

  private func digest(_ packet: Span<UInt8>) -> UInt64 { Digest64(packet).value }

  private func failBytes(_ packet: Span<UInt8>, _ digest: UInt64, _ router: Int, _ port: PortID) {
    let shadow = routers[router].ports[Int(port.rawValue)]
    let what: String
    if let position = shadow.position(of: digest) {
      what = "overtakes \(position) that came before it"
    } else if shadow.forwardCount > 0 {
      what = "is not the oldest of \(shadow.forwardCount) that wait, nor any of them"
    } else {
      what = "leaves, and nobody sent it: the queue holds no forwarded packet"
    }
    fail("forwarding", "\(place(router, port)): a packet \(words(packet)) \(what)")
  }
}
