import NASKernelInterface

/// Adam with decoupled weight decay, 0.01 by default (Loshchilov and Hutter, ICLR 2019).
struct AdamW: Optimizer {
    static var name: StaticString { "AdamW" }
    static func moments(_ settings: OptimizerSettings) -> Int { Adam.moments(settings) }

    private let adam: Adam

    init(_ settings: OptimizerSettings, step: Int) {
        adam = Adam(settings, step: step, decay: settings.weightDecay ?? 0.01, decoupled: true)
    }

    @inline(__always)
    func moved(_ p: Vector, _ g: Vector, _ first: inout Vector, _ second: inout Vector) -> Vector {
        adam.moved(p, g, &first, &second)
    }
}
