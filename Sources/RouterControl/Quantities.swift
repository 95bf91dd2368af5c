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

/// `4.3 s`, `2 min 5 s`, `3 h 12 min` or `5 d 3 h`: a time in milliseconds, its two largest units.
func age(_ milliseconds: UInt64) -> String {
  let total = milliseconds / 1000
  return switch total {
  case ..<60: milliseconds < 59_950 ? seconds(milliseconds) + " s" : "1 min 0 s"
  case ..<3600: "\(total / 60) min \(total % 60) s"
  case ..<86_400: "\(total / 3600) h \(total / 60 % 60) min"
  default: "\(total / 86_400) d \(total / 3600 % 24) h"
  }
}

/// `2026-11-21T05:07:57.123Z` for milliseconds since 1970.
func timestamp(_ milliseconds: UInt64) -> String {
  func padded(_ value: UInt64, _ digits: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
  let total = milliseconds / 1000
  // Years begin in March here, so that the leap day is the last; 400 years are 146097 days.
  let days = total / 86_400 + 719_468
  let era = days / 146_097
  let dayOfEra = days % 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  let year = era * 400 + yearOfEra + (month < 3 ? 1 : 0)
  return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
    + "\(padded(total / 3600 % 24, 2)):\(padded(total / 60 % 60, 2)):\(padded(total % 60, 2))"
    + ".\(padded(milliseconds % 1000, 3))Z"
}

/// `10-24`, or `10` for one alone.
func eidRange(_ first: UInt8, _ last: UInt8) -> String {
  first == last ? "\(first)" : "\(first)-\(last)"
}

/// `1 route`, `2 routes`.
func counted(_ count: Int, _ noun: String, _ nouns: String? = nil) -> String {
  count == 1 ? "1 \(noun)" : "\(count) \(nouns ?? noun + "s")"
}
