import ArgumentParser

/// `--network` of the commands that mean one network, and what its help says that it is for.
struct NetworkOption<Purpose: NetworkPurpose>: ParsableArguments {
  @Option(help: ArgumentHelp("\(Purpose.text), 1 to 255.", valueName: "number"))
  var network: UInt8?

  func validate() throws {
    if let network { try Arguments.check(Int(network), 1...255, "--network") }
  }
}

protocol NetworkPurpose {
  static var text: String { get }
}

/// Leaves the other networks out of what is shown.
enum OneNetworkOnly: NetworkPurpose {
  static let text = "One network only"
}

/// An EID may be in several networks.
enum NetworkOfEID: NetworkPurpose {
  static let text = "The network of the EID"
}

/// As `NetworkOfEID`, for commands that name two.
enum NetworkOfEIDs: NetworkPurpose {
  static let text = "The network of the EIDs"
}
