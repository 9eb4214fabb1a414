import NASKernelInterface

/// Stochastic gradient descent, with momentum 0 and weight decay 0 by default.
///
/// Momentum in PyTorch's form: the buffer is `momentum` · buffer + gradient and starts as the gradient.
struct SGD: Optimizer {
    static var name: StaticString { "SGD" }
    static func moments(_ settings: OptimizerSettings) -> Int { settings.momentum ?? 0 == 0 ? 0 : 1 }

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
        first = multiplyAdd(first, momentum, multiplyAdd(p, decay, g))
        return p - rate * first
    }
}
