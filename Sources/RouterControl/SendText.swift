public import AdminProtocol
internal import MCTPDecode

extension SendResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    let description = describe(message: message.bytes.span)
    return "answer from EID \(source), \(counted(message.bytes.count, "byte")), "
      + "\(milliseconds(roundTripUs)) ms\n"
      + description.text + "\n"
      + message.spacedText + "\n"
  }
}
