/// A gradient-descent rule over a flat run of parameters: one file each, plus one line in
/// ``OptimizerRegistry``.
///
/// Formulas and defaults are those of `torch.optim`; so is the order of rounding, as far as float32
/// allows.
protocol Optimizer: Sendable {
    /// The name in architectures; PyTorch's class name.
    static var name: String { get }

    /// Moments kept per parameter.
    static var stateCount: Int { get }

    init(_ settings: OptimizerSettings)

    /// Moves `count` parameters, a multiple of 16, by one step.
    /// - Parameters:
    ///   - moments: ``stateCount`` runs of `count` floats, zero before the first step.
    ///   - step: 1 for the first.
    func update(
        _ parameters: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
        moments: UnsafeMutablePointer<Float>, count: Int, step: Int)
}

/// The settings of an architecture that its optimizer may use; nil means the optimizer's own default.
public struct OptimizerSettings: Sendable, Hashable {
    public var learningRate: Double
    /// Used by SGD and RMSprop.
    public var momentum: Double?
    public var weightDecay: Double?

    public init(learningRate: Double, momentum: Double? = nil, weightDecay: Double? = nil) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
    }
}

/// Every optimizer; a new one is its file and a line here.
public enum OptimizerRegistry {
    static let all: [any Optimizer.Type] = [
        Adam.self,
        SGD.self,
        RMSprop.self,
        AdamW.self,
    ]

    /// The names that architectures may use.
    public static let names = all.map { $0.name }

    static func optimizer(named name: String) throws(EngineError) -> any Optimizer.Type {
        guard let optimizer = all.first(where: { $0.name == name }) else {
            let known = names.map { "'\($0)'" }.joined(separator: ", ")
            throw .invalidArgument("optimizer must be one of \(known), got '\(name)'")
        }
        return optimizer
    }
}
