import Glibc

struct NoSuchTopology: Error {}

/// The topologies that scenarios name, by path, read once: a run reads no file for an input.
private let topologies: [String: String] = {
  var texts: [String: String] = [:]
  for name in ["big", "i3c", "leaf", "mid", "mux", "top"] {
    let path = "topologies/scenarios/\(name).yaml"
    texts[path] = text(of: path)
  }
  for name in ["bridge-below", "bus-owner", "demo", "one-i2c-bus", "real-buses"] {
    let path = "topologies/\(name).yaml"
    texts[path] = text(of: path)
  }
  return texts
}()

func topology(at path: String) throws(NoSuchTopology) -> String {
  guard let text = topologies[path] else { throw NoSuchTopology() }
  return text
}

private func text(of path: String) -> String {
  guard let file = fopen(path, "r") else {
    preconditionFailure("\(path) is not here: start this in the root of the repository")
  }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 65_536)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes[..<count], as: UTF8.self)
}
