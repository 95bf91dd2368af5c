public import AdminProtocol

extension CommandResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    printable(text) + "\n"
      + "`router-ctl events --since \(lastSequence)` shows what comes of it\n"
  }
}
