internal import AdminProtocol

/// Something that people and programs are told: one line of the log, one event of the stream, in
/// the same words.
struct RouterEvent: Hashable {
  /// How much people want to hear of it.
  enum Weight: Hashable {
    case routine
    case notable
    case trouble
    /// Somebody has to do something about it.
    case failure
  }

  let kind: EventKindName
  let weight: Weight
  /// One line without a full stop.
  let text: String
  var fields = EventRow.Fields()

  init(_ kind: EventKindName, _ weight: Weight, _ text: String) {
    self.kind = kind
    self.weight = weight
    self.text = text
  }

  /// The same with some fields.
  func with(_ fill: (inout EventRow.Fields) -> Void) -> RouterEvent {
    var event = self
    fill(&event.fields)
    return event
  }
}
