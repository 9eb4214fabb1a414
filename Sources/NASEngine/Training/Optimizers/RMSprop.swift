/// RMSprop (Hinton 2012, lecture 6e): α 0.99, ε 1e-8 outside the root, not centred.
///
/// Momentum is 0 by default; otherwise PyTorch's buffer of preconditioned gradients is used.
struct RMSprop: Optimizer {
    static let name = "RMSprop"
    static let stateCount = 2

    static let alpha = 0.99
    static let epsilon = 1e-8

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
        let (alpha, share) = (Float(Self.alpha), Float(1 - Self.alpha))
        let (squares, buffer) = (moments, moments + count)
        for offset in stride(from: 0, to: count, by: Vector.scalarCount) {
            let p = Kernels.load(parameters + offset)
            let g = Kernels.load(gradients + offset) + decay * p
            let square = Kernels.load(squares + offset) * alpha + g * g * share
            Kernels.store(square, squares + offset)
            var direction = g / (square.squareRoot() + Float(Self.epsilon))
            if momentum != 0 {
                direction += momentum * Kernels.load(buffer + offset)
                Kernels.store(direction, buffer + offset)
            }
            Kernels.store(p - rate * direction, parameters + offset)
        }
    }
}
