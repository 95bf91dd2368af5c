import Glibc

/// Writes a file, buffered. Life: `close` before the process ends.
final class FileSink {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameter path: `-` is standard output.
  init(path: String) throws {
    descriptor =
      path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Failure(description: "\(path): cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  func write(_ bytes: some Sequence<UInt8>) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 65_536 { flush() }
  }

  private func flush() {
    Output.write(buffer, to: descriptor)
    buffer.removeAll(keepingCapacity: true)
  }

  func close() {
    flush()
    if descriptor != STDOUT_FILENO { _ = Glibc.close(descriptor) }
  }
}
