import Glibc

/// Writes a file, each piece at once: what was seen of a run is there when the run ends its
/// process. Life: `close` after the last `write`.
final class FileSink {
  private let descriptor: Int32
  private let name: String
  /// The first; nothing is written after it.
  private var failure: (any Error)?

  /// - Parameter path: `-` is standard output.
  init(path: String) throws {
    name = path == "-" ? "standard output" : path
    descriptor =
      path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RunnerFailure.system("\(name) cannot be written") }
  }

  func write(_ bytes: [UInt8]) {
    guard failure == nil else { return }
    do { try Output.write(bytes, to: descriptor, name: name) } catch { failure = error }
  }

  /// - Throws: what kept any of it from being written.
  func close() throws {
    if descriptor != STDOUT_FILENO, Glibc.close(descriptor) != 0, failure == nil {
      failure = RunnerFailure.system("\(name) cannot be written")
    }
    if let failure { throw failure }
  }
}
