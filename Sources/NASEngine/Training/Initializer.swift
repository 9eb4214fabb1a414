/// How a network's weights begin.
public enum Initializer: String, CaseIterable, Sendable {
    /// Weights and biases uniform in ±1/√inputs: PyTorch's `nn.Linear`.
    case torchDefault = "Default"
    /// Weights uniform in ±√(6 / (inputs + outputs)), biases 0 (Glorot and Bengio 2010).
    case xavierUniform = "XavierUniform"
    /// Weights normal with variance 2 / (inputs + outputs), biases 0 (Glorot and Bengio 2010).
    case xavierNormal = "XavierNormal"
    /// Weights uniform in ±√(6 / inputs), biases 0 (He et al. 2015).
    case kaimingUniform = "KaimingUniform"
    /// Weights normal with variance 2 / inputs, biases 0 (He et al. 2015).
    case kaimingNormal = "KaimingNormal"

    /// The names that architectures may use.
    public static let names = allCases.map(\.rawValue)

    enum Distribution: Equatable {
        case zero
        /// Uniform in ±limit.
        case uniform(limit: Double)
        case normal(deviation: Double)
    }

    /// The distribution of a tensor of the weights group.
    func distribution(for tensor: ParameterTensor) -> Distribution {
        let inputs = Double(tensor.fanIn)
        if self == .torchDefault { return .uniform(limit: 1 / inputs.squareRoot()) }
        guard tensor.shape.count == 2 else { return .zero }
        let both = inputs + Double(tensor.shape[0])
        return switch self {
        case .torchDefault, .xavierUniform: .uniform(limit: (6 / both).squareRoot())
        case .xavierNormal: .normal(deviation: (2 / both).squareRoot())
        case .kaimingUniform: .uniform(limit: (6 / inputs).squareRoot())
        case .kaimingNormal: .normal(deviation: (2 / inputs).squareRoot())
        }
    }
}
