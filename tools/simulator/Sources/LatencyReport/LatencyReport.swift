internal import Histogram

/// Latencies, as percentiles; bounded in memory, exact to three digits.
public struct LatencyReport {
  /// What `LatencyReport` says of its values, in nanoseconds; all 0 without any.
  public struct Summary: Codable, Hashable, Sendable {
    public var count: UInt64
    public var p50: UInt64
    public var p90: UInt64
    public var p99: UInt64
    public var p999: UInt64
    public var max: UInt64
  }

  /// Choice: an hour; more counts as an hour.
  private static let nanosecondsMax: UInt64 = 3_600_000_000_000

  private var histogram = Histogram<UInt64>(
    highestTrackableValue: LatencyReport.nanosecondsMax, numberOfSignificantValueDigits: .three)
  /// The histogram's own maximum is that of its bucket.
  private var longest: UInt64 = 0

  public init() {}

  public mutating func record(nanoseconds: UInt64) {
    let value = min(nanoseconds, LatencyReport.nanosecondsMax)
    longest = max(longest, value)
    histogram.record(value)
  }

  public mutating func add(_ other: LatencyReport) {
    histogram.add(other.histogram)
    longest = max(longest, other.longest)
  }

  public var summary: Summary {
    func value(_ percentile: Double) -> UInt64 {
      histogram.totalCount == 0 ? 0 : min(histogram.valueAtPercentile(percentile), longest)
    }
    return Summary(
      count: histogram.totalCount, p50: value(50), p90: value(90), p99: value(99),
      p999: value(99.9), max: longest)
  }
}

extension LatencyReport.Summary {
  /// `340 ns`, `12.3 us`, `4.56 ms`, `1.20 s`: three digits or so.
  public static func text(_ nanoseconds: UInt64) -> String {
    switch nanoseconds {
    case ..<1_000: "\(nanoseconds) ns"
    case ..<1_000_000: tenths(nanoseconds, of: 1_000) + " us"
    case ..<1_000_000_000: tenths(nanoseconds, of: 1_000_000) + " ms"
    default: tenths(nanoseconds, of: 1_000_000_000) + " s"
    }
  }

  private static func tenths(_ value: UInt64, of unit: UInt64) -> String {
    let rounded = (value * 10 + unit / 2) / unit
    return "\(rounded / 10).\(rounded % 10)"
  }
}
