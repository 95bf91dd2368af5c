/// Something of a run that is left out, to see whether it matters.
public enum Omission: Hashable, Comparable, Sendable {
  /// A drawn fault, by number.
  case fault(Int)
  /// A line of the script, by number.
  case event(Int)
  /// By index of the board; it never appears.
  case device(Int)
  /// By index of the board; it is of our own make.
  case make(Int)
  /// Requests a second beyond so many.
  case trafficAbove(UInt32)

  /// The word of a command line.
  public func text(_ board: Board) -> String {
    switch self {
    case .fault(let number): "f\(number)"
    case .event(let number): "e\(number)"
    case .device(let device): "dev:\(board.devices[device].name)"
    case .make(let device): "make:\(board.devices[device].name)"
    case .trafficAbove(0): "traffic"
    case .trafficAbove(let rate): "traffic:\(rate)"
    }
  }

  /// Nil for what the run does not have.
  init?(_ text: String, in plan: DrawnPlan) {
    if text == "traffic" {
      self = .trafficAbove(0)
    } else if text.hasPrefix("traffic:") {
      guard let rate = UInt32(text.dropFirst("traffic:".count)) else { return nil }
      self = .trafficAbove(rate)
    } else if text.hasPrefix("dev:") {
      let name = String(text.dropFirst(4))
      guard let device = plan.scenario.board.devices.firstIndex(where: { $0.name == name }) else {
        return nil
      }
      self = .device(device)
    } else if text.hasPrefix("make:") {
      let name = String(text.dropFirst(5))
      let board = plan.scenario.board
      guard let device = plan.makes.first(where: { board.devices[$0].name == name }) else {
        return nil
      }
      self = .make(device)
    } else if let fault = plan.faults.first(where: { $0.id == text }) {
      self = .fault(fault.number)
    } else if let event = plan.scenario.script.first(where: { $0.id == text }) {
      self = .event(event.number)
    } else {
      return nil
    }
  }

  /// What a run has, for people.
  static func known(in plan: DrawnPlan) -> String {
    var words: [String] = []
    if let last = plan.faults.last { words.append("drawn faults f1 to \(last.id)") }
    if let last = plan.scenario.script.last { words.append("events e1 to \(last.id)") }
    if !plan.makes.isEmpty { words.append("devices of another make as make:NAME") }
    return (words + ["devices as dev:NAME", "traffic, or traffic:N for at most N/s"])
      .joined(separator: ", ")
  }
}

/// A word that names nothing of a run.
public struct OmissionError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}
