extension MutableSpan<UInt8> {
  /// Copies `bytes` to `offset`, at memcpy's speed.
  ///
  /// - Precondition: they fit.
  @_lifetime(self: copy self)
  mutating func copy(_ bytes: Span<UInt8>, to offset: Int) {
    precondition(offset >= 0 && bytes.count <= count - offset, "no room")
    bytes.withUnsafeBytes { source in
      withUnsafeMutableBytes { target in
        guard let from = source.baseAddress, let start = target.baseAddress else { return }
        (start + offset).copyMemory(from: from, byteCount: source.count)
      }
    }
  }
}
