// What there is: for the shell, for people, for tests.

public import MCTPWire

extension ControlRequester {
  /// Requests that wait or are under way.
  public var openCount: Int { requests.count }

  public func isOpen(_ ticket: ControlTicket) -> Bool {
    requests.contains { $0.ticket == ticket && !$0.isCancelled }
  }

  /// Requests under way on a port: sent, and not answered.
  public func outstandingCount(on port: PortID) -> Int {
    var count = 0
    for request in requests where request.destination.port == port && request.isOutstanding {
      count += 1
    }
    return count
  }

  public func counters(of port: PortID) -> ControlRequesterCounters {
    ports[Int(port.rawValue)].counters
  }

  public func timing(of port: PortID) -> ControlTiming { ports[Int(port.rawValue)].timing }

  /// Responders that are remembered.
  public var peerCount: Int { peers.count }

  /// - Parameter index: 0 ..< `peerCount`, in no order.
  public func peer(at index: Int) -> ControlPeer { peers[index] }

  /// What is remembered of one responder; nil when nothing is.
  public func peer(_ responder: ControlResponder) -> ControlPeer? {
    peers.first { $0.responder == responder }
  }
}
