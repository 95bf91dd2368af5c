import Testing

/// Names the clause that a test or suite checks, with document and edition, so that coverage of
/// the standards can be counted.
public struct SpecTrait: TestTrait, SuiteTrait {
  public let clause: String
  public var isRecursive: Bool { true }
  public var comments: [Comment] { [Comment(rawValue: clause)] }
}

extension Trait where Self == SpecTrait {
  /// - Parameter clause: for example `DSP0236 1.3.3 §8.7`.
  public static func spec(_ clause: String) -> SpecTrait { SpecTrait(clause: clause) }
}
