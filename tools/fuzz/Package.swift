// swift-tools-version: 6.2
import PackageDescription

// Fuzzes what reads bytes of others. A package of its own, so that nothing of it reaches the
// product; `run` builds and runs it, with libFuzzer in every module.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableExperimentalFeature("Lifetimes"),
]

/// libFuzzer brings `main`.
let fuzzer: [SwiftSetting] = strict + [.unsafeFlags(["-parse-as-library"])]

func fuzzTarget(_ name: String, _ modules: [String]) -> Target {
  .executableTarget(
    name: name,
    dependencies: ["Fuzzing"] + modules.map { .product(name: $0, package: "mctp-router") },
    swiftSettings: fuzzer)
}

let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "mctp-router", path: "../..")],
  targets: [
    .target(name: "Fuzzing", swiftSettings: strict),
    fuzzTarget("fuzz-smbus", ["MCTPFraming", "MCTPWire"]),
    fuzzTarget("fuzz-i3c", ["MCTPFraming"]),
    fuzzTarget("fuzz-usb", ["MCTPFraming"]),
    fuzzTarget("fuzz-serial", ["MCTPFraming", "MCTPWire"]),
    fuzzTarget("fuzz-control", ["MCTPWire"]),
    fuzzTarget("fuzz-decode", ["MCTPDecode", "MCTPWire"]),
    fuzzTarget("fuzz-topology", ["Topology"]),
    fuzzTarget("fuzz-scenario", ["MCTPWire", "MCTPWorld"]),
    fuzzTarget("fuzz-admin", ["AdminProtocol"]),
    fuzzTarget("fuzz-endpoint", ["MCTPEndpoint", "MCTPWire"]),
    fuzzTarget("fuzz-engine", ["MCTPEngine", "MCTPWire"]),
    // Traps on purpose: proves that `run` finds and notices.
    fuzzTarget("fuzz-canary", []),
  ],
  swiftLanguageModes: [.v6]
)
