import FoundationEssentials
import MCTPWire
import Testing

@testable import MCTPEngine

@Suite("The copy and the digest of an engine")
struct EngineStateTests {
  private func engine(jitter seed: UInt64 = 1) -> Engine {
    Engine(
      EngineConfiguration(
        uuid: EndpointUUID(high: 1, low: 1),
        ports: [
          .owned(0, eid: 8, DiscoveryPolicy(listed: [ListedDevice(address: .i2c(0x31))]))
        ],
        busOwner: BusOwnerConfiguration(
          ranges: [NetworkEIDs(ranges: [EIDRange(EID(9), through: EID(40))!])], seed: seed)))
  }

  private func digest(_ engine: borrowing Engine, at now: Instant) -> UInt64 {
    var digest = StateDigest(now: now.nanoseconds)
    engine.addState(to: &digest)
    return digest.value
  }

  private func takeEvents(_ engine: inout Engine) { while engine.nextEvent() != nil {} }

  @Test("A copy is the same state, and stays it whatever becomes of the first")
  func copies() {
    var first = engine()
    let start = Instant(nanoseconds: 60_000_000_000)
    first.portChanged(PortID(rawValue: 0), isUp: true, now: start)
    _ = first.takeReadyPorts()
    takeEvents(&first)
    let before = digest(first, at: start)
    var second = first.copy()
    let copied = digest(second, at: start)
    #expect(copied == before)
    let depth = second.queueDepth(of: PortID(rawValue: 0))
    #expect(depth == 1, "Get Endpoint ID waits")
    first.portChanged(PortID(rawValue: 0), isUp: false, now: start)
    let (changed, kept) = (digest(first, at: start), digest(second, at: start))
    #expect(changed != before)
    #expect(kept == before)
    let sent = second.nextTransmission(on: PortID(rawValue: 0))
    #expect(sent?.destination == .i2c(0x31))
  }

  @Test("Two engines with the same distances to their deadlines are one state, others are not")
  func times() {
    // Whole spans of the instance IDs' memory (1.5 s) apart: nothing else knows the time of day.
    var digests: [UInt64] = []
    for (start, later) in [(60, 0), (63, 0), (60, 1)] as [(UInt64, UInt64)] {
      var fresh = engine()
      let up = Instant(nanoseconds: start * 1_000_000_000)
      fresh.portChanged(PortID(rawValue: 0), isUp: true, now: up)
      _ = fresh.takeReadyPorts()
      takeEvents(&fresh)
      digests.append(digest(fresh, at: up.advanced(byNanoseconds: later)))
    }
    #expect(digests[0] == digests[1])
    #expect(digests[0] != digests[2])
  }

  @Test("The jitter's state is state")
  func jitter() {
    let first = engine(jitter: 1)
    let second = engine(jitter: 2)
    let (one, two) = (digest(first, at: .zero), digest(second, at: .zero))
    #expect(one != two)
  }

  /// Stored properties of all that an engine is made of. One that is new has to be copied and
  /// digested, or said to be no state, in `Sources/MCTPEngine/Snapshot`; then it belongs here.
  static let known: [(file: String, type: String, properties: String)] = [
    (
      "Engine.swift", "Engine",
      "configuration ports tables networks recentDrops events eidOriginators owner"
    ),
    (
      "PortState.swift", "PortState",
      "configuration networkIndex isUp fixedEID ownEID counters queue"
    ),
    (
      "PacketQueue.swift", "PacketQueue",
      "capacity packetBytesMax bytes slotStride slots oldest count inFlightCount"
    ),
    ("PacketQueue.swift", "Slot", "byteCount destination failedAttempts"),
    ("RoutingTable.swift", "RoutingTable", "entries map own count"),
    (
      "RoutingTableEntry.swift", "RoutingTableEntry",
      "firstEID eidCount type port address isStatic uuid transmissionUnitBytes origin"
    ),
    ("Owner/BusOwner.swift", "OwnerCall", "ticket endpoint port job"),
    (
      "Owner/BusOwner.swift", "UpstreamState",
      "poolPort pool announced ownerPort ownerEID ownerAddress notifyDue notifyTicket notifyCount"
    ),
    ("Owner/BusOwner.swift", "EIDConflict", "network eid port address"),
    (
      "Owner/BusOwner.swift", "BusOwner",
      "configuration isActive endpoints calls leases conflicts spaces unheld upstream requester "
        + "random deadline hasRemoved readyPorts endpointCount"
    ),
    ("Owner/BusOwner.swift", "OwnerRandom", "state"),
    (
      "Owner/EndpointWork.swift", "EndpointWork",
      "job due isBusy runningJob isOvertaken failures hasAskedUUID isAssigned presentEID "
        + "pendingEID isForced isReserved isPoolForced poolBefore isWalledIn vendorSelector "
        + "wishedEID updateDue updateOffset updateEntries acknowledged hasRefusedUpdate tableDue "
        + "tableHandle tablePageCount checkDue poolCheckDue awaited returned isReturning named "
        + "isRemoved"
    ),
    ("Owner/KnownEndpoint.swift", "EndpointPool", "first count asked"),
    (
      "Owner/KnownEndpoint.swift", "KnownEndpoint",
      "number network port address via eid fixedEID kind origin hasStaticEID uuid messageTypes "
        + "vendorSets versions pool quirks state reason since lastContact work"
    ),
    (
      "Owner/Lease.swift", "EIDLease",
      "network eid pool uuid port address kind messageTypes"
    ),
    (
      "EIDSpace/EIDSpace.swift", "Cell",
      "isInRange fixedFor use wasUsed lastHolder restsUntil releaseNumber"
    ),
    (
      "EIDSpace/EIDSpace.swift", "EIDSpace",
      "restMs poolCountMax bridgeRunCount cells releaseCount"
    ),
    (
      "Requester/ControlRequester.swift", "Port",
      "timing responseTimeoutMs retryCount outstandingMax bucket nextInstanceID nextTag counters"
    ),
    (
      "Requester/ControlRequester.swift", "ControlRequester",
      "requestCountMax outstandingMax peerCountMax peerBudget notReadyDelayMs notReadyCountMax "
        + "jitterNanoseconds ports requests peers outcomes clock randomState lastTicket"
    ),
    (
      "Requester/ControlPeer.swift", "ControlPeer",
      "responder transmissions retransmissions answers failures lateAnswers failuresInARow "
        + "roundTripNanoseconds roundTripNanosecondsMax bucket instanceIDs finished openCount "
        + "lastUse"
    ),
    ("Requester/ControlPeer.swift", "Finished", "instanceID command wasAnswered time"),
    ("Requester/ControlPeer.swift", "TokenBucket", "periodNanoseconds burst fullAt slowdown"),
    ("Requester/ControlPeer.swift", "InstanceIDMemory", "current spans"),
    (
      "Requester/ControlRequestOptions.swift", "ControlRequestOptions",
      "priority notBefore responseTimeoutMs retryCount endsWhenUndelivered isDatagram"
    ),
    (
      "Requester/PendingRequest.swift", "PendingRequest",
      "ticket destination source body command options responseTimeoutMs retryCount peer state "
        + "notBefore isCancelled instanceID tag transmissions undelivered transmissionsOfAll "
        + "firstSent lastSent notReadyCount"
    ),
  ]

  @Test("No stored property of an engine is forgotten", arguments: known)
  func complete(file: String, type: String, properties: String) throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    let path = (root + ["Sources", "MCTPEngine"]).joined(separator: "/") + "/" + file
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    let found = storedProperties(of: type, in: text)
    #expect(found == properties.split(separator: " ").map(String.init))
  }

  /// `let` and `var` of a type's own level that have no body of their own.
  private func storedProperties(of type: String, in text: String) -> [String] {
    var found: [String] = []
    var indentation: Int?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let depth = line.prefix { $0 == " " }.count
      let words = line.split { $0 == " " || $0 == ":" || $0 == "<" }.map(String.init)
      if let outer = indentation {
        if depth == outer, line.dropFirst(depth) == "}" { break }
        guard depth == outer + 2, !words.contains("static"), !line.contains("//"),
          let place = words.firstIndex(where: { $0 == "let" || $0 == "var" }),
          words.dropLast(words.count - place).allSatisfy({
            ["private", "public", "fileprivate", "private(set)", "internal(set)"].contains($0)
          }),
          place + 1 < words.count, line.last != "{", !line.hasSuffix("}")
        else { continue }
        found.append(words[place + 1])
      } else if let place = words.firstIndex(of: "struct"), place + 1 < words.count,
        words[place + 1] == type, line.hasSuffix("{")
      {
        indentation = depth
      }
    }
    return found
  }
}
