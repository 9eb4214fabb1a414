/// max(0, x).
enum ReLU: ActivationFunction {
    static let name = "ReLU"
    static let derivativeReadsInput = false

    @inline(__always)
    static func value(_ x: Kernels.Vector) -> Kernels.Vector {
        x.replacing(with: 0, where: x .< 0)
    }

    @inline(__always)
    static func derivative(_ saved: Kernels.Vector) -> Kernels.Vector {
        Kernels.Vector(repeating: 0).replacing(with: 1, where: saved .> 0)
    }
}
