/// A closed list of names, as they appear on the wire: words joined by hyphens. Append-only.
public protocol NameList: RawRepresentable, CaseIterable, Hashable, Sendable
where RawValue == String {}

/// A name out of a closed list that may have grown since this program was built: a client shows
/// the names of a newer daemon as they are.
public struct OpenName<List: NameList>: Hashable, Sendable, Codable {
  /// As on the wire.
  public var text: String

  public init(_ name: List) { text = name.rawValue }

  /// Nil when this program does not know the name.
  public var known: List? { List(rawValue: text) }

  public init(from decoder: any Decoder) throws {
    text = try decoder.singleValueContainer().decode(String.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
