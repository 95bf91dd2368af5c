import MCTPNeighbours
import TestSupport
import Testing

@Suite("Control responder of neighbours", .spec("DSP0236 1.3.3 §11"))
struct NeighbourResponderTests {
  @Test("Get and Set Endpoint ID, with none and with one")
  func endpointID() {
    let device = Bench.device()
    #expect(device.ask("00 80 02") == [hex("00 00 02 00 00 00 00")])
    #expect(device.ask("00 81 01 00 42") == [hex("00 01 01 00 00 42 00")])
    #expect(device.eid == 0x42)
    #expect(device.ask("00 82 02") == [hex("00 02 02 00 42 00 00")])
  }

  @Test("A device with an EID of its own says static, and comes back to it on Reset")
  func staticEndpointID() {
    let device = Bench.device(eid: 0x0A)
    #expect(device.ask("00 80 02") == [hex("00 00 02 00 0A 02 00")])
    #expect(device.ask("00 81 01 00 42") == [hex("00 01 01 00 00 42 00")])
    #expect(device.ask("00 82 02") == [hex("00 02 02 00 42 03 00")])
    #expect(device.ask("00 83 01 02 42") == [hex("00 03 01 00 00 0A 00")])
    #expect(Bench.device().ask("00 80 01 02 42") == [hex("00 00 01 02")])
  }

  @Test("The answer to Set Endpoint ID comes from the new EID, of tag and instance that asked")
  func setVector() {
    let device = Bench.device()
    #expect(
      device.hear("01 00 0A CF 00 91 01 00 1D") == [hex("01 0A 1D C7 00 11 01 00 00 1D 00")])
  }

  @Test("An EID that none may have is refused; who has none answers from the null EID")
  func illegalEIDs() {
    for eid in ["00", "01", "07", "FF"] {
      let device = Bench.device()
      #expect(
        device.hear("01 00 08 C8 00 8A 01 00" + eid) == [hex("01 08 00 C0 00 0A 01 02")])
    }
    #expect(Bench.device().ask("00 80 01 03 42") == [hex("00 00 01 02")])
  }

  @Test("Versions: four for the base and for control, one for what it announces, 0x80 for others")
  func versions() {
    let device = Bench.device(eid: 9)
    let four = hex("00 00 04 00 04 F1 F0 FF 00 F1 F1 FF 00 F1 F2 FF 00 F1 F3 F3 00")
    #expect(device.ask("00 80 04 00") == [four])
    #expect(device.ask("00 80 04 FF") == [four])
    #expect(device.ask("00 80 04 01") == [hex("00 00 04 00 01 F1 F0 FF 00")])
    #expect(device.hear("01 09 08 C8 00 80 04 7E") == [hex("01 08 09 C0 00 00 04 80")])
  }

  @Test("Message types are counted with control, or without if it does not list it")
  func messageTypes() {
    #expect(Bench.device(types: []).ask("00 80 05") == [hex("00 00 05 00 01 00")])
    #expect(Bench.device(types: [5]).ask("00 80 05") == [hex("00 00 05 00 02 00 05")])
    let both = Bench.device(types: [0x7E, 0x7F])
    #expect(both.ask("00 80 05") == [hex("00 00 05 00 03 00 7E 7F")])
    var habits = NeighbourHabits()
    habits.listsControl = false
    let silent = Bench.device(types: [5], habits: habits)
    #expect(silent.ask("00 80 05") == [hex("00 00 05 00 01 05")])
  }

  @Test("Vendor sets go by selector; beyond the last, or with none, there is an error")
  func vendorSets() {
    #expect(Bench.device().ask("00 80 06 00") == [hex("00 00 06 02")])
    let pci = NeighbourConfiguration.VendorSet(vendorID: [0xAB, 0xCD], commandSet: 1)
    #expect(Bench.device(sets: [pci]).ask("00 80 06 00") == [hex("00 00 06 00 FF 00 AB CD 00 01")])
    let two = Bench.device(sets: [
      NeighbourConfiguration.VendorSet(vendorID: hex("12 34 AB CD"), commandSet: 0x5678),
      NeighbourConfiguration.VendorSet(vendorID: hex("AB CD"), commandSet: 0x5678),
    ])
    #expect(two.ask("00 80 06 00") == [hex("00 00 06 00 01 01 12 34 AB CD 56 78")])
    #expect(two.ask("00 80 06 01") == [hex("00 00 06 00 FF 00 AB CD 56 78")])
    #expect(two.ask("00 80 06 02") == [hex("00 00 06 02")])
  }

  @Test("The UUID is as it was given; without one the command is not supported")
  func uuid() {
    let device = Bench.device(eid: 9, uuid: Bench.uuid)
    #expect(
      device.hear("01 09 08 C8 00 82 03") == [
        hex("01 08 09 C0 00 02 03 00 21 F0 F5 54 7F 7C 42 11 9C A1 6D 0F 00 0E A9 E7")
      ])
    #expect(Bench.device().ask("00 80 03") == [hex("00 00 03 05")])
  }

  @Test(
    "What it does not support is answered so, broadcasts of discovery on these media too",
    arguments: ["0B", "0C", "0D", "07 09", "08 00 01 09", "09 00", "0A 00", "0F 09 00", "F2"])
  func unsupported(command: String) {
    #expect(Bench.device().ask("00 8B" + command) == [hex("00 0B" + command.prefix(2) + "05")])
    let device = Bench.device(eid: 9)
    #expect(device.hear("01 FF 08 C8 00 86 0B") == [hex("01 08 09 C0 00 06 0B 05")])
    #expect(device.hear("01 09 08 C8 00 8B F2") == [hex("01 08 09 C0 00 0B F2 05")])
  }

  @Test(
    "A wrong length is an error of its own",
    arguments: ["01 00", "01 00 09 00", "02 00", "04", "04 00 00", "05 00", "06", "06 00 00"])
  func lengths(text: String) {
    #expect(Bench.device().ask("00 80" + text) == [hex("00 00" + text.prefix(2) + "03")])
  }

  @Test(
    "What is no request, is too short, or is for another EID gets no word",
    arguments: [
      "01 09 08 C0 00 80 02", "01 09 08 C8 00 00 02 00", "01 09 08 C8 80 80 02",
      "01 09 08 C0 00 40 02 00", "01 09 08 C8 00 C7 0C", "01 FF 08 C8 00 C7 0C",
      "01 09 08 C8 00 80", "01 09 08 C8", "01 09 08", "", "01 0A 08 C8 00 80 02",
      "02 09 08 C8 00 80 02", "01 09 FF C8 00 80 02", "01 09 07 C8 00 80 02",
      "01 05 08 C8 00 80 02",
    ])
  func silentlyDiscarded(packet: String) {
    #expect(Bench.device(eid: 9).hear(packet).isEmpty)
  }

  @Test("Without an EID it answers to the null EID and to all, to no other")
  func withoutEID() {
    let device = Bench.device()
    #expect(device.hear("01 1E 08 C8 00 80 02").isEmpty)
    #expect(device.hear("01 00 08 C8 00 80 02").count == 1)
    #expect(device.hear("01 FF 08 C8 00 81 02").count == 1)
  }

  @Test("A repetition within 5 s is answered as before, also with another tag")
  func repetition() {
    let device = Bench.device()
    let first = device.hear("01 00 08 C8 00 81 01 00 42", at: 0)
    let again = device.hear("01 00 08 CB 00 81 01 00 42", at: Bench.second)
    #expect(first == [hex("01 08 42 C0 00 01 01 00 00 42 00")])
    #expect(again == [hex("01 08 42 C3 00 01 01 00 00 42 00")])
  }

  @Test("An answer goes to where the request came from")
  func physicalAddress() {
    let bridge = Bench.bridge(children: 0)
    bridge.receive(hex("01 00 08 C8 00 80 02"), from: 0x44, now: 0)
    #expect(bridge.nextPacket(now: 0)?.to == 0x44)
    let device = Bench.device()
    device.receive(hex("01 00 08 C8 00 80 02"), from: nil, now: 0)
    let out = device.nextPacket(now: 0)
    #expect(out != nil && out?.to == nil)
  }
}
