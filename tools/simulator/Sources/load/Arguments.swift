import ArgumentParser
import MCTPSimulation
import MCTPWire

extension FlowOptions.Kind: ExpressibleByArgument {}

private func assignableEID(_ text: some StringProtocol) -> EID? {
  let value = text.hasPrefix("0x") ? UInt8(text.dropFirst(2), radix: 16) : UInt8(text)
  guard let eid = value.map({ EID($0) }), eid.isAssignable, eid != LoadRun.strayEID else {
    return nil
  }
  return eid
}

/// `/dev/ttyS1=9,20-27`
struct PortArgument: ExpressibleByArgument {
  let path: String
  /// The port's own first; empty when a bus owner gives it.
  let eids: [EID]

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, !first.isEmpty else { return nil }
    path = String(first)
    guard parts.count == 2 else {
      eids = []
      return
    }
    let words = parts[1].split(separator: ",", omittingEmptySubsequences: false)
    guard let own = words.first, let eid = assignableEID(own), words.count <= 2 else { return nil }
    guard words.count == 2 else {
      eids = [eid]
      return
    }
    let ends = words[1].split(separator: "-", omittingEmptySubsequences: false)
    guard let low = ends.first.flatMap({ assignableEID($0) }),
      let high = ends.last.flatMap({ assignableEID($0) }), ends.count <= 2, low <= high
    else { return nil }
    eids = [eid] + (low.rawValue...high.rawValue).map { EID($0) }
  }
}

/// `9:10`
struct PairArgument: ExpressibleByArgument {
  let source: EID
  let destination: EID

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let source = assignableEID(parts[0]),
      let destination = assignableEID(parts[1]), source != destination
    else { return nil }
    self.source = source
    self.destination = destination
  }
}

/// `32:4,1024`
struct SizesArgument: ExpressibleByArgument {
  let sizes: [LoadFlow.Size]

  init(_ sizes: [LoadFlow.Size]) { self.sizes = sizes }

  init?(argument: String) {
    var sizes: [LoadFlow.Size] = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      let weight = parts.count == 2 ? UInt32(parts[1]) : 1
      guard parts.count <= 2, let bytes = Int(parts[0]), let weight, weight > 0,
        (LoadBody.byteCountMin...32_768).contains(bytes)
      else { return nil }
      sizes.append(LoadFlow.Size(bytes: bytes, weight: weight))
    }
    self.sizes = sizes
  }

  var defaultValueDescription: String {
    sizes.map { "\($0.bytes):\($0.weight)" }.joined(separator: ",")
  }
}

/// `drop,flip`
struct FaultsArgument: ExpressibleByArgument {
  let kinds: [LineFault]

  init(_ kinds: [LineFault]) { self.kinds = kinds }

  init?(argument: String) {
    var kinds: [LineFault] = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = LineFault(rawValue: String(word)) else { return nil }
      kinds.append(kind)
    }
    self.kinds = kinds
  }

  var defaultValueDescription: String {
    kinds.map(\.rawValue).joined(separator: ",")
  }
}
