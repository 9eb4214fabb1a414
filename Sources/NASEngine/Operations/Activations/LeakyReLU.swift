/// x where positive, x / 100 elsewhere: PyTorch's default slope.
enum LeakyReLU: ActivationFunction {
    static let name = "LeakyReLU"
    static let derivativeReadsInput = false

    @inline(__always)
    static func value(_ x: Kernels.Vector) -> Kernels.Vector {
        (x * 0.01).replacing(with: x, where: x .> 0)
    }

    @inline(__always)
    static func derivative(_ saved: Kernels.Vector) -> Kernels.Vector {
        Kernels.Vector(repeating: 0.01).replacing(with: 1, where: saved .> 0)
    }
}
