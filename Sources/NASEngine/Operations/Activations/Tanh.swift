/// The hyperbolic tangent.
enum Tanh: ActivationFunction {
    static let name = "Tanh"
    static let derivativeReadsInput = false

    @inline(__always)
    static func value(_ x: Kernels.Vector) -> Kernels.Vector {
        Kernels.tanh(x)
    }

    @inline(__always)
    static func derivative(_ saved: Kernels.Vector) -> Kernels.Vector {
        1 - saved * saved
    }
}
