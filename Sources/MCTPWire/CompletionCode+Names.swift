#if !hasFeature(Embedded)
  extension CompletionCode: CustomStringConvertible {
    /// The standard's name for the codes that every command shares; `0x80` for any other.
    public var name: String {
      switch self {
      case .success: "SUCCESS"
      case .error: "ERROR"
      case .errorInvalidData: "ERROR_INVALID_DATA"
      case .errorInvalidLength: "ERROR_INVALID_LENGTH"
      case .errorNotReady: "ERROR_NOT_READY"
      case .errorUnsupportedCommand: "ERROR_UNSUPPORTED_CMD"
      default: "0x" + rawValue.hexDigits(2)
      }
    }

    /// `name`, and words for the two codes that one command defines.
    public func name(for command: ControlCommand) -> String {
      switch (self, command) {
      case (.messageTypeNotSupported, .getVersionSupport): "message type not supported"
      case (.insufficientTableSpace, .routingInformationUpdate): "not enough table space"
      default: name
      }
    }

    public var description: String { name }
  }
#endif
