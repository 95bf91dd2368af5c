import Fuzzing

/// Traps behind four bytes, each in a function of its own. Chance alone finds them once in 2^32
/// inputs; step by step, led by the edges that were reached, it takes tens of thousands. Who does
/// not find this finds nothing.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    guard bytes.count >= 4 else { return }
    if bytes[0] == 0x4D { second(bytes) }
  }
}

@inline(never)
private func second(_ bytes: Span<UInt8>) {
  if bytes[1] == 0xC1 { third(bytes) }
}

@inline(never)
private func third(_ bytes: Span<UInt8>) {
  if bytes[2] == 0x1E { fourth(bytes) }
}

@inline(never)
private func fourth(_ bytes: Span<UInt8>) {
  precondition(bytes[3] != 0xA7, "the canary's trap")
}
