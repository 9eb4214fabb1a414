/// x where positive, eˣ − 1 elsewhere: α = 1 as in PyTorch (Clevert, Unterthiner, Hochreiter 2016).
enum ELU: ActivationFunction {
    static let name = "ELU"
    static let derivativeReadsInput = false

    @inline(__always)
    static func value(_ x: Kernels.Vector) -> Kernels.Vector {
        Kernels.expMinusOne(x.replacing(with: 0, where: x .> 0)).replacing(with: x, where: x .> 0)
    }

    @inline(__always)
    static func derivative(_ saved: Kernels.Vector) -> Kernels.Vector {
        (saved + 1).replacing(with: 1, where: saved .> 0)
    }
}
