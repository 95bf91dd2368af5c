/// A fixed number of elements in memory of its own. Allocates once, in `init`; frees in `deinit`.
///
/// Exists because `Array` holds copyable elements only and may be copied on write; neither is
/// wanted on the packet path.
struct OwnedBuffer<Element: ~Copyable>: ~Copyable {
  private let base: UnsafeMutablePointer<Element>
  let count: Int

  init(count: Int, initializingWith element: (Int) -> Element) {
    precondition(count >= 0, "a buffer cannot have a negative count")
    base = .allocate(capacity: max(count, 1))
    self.count = count
    for index in 0..<count { (base + index).initialize(to: element(index)) }
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  @inline(__always)
  subscript(index: Int) -> Element {
    _read {
      precondition(index >= 0 && index < count, "index out of range")
      yield base[index]
    }
    _modify {
      precondition(index >= 0 && index < count, "index out of range")
      yield &base[index]
    }
  }
}
