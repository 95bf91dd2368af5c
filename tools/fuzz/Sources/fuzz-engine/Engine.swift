import Fuzzing
import MCTPEngine
import MCTPWire

/// A life of one engine: its ports, roles and policies come from the first bytes, each further
/// operation from a few more. Whatever is done in whatever order, the books balance after each
/// step, queues keep their bounds and order, and nothing is due that has passed.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    var choices = Choices(bytes)
    let configuration = EngineConfiguration(choosing: &choices)
    var run = EngineRun(configuration, choices)
    run.run()
  }
}
