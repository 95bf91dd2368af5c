import MCTPSimulation
import Testing

@Suite struct FrameFaultsTests {
  @Test func a_perfect_wire_has_no_faults() {
    #expect(FrameFaults.none == FrameFaults())
  }
}
