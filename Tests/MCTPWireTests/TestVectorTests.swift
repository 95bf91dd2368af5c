import TestSupport
import Testing

@Suite("The reader of test vectors")
struct TestVectorTests {
  @Test("Fields, comments, continued lines and repetitions")
  func form() {
    let vectors = parseTestVectors(
      """
      # A heading without bars.

      # A | clause 1 | what it is | accepted
      01 02
      # a remark
      03 ff x3

      #B|c|d|e
      aabb
      """, path: "test")
    #expect(vectors.map(\.name) == ["A", "B"])
    #expect(vectors[0].clause == "clause 1")
    #expect(vectors[0].meaning == "what it is")
    #expect(vectors[0].expectation == "accepted")
    #expect(vectors[0].bytes == [1, 2, 3, 0xFF, 0xFF, 0xFF])
    #expect(vectors[1].bytes == [0xAA, 0xBB])
  }

  @Test("The control vectors are found")
  func file() {
    #expect(testVectors("control").first?.name == "V1")
  }
}
