import NASKernelInterface

/// An element-wise function of the kernels.
struct ActivationFunction: Sendable, Hashable {
    /// Its number in the kernels.
    let index: Int
    /// PyTorch's class name where there is one.
    let name: String
    /// Whether the derivative is computed from the function's input; from its output otherwise.
    let derivativeReadsInput: Bool
    /// Whether about half of its outputs are zero.
    let makesZeros: Bool
}

/// Every activation function that the kernels have.
public enum ActivationRegistry {
    static let all: [ActivationFunction] = {
        let kernels = InstructionSet.current.kernels
        return (0...).lazy.map { ($0, kernels.activationName($0)) }.prefix { $0.1 != nil }.map {
            ActivationFunction(
                index: $0.0, name: $0.1?.description ?? "",
                derivativeReadsInput: kernels.derivativeReadsInput($0.0),
                makesZeros: kernels.makesZeros($0.0))
        }
    }()

    /// The names that architectures may use.
    public static let names = all.map(\.name)

    /// x itself.
    static let identity: ActivationFunction = {
        guard let identity = all.first(where: { $0.name == "Identity" }) else {
            preconditionFailure("the kernels have no identity")
        }
        return identity
    }()

    static func function(named name: String) throws(EngineError) -> ActivationFunction {
        guard let function = all.first(where: { $0.name == name }) else {
            let known = names.map { "'\($0)'" }.joined(separator: ", ")
            throw .invalidArgument("activation_function must be one of \(known), got '\(name)'")
        }
        return function
    }
}

/// A gradient-descent rule of the kernels.
struct OptimizerRule: Sendable, Hashable {
    /// Its number in the kernels.
    let index: Int
    /// PyTorch's class name.
    let name: String

    /// Moments kept per parameter.
    func moments(_ settings: OptimizerSettings) -> Int {
        InstructionSet.current.kernels.optimizerMoments(index, settings)
    }
}

/// Every optimizer that the kernels have.
public enum OptimizerRegistry {
    static let all: [OptimizerRule] = {
        let kernels = InstructionSet.current.kernels
        return (0...).lazy.map { ($0, kernels.optimizerName($0)) }.prefix { $0.1 != nil }.map {
            OptimizerRule(index: $0.0, name: $0.1?.description ?? "")
        }
    }()

    /// The names that architectures may use.
    public static let names = all.map(\.name)

    static func optimizer(named name: String) throws(EngineError) -> OptimizerRule {
        guard let optimizer = all.first(where: { $0.name == name }) else {
            let known = names.map { "'\($0)'" }.joined(separator: ", ")
            throw .invalidArgument("optimizer must be one of \(known), got '\(name)'")
        }
        return optimizer
    }
}
