import NASKernelInterface

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Adam (Kingma and Ba, ICLR 2015): β 0.9 and 0.999, ε 1e-8; weight decay is added to the gradient.
struct Adam: Optimizer {
    static var name: StaticString { "Adam" }
    static func moments(_ settings: OptimizerSettings) -> Int { 2 }

    private let stepSize: Float
    /// 1 / √(1 − β₂ᵗ).
    private let correction: Float
    private let shrink: Float
    private let decay: Float

    init(_ settings: OptimizerSettings, step: Int) {
        self.init(settings, step: step, decay: settings.weightDecay ?? 0, decoupled: false)
    }

    /// - Parameter decoupled: whether the decay shrinks the parameters instead of joining the gradient,
    ///   see ``AdamW``.
    init(_ settings: OptimizerSettings, step: Int, decay: Double, decoupled: Bool) {
        stepSize = Float(settings.learningRate / (1 - pow(0.9, Double(step))))
        correction = Float(1 / (1 - pow(0.999, Double(step))).squareRoot())
        shrink = decoupled ? Float(1 - settings.learningRate * decay) : 1
        self.decay = decoupled ? 0 : Float(decay)
    }

    @inline(__always)
    func moved(_ p: Vector, _ g: Vector, _ first: inout Vector, _ second: inout Vector) -> Vector {
        let p = p * shrink
        let g = multiplyAdd(p, decay, g)
        first = multiplyAdd(g - first, Float(1 - 0.9), first)
        second = multiplyAdd(g * g, Float(1 - 0.999), second * 0.999)
        let denominator = multiplyAdd(second.squareRoot(), correction, Vector(repeating: 1e-8))
        return p - stepSize * (first / denominator)
    }
}
