import Testing

@testable import RouterControl

@Suite("Ages and times")
struct TimesTests {
  @Test(
    "Ages have their two largest units",
    arguments: [
      (0, "0.0 s"), (49, "0.0 s"), (50, "0.1 s"), (59_949, "59.9 s"), (59_950, "1 min 0 s"),
      (60_000, "1 min 0 s"), (3_599_999, "59 min 59 s"), (3_600_000, "1 h 0 min"),
      (86_399_999, "23 h 59 min"), (86_400_000, "1 d 0 h"),
      (.max, "213503982334 d 14 h"),
    ] as [(UInt64, String)])
  func ages(milliseconds: UInt64, text: String) {
    #expect(age(milliseconds) == text)
  }

  // Expected values from `date --utc --date=@N`.
  @Test(
    "Times are those of the calendar",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (68_169_599_999, "1972-02-28T23:59:59.999Z"),
      (68_169_600_000, "1972-02-29T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (951_868_800_000, "2000-03-01T00:00:00.000Z"),
      (1_795_237_677_123, "2026-11-21T05:07:57.123Z"),
      (1_798_761_599_000, "2026-12-31T23:59:59.000Z"),
      (1_798_761_600_000, "2027-01-01T00:00:00.000Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ] as [(UInt64, String)])
  func times(milliseconds: UInt64, text: String) {
    #expect(timestamp(milliseconds) == text)
  }
}
