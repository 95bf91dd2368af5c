// Numbers and times as people read them. Integer arithmetic only.

/// `1.843` for 1843: a time in microseconds as milliseconds.
func milliseconds(_ microseconds: UInt64) -> String {
  let fraction = String(microseconds % 1000)
  return "\(microseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
}

/// `4.3` for 4250: a time in milliseconds as seconds, rounded to a tenth.
func seconds(_ milliseconds: UInt64) -> String {
  let tenths = milliseconds / 100 + (milliseconds % 100 >= 50 ? 1 : 0)
  return "\(tenths / 10).\(tenths % 10)"
}

/// `1 d 2 h 3 min 4 s`, from the largest unit that is not 0.
func duration(_ milliseconds: UInt64) -> String {
  let total = milliseconds / 1000
  let units: [(UInt64, String)] = [
    (total / 86_400, "d"), (total / 3600 % 24, "h"), (total / 60 % 60, "min"), (total % 60, "s"),
  ]
  let first = units.firstIndex { $0.0 > 0 } ?? units.count - 1
  return units[first...].map { "\($0.0) \($0.1)" }.joined(separator: " ")
}

/// `1 route`, `2 routes`.
func counted(_ count: Int, _ noun: String, _ nouns: String? = nil) -> String {
  count == 1 ? "1 \(noun)" : "\(count) \(nouns ?? noun + "s")"
}
