import Glibc

/// What ends a run, for people.
struct LoadError: Error, CustomStringConvertible {
  let description: String
  /// What was asked for makes no sense; nothing went wrong.
  let isArgument: Bool

  init(_ description: String, isArgument: Bool = false) {
    self.description = description
    self.isArgument = isArgument
  }

  /// The line cannot be read or written any more.
  static func lineGone(_ name: String, _ number: Int32) -> LoadError {
    LoadError("\(name): the line is gone: \(String(cString: strerror(number)))")
  }
}
