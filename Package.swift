// swift-tools-version: 6.2
import PackageDescription

/// The kernels compiled for one instruction set; all from `Sources/NASKernels/Shared`.
///
/// Optimised in debug builds too, so that tests of the engine stay fast.
func kernels(_ name: String, _ flags: [String]) -> Target {
    .target(
        name: "NASKernels\(name)", dependencies: ["NASKernelInterface", "NASIntrinsics"],
        path: "Sources/NASKernels/\(name)",
        swiftSettings: [.unsafeFlags(["-O", "-Xcc", "-fno-math-errno"] + flags)])
}

#if arch(x86_64)
    let avx2 = ["-DNAS_FMA", "-Xcc", "-mavx2", "-Xcc", "-mfma"]
    let avx512 = [
        "-DNAS_FMA", "-DNAS_AVX512", "-Xcc", "-march=x86-64-v4", "-Xcc", "-mprefer-vector-width=512",
    ]
#else
    let avx2: [String] = []
    let avx512: [String] = []
#endif

// The engine knows nothing of Python; the extension wraps it; `CNASEngine` is the header of the C ABI.
let package = Package(
    name: "swiftnas",
    products: [
        .library(name: "NASEngine", type: .dynamic, targets: ["NASEngine"]),
        .library(name: "NASPyModule", type: .dynamic, targets: ["NASPyModule"]),
    ],
    targets: [
        .target(name: "CNASEngine"),
        .target(name: "CMachine"),
        .target(name: "CPython"),
        .target(name: "NASKernelInterface", path: "Sources/NASKernels/Interface"),
        .target(name: "NASIntrinsics", path: "Sources/NASKernels/Intrinsics"),
        kernels("Baseline", []),
        kernels("AVX2", avx2),
        kernels("AVX512", avx512),
        .target(
            name: "NASEngine",
            dependencies: [
                "CNASEngine", "CMachine", "NASKernelInterface", "NASKernelsBaseline",
                "NASKernelsAVX2", "NASKernelsAVX512",
            ]),
        .target(
            name: "NASPyModule", dependencies: ["NASEngine", "CPython"], exclude: ["exports.map"]),
        .testTarget(name: "NASEngineTests", dependencies: ["NASEngine"]),
    ]
)
