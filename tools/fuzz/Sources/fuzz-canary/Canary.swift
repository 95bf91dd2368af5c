import Fuzzing

/// Traps on the first input that begins with a serial flag: a run that does not find that finds
/// nothing.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    if bytes.count > 0 { precondition(bytes[0] != 0x7E, "the canary's trap") }
  }
}
