// swift-tools-version: 6.2
import PackageDescription

// Traffic and simulated networks for people. A package of its own, so that what it depends on
// stays out of the product's graph.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableExperimentalFeature("Lifetimes"),
]

/// Modules of the router.
func router(_ names: String...) -> [Target.Dependency] {
  names.map { .product(name: $0, package: "mctp-router") }
}

let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "simulator",
  dependencies: [
    .package(name: "mctp-router", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Percentiles of latencies, bounded in memory and error whatever their number.
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    // Runs of the simulated world: tools/sim. What is hot is in the router's own modules; Swift
    // 6.3.1's optimiser makes a broken `swifterror` of this one and stops.
    .executableTarget(
      name: "sim", dependencies: [arguments] + router("MCTPWire", "MCTPWorld"),
      swiftSettings: strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]),
    // The traffic generator on real lines and pseudo-terminals: tools/load, tools/soak.
    .executableTarget(
      name: "load",
      dependencies: ["LatencyReport", arguments]
        + router("MCTPWire", "MCTPFraming", "MCTPEndpoint", "MCTPSimulation", "BusIO"),
      swiftSettings: strict),
    // Latencies in, percentiles out.
    .target(
      name: "LatencyReport",
      dependencies: [.product(name: "Histogram", package: "hdrhistogram-swift")],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
