// swift-tools-version: 6.2
import PackageDescription

// Measures the packet path. A package of its own, so that nothing of it reaches the product.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
  name: "bench",
  dependencies: [.package(name: "mctp-router", path: "../..")],
  targets: [
    .executableTarget(
      name: "forward-bench",
      dependencies: [
        .product(name: "MCTPWire", package: "mctp-router"),
        .product(name: "MCTPFraming", package: "mctp-router"),
        .product(name: "MCTPEngine", package: "mctp-router"),
        "AllocationCount",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "line-bench",
      dependencies: [
        .product(name: "MCTPWire", package: "mctp-router"),
        .product(name: "MCTPFraming", package: "mctp-router"),
        "PseudoTerminalShim",
      ],
      swiftSettings: strict),
    .target(name: "PseudoTerminalShim"),
    // The yardstick of line-bench: copies bytes between two lines, in C, with poll.
    .executableTarget(name: "line-copier"),
    // Counts calls of the C allocator in the process that links it.
    .target(name: "AllocationCount"),
  ],
  swiftLanguageModes: [.v6]
)
