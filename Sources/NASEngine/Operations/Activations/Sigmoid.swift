/// 1 / (1 + e⁻ˣ).
enum Sigmoid: ActivationFunction {
    static let name = "Sigmoid"
    static let derivativeReadsInput = false

    @inline(__always)
    static func value(_ x: Kernels.Vector) -> Kernels.Vector {
        Kernels.sigmoid(x)
    }

    @inline(__always)
    static func derivative(_ saved: Kernels.Vector) -> Kernels.Vector {
        saved * (1 - saved)
    }
}
