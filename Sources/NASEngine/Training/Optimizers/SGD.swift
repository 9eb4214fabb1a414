/// Stochastic gradient descent, with momentum 0 and weight decay 0 by default.
///
/// Momentum in PyTorch's form: the buffer is `momentum` · buffer + gradient and starts as the gradient.
struct SGD: Optimizer {
    static let name = "SGD"
    static let stateCount = 1

    let learningRate: Double
    let momentum: Double
    let weightDecay: Double

    init(_ settings: OptimizerSettings) {
        learningRate = settings.learningRate
        momentum = settings.momentum ?? 0
        weightDecay = settings.weightDecay ?? 0
    }

    func update(
        _ parameters: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
        moments: UnsafeMutablePointer<Float>, count: Int, step: Int
    ) {
        typealias Vector = Kernels.Vector
        let (rate, momentum, decay) = (Float(learningRate), Float(momentum), Float(weightDecay))
        for offset in stride(from: 0, to: count, by: Vector.scalarCount) {
            let p = Kernels.load(parameters + offset)
            var g = Kernels.load(gradients + offset) + decay * p
            if momentum != 0 {
                g += momentum * Kernels.load(moments + offset)
                Kernels.store(g, moments + offset)
            }
            Kernels.store(p - rate * g, parameters + offset)
        }
    }
}
