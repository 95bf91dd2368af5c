import MCTPSimulation
import Testing

@Suite("The numbers of a seed")
struct SeededGeneratorTests {
  /// The numbers of Vigna's splitmix64.c for the seed 1234567.
  private let published: [UInt64] = [
    6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
    4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
  ]

  @Test("They are those of SplitMix64")
  func splitMix64() {
    var generator = SeededGenerator(seed: 1_234_567)
    #expect((0..<5).map { _ in generator.next() } == published)
  }

  @Test("Below a bound they are the same share of it, rounded down")
  func shares() {
    var generator = SeededGenerator(seed: 1_234_567)
    // 0.350080, 0.173644, 0.532208, 0.249008 and 0.889530 of 2^64.
    #expect((0..<5).map { _ in generator.below(1000) } == [350, 173, 532, 249, 889])
    generator = SeededGenerator(seed: 1_234_567)
    #expect((0..<5).map { _ in generator.index(4) } == [1, 0, 2, 0, 3])
    generator = SeededGenerator(seed: 1_234_567)
    #expect((0..<5).map { _ in generator.number(10...19) } == [13, 11, 15, 12, 18])
  }

  @Test("The smallest and the largest bound are taken, and every place is reached")
  func bounds() {
    var generator = SeededGenerator(seed: 3)
    #expect((0..<100).allSatisfy { _ in generator.below(1) == 0 })
    #expect((0..<100).allSatisfy { _ in generator.number(7...7) == 7 })
    // x less x in 2^64, rounded down.
    var largest = SeededGenerator(seed: 1_234_567)
    #expect(largest.below(.max) == published[0] - 1)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<6000 { counts[generator.index(6)] += 1 }
    #expect(counts.allSatisfy { (850...1150).contains($0) })
    #expect((0..<1000).contains { _ in generator.number(0...(.max)) > 0x8000_0000 })
  }
}
