/// How an operation passes synaptic flow on: weights by their absolute values, activations left out.
///
/// Every operation that candidates are made of conforms, see ``SynFlow``.
protocol FlowOperation: Operation {
    /// The output for one row.
    /// - Parameter parameters: the operation's tensors, row-major and of either sign.
    func flow(_ inputs: [ScaledVector], _ parameters: [[Float]]) -> ScaledVector

    /// The gradients of the inputs for the output's gradient.
    func flowBack(
        _ gradient: ScaledVector, inputs: [Shape], _ parameters: [[Float]]
    ) -> [ScaledVector]
}

/// Operations of one input that flow passes unchanged.
protocol TransparentOperation: FlowOperation {}

extension TransparentOperation {
    func flow(_ inputs: [ScaledVector], _ parameters: [[Float]]) -> ScaledVector { inputs[0] }

    func flowBack(
        _ gradient: ScaledVector, inputs: [Shape], _ parameters: [[Float]]
    ) -> [ScaledVector] { [gradient] }
}

extension Activation: TransparentOperation {}
extension Dropout: TransparentOperation {}

extension Input: FlowOperation {
    func flow(_ inputs: [ScaledVector], _ parameters: [[Float]]) -> ScaledVector {
        ScaledVector([Double](repeating: 1, count: width))
    }

    func flowBack(
        _ gradient: ScaledVector, inputs: [Shape], _ parameters: [[Float]]
    ) -> [ScaledVector] { [] }
}

extension Add: FlowOperation {
    func flow(_ inputs: [ScaledVector], _ parameters: [[Float]]) -> ScaledVector { .sum(inputs) }

    func flowBack(
        _ gradient: ScaledVector, inputs: [Shape], _ parameters: [[Float]]
    ) -> [ScaledVector] { inputs.map { _ in gradient } }
}

/// Operations that compute W·x, or W·x + b.
protocol AffineOperation: FlowOperation {}

extension AffineOperation {
    func flow(_ inputs: [ScaledVector], _ parameters: [[Float]]) -> ScaledVector {
        let (weight, x) = (parameters[0], inputs[0])
        let depth = x.values.count
        let product = (0..<weight.count / depth).map { unit in
            var sum = 0.0
            for k in 0..<depth { sum += Double(abs(weight[unit * depth + k])) * x.values[k] }
            return sum
        }
        let biases = parameters.dropFirst().map { ScaledVector($0.map { Double(abs($0)) }) }
        return .sum([ScaledVector(product, exponent: x.exponent)] + biases)
    }

    func flowBack(
        _ gradient: ScaledVector, inputs: [Shape], _ parameters: [[Float]]
    ) -> [ScaledVector] {
        let (weight, depth) = (parameters[0], inputs[0].elementCount)
        var result = [Double](repeating: 0, count: depth)
        for (unit, dy) in gradient.values.enumerated() {
            for k in 0..<depth { result[k] += dy * Double(abs(weight[unit * depth + k])) }
        }
        return [ScaledVector(result, exponent: gradient.exponent)]
    }
}

extension Linear: AffineOperation {}
extension LinearColumn: AffineOperation {}
