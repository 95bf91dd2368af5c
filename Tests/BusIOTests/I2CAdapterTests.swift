import BusIO
import Glibc
import TestSupport
import Testing

@Suite("An I2C adapter in sysfs")
struct I2CAdapterTests {
  /// A temporary sysfs: a controller, and a mux at 0x70 on it with two channels.
  private final class Tree {
    let root: String
    private var made: [String] = []

    init() throws {
      var template = Array("/tmp/i2c-adapter-\(String(repeating: "X", count: 6))".utf8CString)
      root = try #require(mkdtemp(&template).map { String(cString: $0) })
      let controller = "/devices/platform/soc/1e78a080.i2c/i2c-1"
      folders("/bus/i2c/devices")
      folders("\(controller)/i2c-9")
      folders("\(controller)/i2c-10/i2c-12")
      folders("\(controller)/1-0070")
      link("/bus/i2c/devices/i2c-1", to: controller)
      link("/bus/i2c/devices/i2c-9", to: "\(controller)/i2c-9")
      link("/bus/i2c/devices/i2c-12", to: "\(controller)/i2c-10/i2c-12")
      link("\(controller)/i2c-9/mux_device", to: "\(controller)/1-0070")
      let state = open(root + "\(controller)/1-0070/idle_state", O_CREAT | O_WRONLY, 0o600)
      writeBytes(state, Array("-1\n".utf8))
      close(state)
      made.append("\(controller)/1-0070/idle_state")
    }

    deinit {
      for path in made.reversed() where rmdir(root + path) != 0 { unlink(root + path) }
      for path in made.reversed() { rmdir(root + path) }
      rmdir(root)
    }

    private func folders(_ path: String) {
      var whole = ""
      for part in path.split(separator: "/") {
        whole += "/" + part
        if mkdir(root + whole, 0o755) == 0 { made.append(whole) }
      }
    }

    private func link(_ path: String, to target: String) {
      #expect(symlink(root + target, root + path) == 0)
      made.append(path)
    }
  }

  @Test("A controller is its own root; a channel's root is the controller, through any depth")
  func roots() throws {
    let tree = try Tree()
    let root = try I2CAdapter(number: 1, sysfsRoot: tree.root)
    #expect(root.rootNumber == 1)
    #expect(!root.isBehindMux)
    #expect(root.mux == nil)
    let channel = try I2CAdapter(number: 9, sysfsRoot: tree.root)
    #expect(channel.rootNumber == 1)
    #expect(channel.isBehindMux)
    #expect(channel.mux?.name == "1-0070")
    #expect(channel.mux?.idleState == "-1")
    #expect(try I2CAdapter(number: 12, sysfsRoot: tree.root).rootNumber == 1)
  }

  @Test("An adapter that is not there, and a node of something else, are told apart")
  func absent() throws {
    let tree = try Tree()
    let failure = #expect(throws: DeviceFailure.self) {
      try I2CAdapter(number: 3, sysfsRoot: tree.root)
    }
    guard case .system(let error) = failure else {
      Issue.record("\(failure as Any)")
      return
    }
    #expect(error.code == ENOENT)
    #expect(throws: DeviceFailure.self) { try I2CAdapter(devicePath: "/dev/no-i2c-0") }
    guard
      case .configuration(let fault) = #expect(
        throws: DeviceFailure.self, performing: { try I2CAdapter(devicePath: "/dev/null") })
    else {
      Issue.record("/dev/null passed for an adapter")
      return
    }
    #expect(fault.message == "/dev/null is not the node of an I2C adapter")
  }

  @Test("Device numbers of adapter nodes are those of major 89")
  func numbers() {
    #expect(I2CAdapter.number(major: 89, minor: 7) == 7)
    #expect(I2CAdapter.number(major: 90, minor: 7) == nil)
  }

  @Test("The transmission unit follows from the adapter's functions", .spec("DSP0237 1.1.0 §6.2"))
  func units() {
    #expect(I2CFunctionality(rawValue: 0x1).transmissionUnitBytesMax == 250)
    #expect(I2CFunctionality(rawValue: 0x0200_0008).transmissionUnitBytesMax == 27)
    #expect(I2CFunctionality(rawValue: 0x0200_0000).transmissionUnitBytesMax == 0)
    #expect(I2CFunctionality(rawValue: 0).transmissionUnitBytesMax == 0)
  }
}
