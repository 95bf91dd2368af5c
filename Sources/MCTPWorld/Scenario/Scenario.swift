public import MCTPWire

/// A board and what happens to it: a scenario file, read and checked together with its topologies.
/// Built only by `Scenario.read`, never changed.
public struct Scenario: Sendable {
  /// A line of the script, which happens in every run.
  public struct ScriptEvent: Sendable {
    /// From 1, in the order of the file.
    public let number: Int
    public let at: Instant
    /// What happens, in this order; one but for a start with another topology. Habits of neighbours
    /// are laid over those that they have; plain ones end all.
    public internal(set) var events: [WorldEvent]
    /// It goes on being so after the end of the faults.
    public let stays: Bool
    /// As it was written.
    public let text: String

    /// The name on command lines: `e1`.
    public var id: String { "e\(number)" }
  }

  /// As it was given to `read`.
  public let fileName: String
  /// The file's first comment; may be empty.
  public let title: String
  public let board: Board
  public let traffic: Traffic
  /// In the order of the file.
  public private(set) var script: [ScriptEvent]
  /// Drawn faults begin here at the earliest.
  public let faultsFrom: Instant
  /// Everything that goes wrong is over.
  public let quietFrom: Instant
  public let drawnCount: ClosedRange<Int>
  /// What may be drawn, in the order of `FaultKind`.
  public let kinds: [FaultKind]
  public let recoveryMs: UInt32
  public let cleanMs: UInt32

  func with(script: [ScriptEvent]) -> Scenario {
    var scenario = self
    scenario.script = script
    return scenario
  }

  /// The file's name without folders and ending.
  public var name: String {
    let last = fileName.split(separator: "/").last.map(String.init) ?? fileName
    return last.hasSuffix(".sim") ? String(last.dropLast(4)) : last
  }
}
