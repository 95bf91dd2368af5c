import Glibc
import TestSupport
import Testing

@testable import BusIO

// Captured requests and hand-made answers, of a little-endian machine.

/// RTM_NEWLINK of an I2C link, index 5, up, MTU 254, address 0x10, network 7; part of a list with
/// sequence number 1.
private let i2cLink = """
  5c000000 1000 0200 01000000 00000000 0000 2201 05000000 c1000100 ffffffff
  0d00 0300 6d63747069326336 00 000000 0800 0400 fe000000 0800 3300 fe000000
  0500 0100 10 000000 1000 1a80 0c00 2d80 0800 0100 07000000 0400 0700
  """
/// A tun link that is down, of no MCTP network.
private let tunLink = """
  3c000000 1000 0200 01000000 00000000 0000 feff 06000000 90100000 ffffffff
  0800 0300 74756e00 0800 0400 dc050000 0c00 1280 0800 0100 74756e00
  """
private let endOfList = "14000000 0300 0200 01000000 00000000 00000000"
/// N1, N2 and N3 of the captured requests: their bodies are those of answers.
private let n1 = "20000000 1400 0506 01000000 00000000 2d000000 04000000 0500 0200 08 000000"
private let n2 = """
  2c000000 1800 0506 02000000 00000000 2d00000000000001 00000000 0500 0100 09 000000
  0800 0400 04000000
  """
private let n3 = """
  38000000 1800 0506 03000000 00000000 2d02000000000001 00000000 0500 0100 14 000000
  0800 0400 05000000 0c00 0880 0800 0200 64000000
  """

private func state(_ text: String) -> KernelLinkState {
  var state = KernelLinkState()
  let bytes = hex(text)
  var offset = 0
  while let message = NetlinkMessage.next(bytes.span, &offset) { state.take(message, bytes.span) }
  return state
}

private func answer(
  _ text: String, sequence: UInt32 = 1
) -> (code: Int32?, state: KernelLinkState) {
  var state = KernelLinkState()
  var answer = RouteAnswer(sequence: sequence)
  let code = answer.take(hex(text).span, into: &state)
  return (code, state)
}

private func newsConcern(_ name: String, _ text: String) -> Bool {
  KernelLinkNews.concern(name, hex(text).span)
}

@Suite("Rtnetlink's bytes")
struct KernelLinkNetlinkTests {
  @Test("Moving link 5 to network 7 is vector N5")
  func encodesN5() {
    let request = RouteRequest.move(link: 5, toNetwork: 7, sequence: 0x0403_0201)
    let expected = """
      30000000 1000 0500 01020304 00000000 00000000 05000000 00000000 00000000
      1000 1a80 0c00 2d80 0800 0100 07000000
      """
    #expect(request.bytes == hex(expected))
  }

  @Test("Raising a link changes its up flag and nothing else")
  func encodesRaise() {
    #expect(
      RouteRequest.raise(link: 5, sequence: 2).bytes
        == hex("20000000 1000 0500 02000000 00000000 00000000 05000000 01000000 01000000"))
  }

  @Test("Lists are asked for with the family MCTP, links without statistics")
  func encodesLists() {
    #expect(
      RouteRequest.addresses(sequence: 3).bytes
        == hex("18000000 1600 0103 03000000 00000000 2d000000 00000000"))
    #expect(
      RouteRequest.routes(sequence: 3).bytes
        == hex("1c000000 1a00 0103 03000000 00000000 2d000000 00000000 00000000"))
    #expect(
      RouteRequest.links(sequence: 3).bytes
        == hex(
          """
          28000000 1200 0103 03000000 00000000 00000000 00000000 00000000 00000000
          0800 1d00 08000000
          """))
  }

  @Test("One link is asked for by its name, padded to four bytes")
  func encodesName() {
    #expect(
      RouteRequest.link(named: "tun0", sequence: 3).bytes
        == hex(
          """
          2c000000 1200 0100 03000000 00000000 00000000 00000000 00000000 00000000
          0900 0300 74756e30 00 000000
          """))
  }

  @Test("A link is read with its address, MTU, bound, network and state")
  func readsLink() {
    let expected = KernelLinkState.Link(
      index: 5, name: "mctpi2c6", isUp: true, hardwareType: 290, kind: "", kernelMTUBytes: 254,
      kernelMTUBytesMax: 254, address: [0x10], network: 7)
    #expect(state(i2cLink).links == [expected])
    #expect(expected.carriesMCTP)
  }

  @Test("A tun link is told from other links without hardware type by its kind")
  func readsTun() throws {
    let expected = KernelLinkState.Link(
      index: 6, name: "tun", isUp: false, hardwareType: 65_534, kind: "tun",
      kernelMTUBytes: 1500, address: [])
    let link = try #require(state(tunLink).links.first)
    #expect(link == expected)
    #expect(link.carriesMCTP)
    var other = link
    other.kind = "wireguard"
    #expect(!other.carriesMCTP)
  }

  @Test("Vector N1 is EID 8 on link 4; N2 and N3 are routes, whose length counts further EIDs")
  func readsAddressesAndRoutes() {
    #expect(state(n1).addresses == [.init(eid: 8, linkIndex: 4)])
    #expect(state(n2).routes == [.init(firstEID: 9, lastEID: 9, linkIndex: 4)])
    #expect(state(n3).routes == [.init(firstEID: 20, lastEID: 22, linkIndex: 5)])
  }

  @Test("A route of type local is no route, and one through a gateway names its network")
  func routeKinds() {
    let local = n2.replacing("2d00000000000001", with: "2d00000000000002")
    #expect(state(local).routes == [])
    let gateway = """
      30000000 1800 0506 02000000 00000000 2d00000000000001 00000000 0500 0100 09 000000
      0c00 0500 03000000 14 000000
      """
    #expect(
      state(gateway).routes
        == [.init(firstEID: 9, lastEID: 9, gateway: .init(network: 3, eid: 0x14))])
  }

  @Test("Addresses and routes of other families and bridge ports are passed over")
  func otherFamilies() {
    #expect(state(n1.replacing("2d000000 04", with: "02000000 04")).addresses == [])
    #expect(state(n2.replacing("2d000000", with: "02000000")).routes == [])
    #expect(state(i2cLink.replacing("0000 2201", with: "0700 2201")).links == [])
  }

  @Test("A route past EID 255 ends there")
  func routeBeyond() {
    let wide = n3.replacing("2d020000", with: "2dff0000")
    #expect(state(wide).routes == [.init(firstEID: 20, lastEID: 255, linkIndex: 5)])
  }

  @Test("Statistics are read at the kernel's places, and not at all where some are missing")
  func statistics() throws {
    // The counter at place n is n + 256.
    let counters = (0..<25).map { "\(String($0 + 16, radix: 16).suffix(2))01000000000000" }
      .map { $0.count == 16 ? $0 : "0" + $0 }
    func link(_ count: Int) -> String {
      let length = 32 + 8 + 4 + 8 * count
      return
        "\(hexText([UInt8(length & 0xFF), UInt8(length >> 8)])) 0000 1000 0000 01000000 00000000"
        + "0000 2201 05000000 c1000100 ffffffff 0800 0300 74756e00"
        + hexText([UInt8(4 + 8 * count)]) + "00 1700" + counters.prefix(count).joined()
    }
    let (code, state) = answer(link(25))
    #expect(code == 0)
    #expect(
      state.links.first?.statistics
        == KernelLinkStatistics(
          rxDropped: 0x116, txErrors: 0x115, txDropped: 0x117, rxLengthErrors: 0x11A,
          rxOverErrors: 0x11B, rxCRCErrors: 0x11C))
    let cut = try #require(answer(link(12)).state.links.first)
    #expect(cut.statistics == nil)
  }

  @Test("A list ends with its end; what comes before has more to follow")
  func listEnds() {
    #expect(answer(i2cLink).code == nil)
    #expect(answer(i2cLink).state.links.count == 1)
    let whole = answer(i2cLink + tunLink + endOfList)
    #expect(whole.code == 0)
    #expect(whole.state.links.map(\.name) == ["mctpi2c6", "tun"])
  }

  @Test("Messages with another sequence number are leftovers")
  func leftovers() {
    let (code, state) = answer(i2cLink + endOfList, sequence: 2)
    #expect(code == nil)
    #expect(state.links == [])
  }

  @Test("Errors carry the kernel's number; an acknowledgement is error 0")
  func errors() {
    // -ENODEV, then 0, each with the head of the request behind it.
    let head = "20000000 1000 0500 01000000 00000000"
    #expect(answer("24000000 0200 0000 01000000 00000000 edffffff" + head).code == 19)
    #expect(answer("24000000 0200 0001 01000000 00000000 00000000" + head).code == 0)
    #expect(answer("10000000 0200 0000 01000000 00000000").code == EBADMSG)
    #expect(answer("14000000 0200 0000 01000000 00000000 00000080").code == .max)
  }

  @Test("A list that changed while it was told is asked for again")
  func inconsistent() {
    let flagged = endOfList.replacing("0300 0200", with: "0300 1200")
    #expect(answer(i2cLink + flagged).code == EINTR)
    #expect(
      answer(i2cLink.replacing("1000 0200 01", with: "1000 1200 01") + endOfList).code == EINTR)
  }

  @Test("Bytes that are no messages are an error, and news that nobody can read are news")
  func noMessages() {
    let heads = [
      "00", "0f000000 1000 0200 01000000 00000000", "ff000000 1000 0200 01000000 00000000",
    ]
    for text in heads {
      #expect(answer(text).code == EBADMSG)
      #expect(newsConcern("mctpi2c6", text))
    }
  }

  @Test("News concern a link when they name it, another MCTP link or an MCTP address")
  func news() {
    #expect(newsConcern("tun", tunLink))
    #expect(newsConcern("other", i2cLink))
    #expect(newsConcern("other", n1))
    // RTM_DELLINK.
    #expect(newsConcern("tun", tunLink.replacing("1000 0200", with: "1100 0200")))
    #expect(!newsConcern("other", tunLink))
    #expect(!newsConcern("other", n1.replacing("2d000000 04", with: "02000000 04")))
    #expect(!newsConcern("other", ""))
  }

  @Test("Whatever the bytes are, they are read to an end")
  func hostile() {
    let good = hex(i2cLink + tunLink + n1 + n2 + n3 + endOfList)
    var looks = 0
    func look(_ bytes: [UInt8]) {
      var state = KernelLinkState()
      var answer = RouteAnswer(sequence: 1)
      _ = answer.take(bytes.span, into: &state)
      _ = KernelLinkNews.concern("x", bytes.span)
      var offset = 0
      while let message = NetlinkMessage.next(bytes.span, &offset) {
        state.take(message, bytes.span)
      }
      looks += 1
    }
    for count in 0...good.count { look(Array(good.prefix(count))) }
    for index in good.indices {
      for value: UInt8 in [0x00, 0x01, 0x03, 0x04, 0x05, 0x0F, 0x7F, 0x80, 0xFF] {
        var bytes = good
        bytes[index] = value
        look(bytes)
      }
    }
    #expect(looks == good.count * 10 + 1)
  }
}
