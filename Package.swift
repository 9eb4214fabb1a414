// swift-tools-version: 6.2
import PackageDescription

// The engine knows nothing of Python; the extension wraps it; `CNASEngine` is the header of the C ABI.
let package = Package(
    name: "swiftnas",
    products: [
        .library(name: "NASEngine", type: .dynamic, targets: ["NASEngine"]),
        .library(name: "NASPyModule", type: .dynamic, targets: ["NASPyModule"]),
    ],
    targets: [
        .target(name: "CNASEngine"),
        .target(name: "CPython"),
        .target(name: "NASEngine", dependencies: ["CNASEngine"]),
        .target(name: "NASPyModule", dependencies: ["NASEngine", "CPython"]),
        .testTarget(name: "NASEngineTests", dependencies: ["NASEngine"]),
    ]
)
