#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Adam (Kingma and Ba, ICLR 2015): β 0.9 and 0.999, ε 1e-8; weight decay is added to the gradient.
struct Adam: Optimizer {
    static let name = "Adam"
    static let stateCount = 2

    static let beta1 = 0.9
    static let beta2 = 0.999
    static let epsilon = 1e-8

    let learningRate: Double
    let weightDecay: Double
    /// Whether the decay shrinks the parameters instead of joining the gradient, see ``AdamW``.
    let decoupled: Bool

    init(_ settings: OptimizerSettings) {
        self.init(
            learningRate: settings.learningRate, weightDecay: settings.weightDecay ?? 0,
            decoupled: false)
    }

    init(learningRate: Double, weightDecay: Double, decoupled: Bool) {
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.decoupled = decoupled
    }

    func update(
        _ parameters: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
        moments: UnsafeMutablePointer<Float>, count: Int, step: Int
    ) {
        typealias Vector = Kernels.Vector
        let stepSize = Float(learningRate / (1 - pow(Self.beta1, Double(step))))
        let correction = Float((1 - pow(Self.beta2, Double(step))).squareRoot())
        let shrink = decoupled ? Float(1 - learningRate * weightDecay) : 1
        let decay = decoupled ? 0 : Float(weightDecay)
        let (rate1, beta2) = (Float(1 - Self.beta1), Float(Self.beta2))
        let (rate2, epsilon) = (Float(1 - Self.beta2), Float(Self.epsilon))
        let (first, second) = (moments, moments + count)
        for offset in stride(from: 0, to: count, by: Vector.scalarCount) {
            let p = Kernels.load(parameters + offset) * shrink
            let g = Kernels.load(gradients + offset) + decay * p
            var m = Kernels.load(first + offset)
            m += (g - m) * rate1
            let v = Kernels.load(second + offset) * beta2 + g * g * rate2
            let denominator = v.squareRoot() / correction + epsilon
            Kernels.store(m, first + offset)
            Kernels.store(v, second + offset)
            Kernels.store(p - stepSize * (m / denominator), parameters + offset)
        }
    }
}
