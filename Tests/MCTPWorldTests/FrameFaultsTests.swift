import MCTPSimulation
import Testing

@Suite struct FrameFaultsTests {
  @Test func a_perfect_wire_has_no_faults() {
    let chances = Mirror(reflecting: FrameFaults.none).children.filter {
      $0.label?.hasSuffix("PPM") == true || $0.label == "delayMaxMicroseconds"
    }
    #expect(chances.count >= 11)
    for chance in chances {
      #expect(chance.value as? UInt32 == 0, "\(chance.label ?? "a field without a name")")
    }
  }
}
