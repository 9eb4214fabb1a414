import NASKernelInterface

/// RMSprop (Hinton 2012, lecture 6e): α 0.99, ε 1e-8 outside the root, not centred.
///
/// Momentum is 0 by default; otherwise PyTorch's buffer of preconditioned gradients is used.
struct RMSprop: Optimizer {
    static var name: StaticString { "RMSprop" }
    static func moments(_ settings: OptimizerSettings) -> Int { settings.momentum ?? 0 == 0 ? 1 : 2 }

    private let rate: Float
    private let momentum: Float
    private let decay: Float

    init(_ settings: OptimizerSettings, step: Int) {
        rate = Float(settings.learningRate)
        momentum = Float(settings.momentum ?? 0)
        decay = Float(settings.weightDecay ?? 0)
    }

    @inline(__always)
    func moved(_ p: Vector, _ g: Vector, _ first: inout Vector, _ second: inout Vector) -> Vector {
        let g = multiplyAdd(p, decay, g)
        first = multiplyAdd(g * g, Float(1 - 0.99), first * 0.99)
        second = multiplyAdd(second, momentum, g / (first.squareRoot() + 1e-8))
        return p - rate * second
    }
}
