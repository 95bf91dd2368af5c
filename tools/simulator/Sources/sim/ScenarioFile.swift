import Foundation
import MCTPWorld

/// A scenario and how it is called on the command line.
struct ScenarioFile {
  let argument: String
  let path: String
  let scenario: Scenario

  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameter names: paths, or names of files in `folder`; empty for all of the folder.
  static func find(_ names: [String], folder: String) throws -> [ScenarioFile] {
    let manager = FileManager.default
    let known = ((try? manager.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".sim") }.map { String($0.dropLast(4)) }.sorted()
    guard !names.isEmpty || !known.isEmpty else {
      throw Missing(description: "\(folder): there are no scenarios; name one by its path")
    }
    return try (names.isEmpty ? known : names).map { name in
      if known.contains(name) { return try read(name, path: "\(folder)/\(name).sim") }
      guard manager.fileExists(atPath: name) else {
        throw Missing(
          description: "\(name): neither a file nor a scenario; there are "
            + known.joined(separator: ", "))
      }
      return try read(name, path: name)
    }
  }

  private static func read(_ argument: String, path: String) throws -> ScenarioFile {
    let text = try self.text(path)
    return ScenarioFile(
      argument: argument, path: path,
      scenario: try Scenario.read(text, fileName: path) { try self.text($0) })
  }

  private static func text(_ path: String) throws -> String {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Missing(description: "\(path): cannot be read: check the path")
    }
    guard let text = String(bytes: bytes, encoding: .utf8) else {
      throw Missing(description: "\(path): is not UTF-8")
    }
    return text
  }
}

/// Which runs there are, by number from 0.
struct RunList {
  let files: [ScenarioFile]
  let count: UInt64
  private let first: UInt64
  private let isOneSeed: Bool
  private let kind: RunKind

  init(_ files: [ScenarioFile], first: UInt64, seeds: UInt64?, seed: UInt64?, kind: RunKind) {
    self.files = files
    self.first = seed ?? first
    self.kind = kind
    isOneSeed = seed != nil
    count = seed != nil ? UInt64(files.count) : seeds ?? 100
  }

  func call(_ number: UInt64) -> RunCall {
    RunCall(
      file: files[Int(number % UInt64(files.count))], seed: isOneSeed ? first : first &+ number,
      kind: kind)
  }

  /// - Parameter place: in the order in which the runs are made.
  func number(at place: UInt64, isBackwards: Bool) -> UInt64 {
    isBackwards ? count - 1 - place : place
  }
}
