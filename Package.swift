// swift-tools-version: 6.2
import PackageDescription

// Every target: Swift 6 language mode, every warning an error, imports of what is used only.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  // Codecs hand out `Span`s over their own storage; naming whose storage needs this feature.
  .enableExperimentalFeature("Lifetimes"),
]

// What a release build of a program leaves out, because a BMC's flash is small: symbols exported
// for nobody (0.3 MB of names, and they keep 0.3 MB of code alive), and relocations of 24 bytes
// each (1 MB; packed they need glibc 2.36). The toolchain's own linker knows both options, gold
// does not. Not `--icf`: it gives different functions one address.
let small: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld", "-Xlinker", "--no-export-dynamic",
      "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
    ], .when(platforms: [.linux], configuration: .release))
]

// The shell is one thread of classes: in a release build the run-time checks of exclusive access
// cost a quarter of a packet's instructions (counted by callgrind). Debug builds, and so all tests,
// keep them; the compiler's own checks stay everywhere.
let shell: [SwiftSetting] =
  strict + [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
  ]

// What no packet passes through is built for size in a release build: flash is scarcer than time.
let slim: [SwiftSetting] =
  strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

// A release build optimises what is tested; optimising the tests as well would prove nothing more.
let tests: [SwiftSetting] =
  strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let package = Package(
  name: "mctp-router",
  products: [
    .executable(name: "mctp-router", targets: ["mctp-router"]),
    .executable(name: "router-ctl", targets: ["router-ctl"]),
    .library(name: "MCTPWire", targets: ["MCTPWire"]),
    .library(name: "MCTPFraming", targets: ["MCTPFraming"]),
    .library(name: "MCTPEngine", targets: ["MCTPEngine"]),
    .library(name: "MCTPEndpoint", targets: ["MCTPEndpoint"]),
    .library(name: "MCTPDecode", targets: ["MCTPDecode"]),
    .library(name: "MCTPSimulation", targets: ["MCTPSimulation"]),
    .library(name: "MCTPWorld", targets: ["MCTPWorld"]),
    .library(name: "BusIO", targets: ["BusIO"]),
    .library(name: "Topology", targets: ["Topology"]),
    .library(name: "AdminProtocol", targets: ["AdminProtocol"]),
  ],
  dependencies: [
    // Arguments, help and usage errors of both programs: the Swift server family's standard part.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Log levels and metadata: the same family's logging front.
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // The core: no I/O, no dependencies, compiles as Embedded Swift (tools/check proves it).
    .target(name: "MCTPWire", swiftSettings: strict),
    .target(name: "MCTPFraming", dependencies: ["MCTPWire"], swiftSettings: strict),
    .target(name: "MCTPEngine", dependencies: ["MCTPWire"], swiftSettings: strict),
    .target(name: "MCTPEndpoint", dependencies: ["MCTPWire"], swiftSettings: strict),

    .target(name: "MCTPDecode", dependencies: ["MCTPWire"], swiftSettings: strict),
    .target(
      name: "MCTPSimulation",
      dependencies: ["MCTPWire", "MCTPFraming", "MCTPEngine", "MCTPEndpoint"],
      swiftSettings: strict),

    // Devices, bridges and owners of another make, for tests: written from the standards, with
    // codecs of their own, so that a defect of ours is not at both ends. Imports nothing.
    .target(name: "MCTPNeighbours", swiftSettings: strict),

    // libi2c: SMBus-sized transactions for probing; its block calls end at 32 bytes, so packets go
    // through I2C_RDWR.
    .target(name: "CLinuxBus", linkerSettings: [.linkedLibrary("i2c")]),
    .target(
      name: "BusIO", dependencies: ["MCTPWire", "MCTPFraming", "CLinuxBus"], swiftSettings: shell),

    // The parser behind Yams without Foundation: a BMC's flash is 32 to 128 MB.
    .systemLibrary(
      name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "Topology", dependencies: ["MCTPWire", "CLibYAML"], swiftSettings: slim),

    // What a topology means to an engine: the daemon and the simulated world read it alike.
    .target(
      name: "EngineSetup", dependencies: ["MCTPWire", "MCTPEngine", "Topology"],
      swiftSettings: slim),

    // What of EIDs outlives the process: values, the file, the order of its writing. The daemon's
    // thread and the simulated world's disk run it alike.
    .target(
      name: "LeaseStore",
      dependencies: ["MCTPWire", "MCTPEngine", "MCTPEndpoint", "BusIO", "Topology"],
      swiftSettings: slim),

    // Whole boards in virtual time: engines behind the ports of BusIO, devices, faults, checks.
    .target(
      name: "MCTPWorld",
      dependencies: [
        "MCTPWire", "MCTPFraming", "MCTPEngine", "MCTPEndpoint", "MCTPSimulation",
        "MCTPNeighbours", "BusIO", "Topology", "EngineSetup", "LeaseStore",
      ],
      swiftSettings: shell),

    .target(name: "AdminProtocol", dependencies: ["MCTPWire"], swiftSettings: slim),
    .target(
      name: "RouterDaemon",
      dependencies: [
        "MCTPWire", "MCTPFraming", "MCTPEngine", "MCTPEndpoint", "MCTPDecode", "MCTPSimulation",
        "BusIO", "Topology", "EngineSetup", "LeaseStore", "AdminProtocol", "CLinuxBus",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: shell),

    .executableTarget(
      name: "mctp-router",
      dependencies: [
        "RouterDaemon", "Topology",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict, linkerSettings: small),
    // All of router-ctl but its arguments: apart, so that tests can import it.
    .target(
      name: "RouterControl", dependencies: ["AdminProtocol", "MCTPDecode", "MCTPWire"],
      swiftSettings: strict),
    .executableTarget(
      name: "router-ctl",
      dependencies: [
        "RouterControl", "AdminProtocol",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict, linkerSettings: small),

    // Shared by the test targets: the clause trait, hex, the vectors of Tests/TestVectors.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    // Leases and a disk in memory, for the tests of the store and of the daemon.
    .target(
      name: "LeaseTestSupport", dependencies: ["MCTPWire", "LeaseStore", "BusIO", "CLinuxBus"],
      path: "Tests/LeaseTestSupport", swiftSettings: strict),
  ]
    + testTargets([
      "MCTPWire": [], "MCTPFraming": ["MCTPWire"], "MCTPEngine": ["MCTPWire", "MCTPFraming"],
      "MCTPEndpoint": ["MCTPWire"], "MCTPDecode": ["MCTPWire"],
      "MCTPSimulation": ["MCTPWire", "MCTPFraming", "MCTPEngine", "MCTPEndpoint"],
      "MCTPNeighbours": [],
      "LeaseStore": ["MCTPWire", "MCTPEngine", "BusIO", "Topology", "LeaseTestSupport"],
      "MCTPWorld": [
        "MCTPWire", "MCTPFraming", "MCTPEngine", "MCTPEndpoint", "MCTPSimulation",
        "MCTPNeighbours", "LeaseStore", "Topology",
      ],
      "BusIO": ["MCTPWire", "MCTPFraming", "CLinuxBus"], "Topology": ["MCTPWire"],
      "AdminProtocol": ["MCTPWire"], "RouterControl": ["AdminProtocol", "router-ctl"],
      "RouterDaemon": [
        "MCTPWire", "MCTPFraming", "MCTPEngine", "MCTPEndpoint", "MCTPSimulation", "BusIO",
        "Topology", "LeaseStore", "LeaseTestSupport", "AdminProtocol", "CLinuxBus", "mctp-router",
        "router-ctl",
      ],
    ]),
  swiftLanguageModes: [.v6]
)

func testTargets(_ dependencies: KeyValuePairs<String, [String]>) -> [Target] {
  dependencies.map { name, others in
    .testTarget(
      name: name + "Tests",
      dependencies: ([name, "TestSupport"] + others).map { .byName(name: $0) },
      swiftSettings: tests)
  }
}
