import BusIO
import CLinuxBus
import Glibc
import MCTPWire
import Testing

@Suite struct EventLoopTests {
  @Test("A readable descriptor is reported under its token until it is read")
  func readable() throws {
    let loop = try EventLoop()
    let pipe = Pipe()
    try loop.watch(pipe.input.rawValue, interest: .readable, token: 7)
    #expect(loop.readyNow() == [])
    writeBytes(pipe.output.rawValue, [1])
    #expect(loop.readyNow() == [7])
    #expect(loop.readyNow() == [7])
    #expect(readAvailable(pipe.input.rawValue) == [1])
    #expect(loop.readyNow() == [])
  }

  @Test("Readiness says what is ready and nothing else")
  func readinessBits() throws {
    let loop = try EventLoop()
    let pipe = Pipe()
    try loop.watch(pipe.output.rawValue, interest: [.readable, .writable], token: 1)
    var seen: Readiness?
    loop.wait(until: .zero) { _, readiness in seen = readiness }
    #expect(seen == .writable)
  }

  @Test("A closed far end is reported as a hang-up without being asked for")
  func hangUp() throws {
    let loop = try EventLoop()
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let input = Descriptor(adopting: ends[0])
    try loop.watch(input.rawValue, interest: [], token: 1)
    #expect(loop.readyNow() == [])
    close(ends[1])
    var seen: Readiness?
    loop.wait(until: .zero) { _, readiness in seen = readiness }
    #expect(seen == .hangUp)
  }

  @Test("Interest can be changed while watched")
  func change() throws {
    let loop = try EventLoop()
    let pipe = Pipe()
    try loop.watch(pipe.output.rawValue, interest: [], token: 3)
    #expect(loop.readyNow() == [])
    loop.change(pipe.output.rawValue, interest: .writable)
    #expect(loop.readyNow() == [3])
    loop.change(pipe.output.rawValue, interest: [])
    #expect(loop.readyNow() == [])
  }

  @Test("An event of a descriptor that was unwatched in the same batch is not delivered")
  func staleEvent() throws {
    let loop = try EventLoop()
    let first = Pipe()
    let second = Pipe()
    let numbers = [first.input.rawValue, second.input.rawValue]
    for (index, number) in numbers.enumerated() {
      try loop.watch(number, interest: .readable, token: UInt64(index))
    }
    writeBytes(first.output.rawValue, [1])
    writeBytes(second.output.rawValue, [1])
    var tokens: [UInt64] = []
    let count = loop.wait(until: .zero) { token, _ in
      tokens.append(token)
      loop.unwatch(numbers[1 - Int(token)])
    }
    #expect(count == 1)
    #expect(tokens.count == 1)
    #expect(loop.readyNow() == tokens)
  }

  @Test("An event of an earlier registration is not delivered to the next one of that number")
  func staleGeneration() throws {
    let loop = try EventLoop()
    let first = Pipe()
    let second = Pipe()
    let numbers = [first.input.rawValue, second.input.rawValue]
    for (index, number) in numbers.enumerated() {
      try loop.watch(number, interest: .readable, token: UInt64(index))
    }
    writeBytes(first.output.rawValue, [1])
    writeBytes(second.output.rawValue, [1])
    var tokens: [UInt64] = []
    loop.wait(until: .zero) { token, _ in
      tokens.append(token)
      let other = 1 - Int(token)
      loop.unwatch(numbers[other])
      do {
        try loop.watch(numbers[other], interest: .readable, token: 10)
      } catch {
        Issue.record(error)
      }
    }
    #expect(tokens.count == 1)
    #expect(Set(loop.readyNow()) == Set([tokens[0], 10]))
  }

  @Test("A deadline never ends early", arguments: [0, 1, 999_999, 1_000_000, 2_500_001])
  func deadline(nanoseconds: UInt64) throws {
    let loop = try EventLoop()
    let deadline = loop.now().advanced(byNanoseconds: nanoseconds)
    let count = loop.wait(until: deadline) { _, _ in }
    #expect(count == 0)
    #expect(loop.now() >= deadline)
  }

  @Test("Without epoll_pwait2 a deadline is rounded up to milliseconds, never down")
  func oldKernel() throws {
    let epoll = Descriptor(adopting: linux_epoll_create())
    var hasPwait2 = false
    var event = linux_event()
    let start = linux_monotonic_ns()
    #expect(linux_epoll_wait(epoll.rawValue, &event, 1, 999_999, &hasPwait2) == 0)
    #expect(linux_monotonic_ns() - start >= 999_999)
    #expect(!hasPwait2)
  }

  @Test("More ready descriptors than one batch holds are all delivered by the next waits")
  func manyDescriptors() throws {
    let loop = try EventLoop()
    let bells = try (0..<150).map { _ in try WakeUp() }
    for (index, bell) in bells.enumerated() {
      try loop.watch(bell.descriptor, interest: .readable, token: UInt64(index))
      bell.ring()
    }
    var seen: Set<UInt64> = []
    let done = loop.run(
      until: { seen.count == bells.count },
      { token, _ in
        seen.insert(token)
        bells[Int(token)].clear()
      })
    #expect(done)
    #expect(loop.readyNow() == [])
  }

  @Test("A ring wakes a loop that sleeps without a deadline, from another thread")
  func wakeUp() throws {
    let loop = try EventLoop()
    let bell = try WakeUp()
    try loop.watch(bell.descriptor, interest: .readable, token: 9)
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(bell).toOpaque()
    let failure = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<WakeUp>.fromOpaque(argument).takeRetainedValue().ring() }
        return nil
      }, argument)
    try #require(failure == 0)
    var tokens: [UInt64] = []
    loop.wait(until: nil) { token, _ in tokens.append(token) }
    pthread_join(thread, nil)
    #expect(tokens == [9])
    bell.clear()
    #expect(loop.readyNow() == [])
  }

  @Test("Signals arrive as values and do not end the process")
  func signals() throws {
    let loop = try EventLoop()
    try loop.watchSignals(token: 4)
    #expect(loop.nextSignal() == nil)
    let expected: [(Int32, BusIO.Signal)] = [
      (SIGHUP, .hangUp), (SIGINT, .interrupt), (SIGTERM, .terminate),
    ]
    for (number, signal) in expected {
      // To this thread, whose mask the loop has set.
      raise(number)
      #expect(loop.readyNow() == [4])
      #expect(loop.nextSignal() == signal)
      #expect(loop.nextSignal() == nil)
    }
    #expect(loop.readyNow() == [])
  }

  @Test("A regular file cannot be watched, and the error says so")
  func regularFile() throws {
    let loop = try EventLoop()
    let file = Descriptor(adopting: open("/proc/self/exe", O_RDONLY | O_CLOEXEC))
    let error = #expect(throws: SystemError.self) {
      try loop.watch(file.rawValue, interest: .readable, token: 1)
    }
    #expect(error?.code == EPERM)
    #expect(error?.description.contains("Operation not permitted (1)") == true)
  }

  @Test("A local socket's peer is known with its groups")
  func peerCredentials() throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let near = Descriptor(adopting: ends[0])
    let far = Descriptor(adopting: ends[1])
    let peer = try PeerCredentials(socket: near.rawValue)
    #expect(peer == (try PeerCredentials(socket: far.rawValue)))
    #expect(peer.processID == getpid())
    #expect(peer.userID == geteuid())
    #expect(peer.groupID == getegid())
    #expect(try PeerCredentials.isMember(near.rawValue, of: getegid()))
    var groups = [gid_t](repeating: 0, count: 65536)
    let count = Int(getgroups(Int32(groups.count), &groups))
    for group in groups[..<count] {
      #expect(linux_peer_has_group(near.rawValue, group) == 1)
      #expect(try PeerCredentials.isMember(near.rawValue, of: group))
    }
    let stranger = (1...UInt32.max).first { !groups[..<count].contains($0) && $0 != getegid() }
    #expect(try !PeerCredentials.isMember(near.rawValue, of: #require(stranger)))
    let pipe = Pipe()
    #expect(throws: SystemError.self) { try PeerCredentials(socket: pipe.input.rawValue) }
  }
}
