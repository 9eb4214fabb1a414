/// Adam with decoupled weight decay, 0.01 by default (Loshchilov and Hutter, ICLR 2019).
struct AdamW: Optimizer {
    static let name = "AdamW"
    static let stateCount = Adam.stateCount

    private let adam: Adam

    init(_ settings: OptimizerSettings) {
        adam = Adam(
            learningRate: settings.learningRate, weightDecay: settings.weightDecay ?? 0.01,
            decoupled: true)
    }

    func update(
        _ parameters: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
        moments: UnsafeMutablePointer<Float>, count: Int, step: Int
    ) {
        adam.update(parameters, gradients, moments: moments, count: count, step: step)
    }
}
