// swift-tools-version: 6.2
import PackageDescription

// The core and its tests alone, for the copy that `tools/mutate/run` makes: less to build, and no
// dependency to fetch. It builds there only; the settings are the product's.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableExperimentalFeature("Lifetimes"),
]

let core: KeyValuePairs<String, [Target.Dependency]> = [
  "MCTPWire": [],
  "MCTPFraming": ["MCTPWire"],
  "MCTPEngine": ["MCTPWire"],
  "MCTPEndpoint": ["MCTPWire"],
  "MCTPSimulation": ["MCTPWire", "MCTPFraming", "MCTPEngine", "MCTPEndpoint"],
]
let support: Target = .target(
  name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict)

let package = Package(
  name: "mutants",
  targets: [support]
    + core.map { name, others in
      .target(name: name, dependencies: others, swiftSettings: strict)
    }
    + core.map { name, _ in
      .testTarget(
        name: name + "Tests",
        dependencies: [
          "TestSupport", "MCTPWire", "MCTPFraming", "MCTPEngine", "MCTPEndpoint", "MCTPSimulation",
        ],
        swiftSettings: strict)
    },
  swiftLanguageModes: [.v6]
)
