// A board small enough that everything that may happen on it can be tried: its routers, its
// devices, the buses between them. Packets, not frames: what media do to frames is the other
// worlds' matter.

internal import MCTPEngine
internal import MCTPWire

public struct SmallBoard: Sendable {
  /// Who hangs on a bus.
  enum Place: Hashable, Sendable {
    case port(router: Int, port: Int)
    case device(Int)
  }

  /// One end of a bus; two ends without addresses are a line.
  struct Party: Sendable {
    let place: Place
    let address: PhysicalAddress
  }

  struct Router: Sendable {
    let name: String
    let configuration: EngineConfiguration
  }

  struct Device: Sendable {
    let name: String
    var habit = TinyDevice.Habit.none
  }

  /// One direction between two parties of a bus: packets come out in the order in which they went
  /// in.
  struct Channel: Sendable {
    let from: Party
    let to: Party
    /// The channel of the answers.
    var back = 0
  }

  public let name: String
  public let title: String
  let routers: [Router]
  var devices: [Device]
  let channels: [Channel]

  init(
    _ name: String, _ title: String, routers: [Router], devices: [Device], buses: [[Party]]
  ) {
    self.name = name
    self.title = title
    self.routers = routers
    self.devices = devices
    var channels: [Channel] = []
    for bus in buses {
      for from in bus {
        for to in bus where to.place != from.place { channels.append(Channel(from: from, to: to)) }
      }
    }
    for index in channels.indices {
      channels[index].back =
        channels.firstIndex {
          $0.from.place == channels[index].to.place && $0.to.place == channels[index].from.place
        } ?? index
    }
    self.channels = channels
  }

  /// The way out of a place to an address; nil when nobody is there.
  func channel(from place: Place, to address: PhysicalAddress) -> Int? {
    channels.firstIndex { $0.from.place == place && $0.to.address == address }
  }

  func name(of place: Place) -> String {
    switch place {
    case .port(let router, let port): "\(routers[router].name).\(port)"
    case .device(let device): devices[device].name
    }
  }
}
