import NASKernelInterface

/// A gradient-descent rule, one parameter to a lane: one file each, plus one line in `withOptimizer`.
///
/// Formulas and defaults are those of `torch.optim`; so is the order of rounding, as far as float32
/// allows.
protocol Optimizer {
    /// The name in architectures; PyTorch's class name.
    static var name: StaticString { get }

    /// Moments kept per parameter with these settings, at most 2.
    static func moments(_ settings: OptimizerSettings) -> Int

    /// The rule of step number `step`, counted from 1.
    init(_ settings: OptimizerSettings, step: Int)

    /// The moved parameter; moments that are not kept are zero.
    func moved(_ p: Vector, _ g: Vector, _ first: inout Vector, _ second: inout Vector) -> Vector
}

/// Something to be done with one optimizer, whichever it is.
protocol OptimizerUser {
    associatedtype Result
    func use<O: Optimizer>(_: O.Type) -> Result
}

/// Hands optimizer number `index` to `user`; nil beyond the last. A new optimizer is a line here.
@inline(__always)
func withOptimizer<User: OptimizerUser>(_ index: Int, _ user: User) -> User.Result? {
    switch index {
    case 0: user.use(Adam.self)
    case 1: user.use(SGD.self)
    case 2: user.use(RMSprop.self)
    case 3: user.use(AdamW.self)
    default: nil
    }
}

struct NameOfOptimizer: OptimizerUser {
    func use<O: Optimizer>(_: O.Type) -> StaticString { O.name }
}

struct MomentsOfOptimizer: OptimizerUser {
    let settings: OptimizerSettings
    func use<O: Optimizer>(_: O.Type) -> Int { O.moments(settings) }
}

/// One step over `count` parameters, reading and writing each array once.
struct OptimizerPass: OptimizerUser {
    let settings: OptimizerSettings
    let parameters: UnsafeMutablePointer<Float>
    let gradients: UnsafePointer<Float>
    let moments: UnsafeMutablePointer<Float>
    let stride: Int
    let count: Int
    let step: Int

    @inline(never)
    func use<O: Optimizer>(_: O.Type) {
        let rule = O(settings, step: step)
        switch O.moments(settings) {
        case 0: run(rule, 0)
        case 1: run(rule, 1)
        default: run(rule, 2)
        }
    }

    @inline(__always)
    private func run(_ rule: some Optimizer, _ kept: Int) {
        var offset = 0
        while offset < count {
            var first = kept > 0 ? load(moments + offset) : Vector()
            var second = kept > 1 ? load(moments + (stride &+ offset)) : Vector()
            let p = rule.moved(
                load(parameters + offset), load(gradients + offset), &first, &second)
            if kept > 0 { store(first, moments + offset) }
            if kept > 1 { store(second, moments + (stride &+ offset)) }
            store(p, parameters + offset)
            offset = offset &+ Vector.scalarCount
        }
    }
}
