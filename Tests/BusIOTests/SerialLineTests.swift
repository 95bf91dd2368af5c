import BusIO
import CLinuxBus
import Glibc
import Testing

@Suite struct SerialLineTests {
  private static let everyByte = (0...255).map { UInt8($0) }

  @Test("Raw mode passes all 256 byte values both ways")
  func transparency() throws {
    let pair = try PseudoTerminal()
    let line = try SerialLine(path: pair.farPath, baudRate: 115_200)
    // Twice: the second pass meets what the first may have switched, such as XON and XOFF.
    for _ in 0..<2 {
      writeBytes(pair.descriptor, Self.everyByte)
      #expect(readBytes(line.descriptor, count: 256) == Self.everyByte)
      writeBytes(line.descriptor, Self.everyByte)
      #expect(readBytes(pair.descriptor, count: 256) == Self.everyByte)
    }
    #expect(readAvailable(pair.descriptor) == [])
  }

  @Test("A line that its last user left cooked and slow is set up from any state")
  func everyFlag() throws {
    let pair = try PseudoTerminal()
    var state = termios()
    try #require(tcgetattr(pair.descriptor, &state) == 0)
    state.c_iflag = tcflag_t.max
    state.c_oflag = tcflag_t(OPOST | ONLCR)
    state.c_lflag = tcflag_t(ICANON | ECHO | ECHONL | ISIG | IEXTEN)
    state.c_cflag |= tcflag_t(CSTOPB) | tcflag_t(CRTSCTS)
    cfsetspeed(&state, speed_t(B300))
    try #require(tcsetattr(pair.descriptor, TCSANOW, &state) == 0)

    let line = try SerialLine(path: pair.farPath, baudRate: 115_200)
    try #require(tcgetattr(line.descriptor, &state) == 0)
    let input = IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF
    #expect(state.c_iflag & tcflag_t(input) == 0)
    #expect(state.c_oflag & tcflag_t(OPOST) == 0)
    #expect(state.c_lflag & tcflag_t(ECHO | ECHONL | ICANON | ISIG | IEXTEN) == 0)
    #expect(state.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS8))
    #expect(state.c_cflag & (tcflag_t(PARENB) | tcflag_t(CSTOPB) | tcflag_t(CRTSCTS)) == 0)
    #expect(state.c_cflag & tcflag_t(CLOCAL) != 0)
    #expect(state.c_cflag & tcflag_t(CREAD) != 0)
    // VTIME and VMIN are elements 5 and 6.
    #expect(state.c_cc.5 == 0)
    #expect(state.c_cc.6 == 1)
  }

  @Test("Any rate can be set, not only the listed ones", arguments: [9_600, 250_000, 3_686_401])
  func anyRate(rate: UInt32) throws {
    let pair = try PseudoTerminal()
    let line = try SerialLine(path: pair.farPath, baudRate: rate)
    #expect(line.actualBaudRate == rate)
  }

  @Test("Rate 0, which means hang up, is refused")
  func rateZero() throws {
    let pair = try PseudoTerminal()
    let path = pair.farPath
    let error = #expect(throws: SystemError.self) { _ = try SerialLine(path: path, baudRate: 0) }
    #expect(error?.hint == "the baud rate must be above 0")
  }

  @Test("A second user is refused, even as root, with a text that says why")
  func exclusiveUse() throws {
    let pair = try PseudoTerminal()
    let path = pair.farPath
    let line = try SerialLine(path: path, baudRate: 115_200)
    writeBytes(pair.descriptor, [1, 2, 3])
    let error = #expect(throws: SystemError.self) {
      _ = try SerialLine(path: path, baudRate: 9_600)
    }
    #expect(error?.code == EBUSY)
    let text = error?.description ?? ""
    #expect(text.contains("\(path): Device or resource busy (16); another program has the line"))
    // The refused one has discarded nothing.
    #expect(readBytes(line.descriptor, count: 3) == [1, 2, 3])
  }

  @Test("A line that was let go can be opened again")
  func reopen() throws {
    let pair = try PseudoTerminal()
    for _ in 0..<3 {
      let line = try SerialLine(path: pair.farPath, baudRate: 115_200)
      writeBytes(line.descriptor, [0x7E])
      #expect(readBytes(pair.descriptor, count: 1) == [0x7E])
    }
  }

  @Test("What was received before the line was opened is discarded")
  func flush() throws {
    let pair = try PseudoTerminal()
    writeBytes(pair.descriptor, [1, 2, 3])
    // Let the stale bytes arrive, so that they are there to be discarded.
    let peek = Descriptor(adopting: linux_tty_open(pair.farPath))
    var entry = pollfd(fd: peek.rawValue, events: Int16(POLLIN), revents: 0)
    try #require(poll(&entry, 1, 10_000) == 1)
    let line = try SerialLine(path: pair.farPath, baudRate: 115_200)
    writeBytes(pair.descriptor, [4])
    #expect(readBytes(line.descriptor, count: 1) == [4])
  }

  @Test("A missing device and a file that is no terminal are told apart")
  func wrongPaths() throws {
    let missing = #expect(throws: SystemError.self) {
      _ = try SerialLine(path: "/dev/no-such-line", baudRate: 9_600)
    }
    #expect(
      missing?.description
        == "open /dev/no-such-line: No such file or directory (2); "
        + "no such device; check the path and the cable")
    let file = #expect(throws: SystemError.self) {
      _ = try SerialLine(path: "/dev/null", baudRate: 9_600)
    }
    #expect(file?.code == ENOTTY)
    #expect(file?.hint == "this is not a terminal device")
  }

  @Test("A near side that does not hold the far side hangs up when its user leaves")
  func nearSideHangUp() throws {
    let held = try PseudoTerminal()
    let loose = try PseudoTerminal(holdsFarSide: false)
    for path in [held.farPath, loose.farPath] {
      let line = try SerialLine(path: path, baudRate: 115_200)
      _ = line.descriptor
    }
    #expect(UInt32(linux_poll_now(held.descriptor, 1)) == 0)
    #expect(UInt32(linux_poll_now(loose.descriptor, 0)) == Readiness.hangUp.rawValue)
    let back = try SerialLine(path: loose.farPath, baudRate: 115_200)
    writeBytes(back.descriptor, [0x7E])
    #expect(readBytes(loose.descriptor, count: 1) == [0x7E])
  }
}

@Suite struct SystemErrorTests {
  @Test("The text names the call, the path, the cause, the number and what to do")
  func text() {
    let error = SystemError(
      code: EACCES, operation: "open", path: "/dev/ttyS4", hint: "add the user to group dialout")
    #expect(
      error.description
        == "open /dev/ttyS4: Permission denied (13); add the user to group dialout")
    #expect(
      SystemError(code: EPERM, operation: "poll").description
        == "poll: Operation not permitted (1)")
  }
}
