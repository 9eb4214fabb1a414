/// x itself.
enum Identity: ActivationFunction {
    static let name = "Identity"
    static let derivativeReadsInput = false

    @inline(__always)
    static func value(_ x: Kernels.Vector) -> Kernels.Vector {
        x
    }

    @inline(__always)
    static func derivative(_ saved: Kernels.Vector) -> Kernels.Vector {
        Kernels.Vector(repeating: 1)
    }
}
