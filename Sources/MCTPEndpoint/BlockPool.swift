/// Message memory that is shared: fixed blocks, chained per message.
///
/// A message takes blocks as it grows, so a peer that starts many messages costs what it sent and
/// not the largest message each time. All memory is allocated by `init`.
struct BlockPool: ~Copyable {
  /// Four baseline payloads. Larger blocks waste more at the end of a chain, smaller ones cost
  /// more links.
  static let blockBytes = 256
  private static let none = UInt32.max

  /// One message's blocks in order. A plain value: the pool owns the bytes, and a chain must be
  /// freed in the pool that made it.
  struct Chain {
    fileprivate var first = BlockPool.none
    fileprivate var last = BlockPool.none
    fileprivate(set) var byteCount = 0
  }

  /// A place in a chain; only moves forward.
  struct Cursor {
    fileprivate var block: UInt32
    fileprivate var offset = 0
  }

  private let bytes: UnsafeMutableRawPointer
  private var links: FixedTable<UInt32>
  private var firstFree: UInt32 = 0
  let blockCount: Int
  private(set) var freeBlockCount: Int

  /// - Parameter byteCount: rounded down to whole blocks; at least one block.
  init(byteCount: Int) {
    // Locals only: with Swift 6.3.1, `precondition` over a property of a non-copyable value that
    // is not whole yet makes optimised builds destroy the rest of it.
    let count = byteCount / BlockPool.blockBytes
    precondition(count > 0 && count < Int(UInt32.max), "pool size out of range")
    var chained = FixedTable(count: count, repeating: BlockPool.none)
    for index in 0..<(count - 1) { chained[index] = UInt32(index + 1) }
    blockCount = count
    freeBlockCount = count
    bytes = .allocate(byteCount: count * BlockPool.blockBytes, alignment: 8)
    links = chained
  }

  deinit { bytes.deallocate() }

  /// Appends all of `payload`, or nothing.
  ///
  /// - Returns: false when there are not enough free blocks.
  mutating func append(_ payload: Span<UInt8>, to chain: inout Chain) -> Bool {
    let used = chain.byteCount % BlockPool.blockBytes
    let room = used == 0 ? 0 : BlockPool.blockBytes - used
    let missing = max(0, payload.count - room)
    let wanted = (missing + BlockPool.blockBytes - 1) / BlockPool.blockBytes
    guard wanted <= freeBlockCount else { return false }
    var done = 0
    while done < payload.count {
      let offset = chain.byteCount % BlockPool.blockBytes
      if offset == 0 { extend(&chain) }
      let count = min(BlockPool.blockBytes - offset, payload.count - done)
      let target = address(of: chain.last) + offset
      payload.extracting(done..<(done + count)).withUnsafeBytes {
        UnsafeMutableRawBufferPointer(start: target, count: count).copyMemory(from: $0)
      }
      chain.byteCount += count
      done += count
    }
    return true
  }

  /// Gives the blocks of `chain` back and empties it.
  mutating func free(_ chain: inout Chain) {
    if chain.last != BlockPool.none {
      let count = (chain.byteCount + BlockPool.blockBytes - 1) / BlockPool.blockBytes
      links[Int(chain.last)] = firstFree
      firstFree = chain.first
      freeBlockCount += count
    }
    chain = Chain()
  }

  func start(of chain: Chain) -> Cursor { Cursor(block: chain.first) }

  /// Copies the next `target.count` bytes at `cursor`; the chain must hold as many.
  func read(into target: UnsafeMutableRawBufferPointer, at cursor: inout Cursor) {
    var done = 0
    while done < target.count {
      if cursor.offset == BlockPool.blockBytes {
        cursor = Cursor(block: links[Int(cursor.block)])
      }
      precondition(cursor.block != BlockPool.none, "read past the end of a chain")
      let count = min(BlockPool.blockBytes - cursor.offset, target.count - done)
      UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + count)]).copyMemory(
        from: UnsafeRawBufferPointer(
          start: address(of: cursor.block) + cursor.offset, count: count))
      cursor.offset += count
      done += count
    }
  }

  private func address(of block: UInt32) -> UnsafeMutableRawPointer {
    bytes + Int(block) * BlockPool.blockBytes
  }

  private mutating func extend(_ chain: inout Chain) {
    let block = firstFree
    precondition(block != BlockPool.none, "free blocks miscounted")
    firstFree = links[Int(block)]
    freeBlockCount -= 1
    links[Int(block)] = BlockPool.none
    if chain.last == BlockPool.none {
      chain.first = block
    } else {
      links[Int(chain.last)] = block
    }
    chain.last = block
  }
}
