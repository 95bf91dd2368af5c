/// A fixed number of slots, allocated once and owned by this value. Elements are plain values
/// that own nothing.
struct FixedTable<Element>: ~Copyable {
  private let memory: Allocation
  private let base: UnsafeMutablePointer<Element>
  let count: Int

  /// - Parameter count: at least 1.
  init(count: Int, repeating element: Element) {
    precondition(count > 0, "a table needs a slot")
    memory = Allocation(
      byteCount: count * MemoryLayout<Element>.stride, alignment: MemoryLayout<Element>.alignment)
    base = memory.start.initializeMemory(as: Element.self, repeating: element, count: count)
    self.count = count
  }

  subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "slot out of range")
      return base[index]
    }
    set {
      precondition(index >= 0 && index < count, "slot out of range")
      base[index] = newValue
    }
  }
}

/// Raw memory with an owner. Not generic, because Embedded Swift 6.3 cannot emit the `deinit` of a
/// generic non-copyable type.
struct Allocation: ~Copyable {
  let start: UnsafeMutableRawPointer

  init(byteCount: Int, alignment: Int) {
    start = .allocate(byteCount: byteCount, alignment: alignment)
  }

  deinit { start.deallocate() }
}
