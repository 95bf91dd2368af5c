internal import Glibc

extension Topology {
  /// Reads and checks the file at `path`: a regular file of at most 1 MiB. Also looks whether the
  /// serial devices that it names are there.
  ///
  /// - Throws: everything that is wrong, with lines and columns.
  public static func load(path: String) throws(TopologyError) -> Topology {
    var diagnostics = DiagnosticList(fileName: path)
    guard let bytes = readFile(path, &diagnostics) else {
      throw TopologyError(diagnostics: diagnostics.sorted)
    }
    return try checked(bytes, diagnostics, fileName: path, identify: identity(ofPath:))
  }

  /// Checks a text without looking at the file system. Whatever the text is, it returns or throws.
  ///
  /// - Parameter fileName: for diagnostics.
  public static func parse(_ text: String, fileName: String) throws(TopologyError) -> Topology {
    try parse(Array(text.utf8), fileName: fileName)
  }

  /// Checks bytes that should be UTF-8 without looking at the file system. Whatever the bytes are,
  /// it returns or throws.
  public static func parse(_ bytes: [UInt8], fileName: String) throws(TopologyError) -> Topology {
    try checked(bytes, DiagnosticList(fileName: fileName), fileName: fileName, identify: nil)
  }

  private static func checked(
    _ bytes: [UInt8], _ diagnostics: DiagnosticList, fileName: String,
    identify: ((String) -> DeviceIdentity?)?
  ) throws(TopologyError) -> Topology {
    var diagnostics = diagnostics
    guard let text = SourceText(bytes, &diagnostics),
      let root = YAMLComposer.document(text, &diagnostics)
    else { throw TopologyError(diagnostics: diagnostics.sorted) }
    var loader = TopologyLoader(diagnostics: diagnostics, identify: identify)
    return try loader.topology(from: root, fileName: fileName)
  }

  /// Nil when there is nothing to read; the reason is in `diagnostics` then.
  private static func readFile(_ path: String, _ diagnostics: inout DiagnosticList) -> [UInt8]? {
    // O_NONBLOCK: opening a named pipe must not wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      reportSystemError(errno, &diagnostics)
      return nil
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      reportSystemError(errno, &diagnostics)
      return nil
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR:
      diagnostics.error("is a directory", at: nil, hint: "name the topology file inside it")
      return nil
    default:
      diagnostics.error("is not a regular file", at: nil)
      return nil
    }
    // One byte more than allowed is enough to know; `SourceText` reports it.
    let countMax = TopologyLimits.fileByteCountMax + 1
    var bytes: [UInt8] = []
    while bytes.count < countMax {
      let room = min(65_536, countMax - bytes.count)
      var error: Int32 = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        var result = read(descriptor, buffer.baseAddress, room)
        while result < 0, errno == EINTR { result = read(descriptor, buffer.baseAddress, room) }
        error = result < 0 ? errno : 0
        count = max(0, result)
      }
      guard error == 0 else {
        reportSystemError(error, &diagnostics)
        return nil
      }
      if chunk.isEmpty { break }
      bytes += chunk
    }
    return bytes
  }

  private static func reportSystemError(_ code: Int32, _ diagnostics: inout DiagnosticList) {
    let hint: String? =
      switch code {
      case ENOENT: "check the path"
      case EACCES: "the user that runs this program must be able to read it"
      default: nil
      }
    let text = strerror(code).map { String(cString: $0) } ?? "error"
    diagnostics.error("cannot be read: \(text) (\(code))", at: nil, hint: hint)
  }

  private static func identity(ofPath path: String) -> DeviceIdentity? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return DeviceIdentity(fileSystem: UInt64(status.st_dev), node: UInt64(status.st_ino))
  }
}
