import MCTPWire
import TestSupport
import Testing

@testable import BusIO

@Suite("What keeps a kernel link from being used")
struct KernelLinkFaultTests {
  private let kernel = PlayedKernel()

  private func fault(
    network: UInt32? = nil, _ addressing: KernelLinkPort.Addressing = .i2c(ownAddress: 0x10),
    unit: Int = 64
  ) -> ConfigurationFault? {
    let port = KernelLinkPort(
      id: PortID(rawValue: 0),
      configuration: .init(
        linkName: "mctpi2c6", kernelNetwork: network, addressing: addressing,
        transmissionUnitBytes: unit),
      access: kernel)
    do throws(ConfigurationFault) {
      try port.check()
      return nil
    } catch {
      return error
    }
  }

  /// A second link of the driver, index 6.
  private func addOther(network: UInt32) {
    kernel.state.links.append(
      .init(
        index: 6, name: "mctpi2c7", isUp: true, hardwareType: 290, kind: "",
        kernelMTUBytes: 254, address: [0x11], network: network))
  }

  @Test("A link with nothing on it may be used, up or down, and check changes nothing")
  func usable() {
    #expect(fault() == nil)
    kernel.link.isUp = false
    #expect(fault(network: 9) == nil)
    #expect(kernel.takeLog() == [])
  }

  @Test("What cannot be read is no fault before the start")
  func unreadable() {
    kernel.state.addresses = [.init(eid: 8, linkIndex: 5)]
    kernel.stateErrors = [SystemError(code: 1, operation: "open rtnetlink")]
    #expect(fault() == nil)
    #expect(fault() != nil)
  }

  @Test("A local address on the link, in whatever network: the hint removes it")
  func ownAddress() {
    kernel.state.addresses = [.init(eid: 8, linkIndex: 5)]
    for network in [nil, 9 as UInt32?] {
      let found = fault(network: network)
      #expect(found?.message.contains("mctpi2c6: the kernel has EID 8") == true)
      #expect(found?.hint.contains("`mctp addr del 8 dev mctpi2c6`") == true)
    }
  }

  @Test("A route via the link: the hint removes it, ranges too")
  func ownRoute() {
    kernel.state.routes = [.init(firstEID: 9, lastEID: 9, linkIndex: 5)]
    #expect(fault(network: 9)?.hint.contains("`mctp route del 9 via mctpi2c6`") == true)
    kernel.state.routes = [.init(firstEID: 20, lastEID: 22, linkIndex: 5)]
    #expect(fault()?.message.contains("EIDs 20 to 22") == true)
    #expect(fault()?.hint.contains("`mctp route del 20-22 via mctpi2c6`") == true)
  }

  @Test("Another link's address in the same network: the hint offers a free network")
  func neighbourAddress() {
    addOther(network: 1)
    kernel.state.addresses = [.init(eid: 8, linkIndex: 6)]
    let found = fault()
    #expect(found?.message.contains("on mctpi2c7, in the same MCTP network 1") == true)
    #expect(found?.hint.contains("`kernel-network: 2`") == true)
    #expect(found?.hint.contains("`mctp addr del 8 dev mctpi2c7`") == true)
    #expect(fault(network: 2) == nil)
  }

  @Test("Another link's route in the same network, and the smallest number that is free")
  func neighbourRoute() {
    addOther(network: 2)
    kernel.state.routes = [.init(firstEID: 9, lastEID: 9, linkIndex: 6)]
    #expect(fault() == nil)
    let found = fault(network: 2)
    #expect(found?.hint.contains("`kernel-network: 3`") == true)
    #expect(found?.hint.contains("`mctp route del 9 via mctpi2c7`") == true)
  }

  @Test("A gateway's route counts for the gateway's network")
  func gatewayRoute() {
    kernel.state.routes = [
      .init(firstEID: 9, lastEID: 9, gateway: .init(network: 4, eid: 20))
    ]
    #expect(fault() == nil)
    #expect(fault(network: 4)?.hint.contains("`mctp route del 9 gw 20 net 4`") == true)
  }

  @Test("An Ethernet link is no MCTP link; a tun link is one")
  func hardwareType() {
    kernel.link.hardwareType = 1
    #expect(fault()?.message == "mctpi2c6 is no MCTP link (hardware type 1)")
    kernel.link.hardwareType = 65_534
    #expect(fault() != nil)
    kernel.link.kind = "tun"
    kernel.link.address = []
    kernel.link.network = nil
    #expect(fault(.none) == nil)
    #expect(fault(network: 2, .none)?.message.contains("no MCTP network") == true)
  }

  @Test("An address other than the topology's, and a link of another medium")
  func linkAddress() {
    kernel.link.address = [0x08]
    let found = fault()
    #expect(found?.message.contains("0x08") == true)
    #expect(found?.message.contains("0x10") == true)
    #expect(fault(.i3c)?.message.contains("no I3C link") == true)
    #expect(fault(.none)?.message.contains("no point-to-point link") == true)
    kernel.link.address = [2, 3, 4, 5, 6, 7]
    #expect(fault(.i3c) == nil)
    #expect(fault()?.message.contains("no I2C link") == true)
  }

  @Test("An MTU below the transmission unit and the header: the hint raises it where it can be")
  func mtu() {
    kernel.link.kernelMTUBytes = 67
    #expect(fault()?.hint == "`ip link set mctpi2c6 mtu 68`")
    kernel.link.kernelMTUBytes = 68
    #expect(fault() == nil)
    #expect(fault(unit: 250)?.hint == "`ip link set mctpi2c6 mtu 254`")
    let tooLarge = fault(unit: 251)
    #expect(tooLarge?.message.contains("needs 255") == true)
    #expect(tooLarge?.hint.contains("up to 250 bytes") == true)
  }
}
