/// A network with parameters: what a training leaves behind.
public final class Model: Sendable {
    /// Name and shape of one parameter, as in PyTorch's `state_dict`.
    public struct Parameter: Sendable, Equatable {
        /// As in the `nn.Sequential` of linear, activation and dropout modules: `0.weight`, and
        /// `0.linear.weight` in a layer with a skip connection.
        public let name: String
        /// `(out, in)` for weights, `(out,)` for biases.
        public let shape: [Int]
    }

    public let candidate: Candidate
    /// Row-major values of ``parameters``.
    private let values: [[Float]]

    /// - Parameter values: one row-major array per entry of ``parameters``.
    public init(candidate: Candidate, values: [[Float]]) throws(EngineError) {
        self.candidate = candidate
        self.values = values
        let expected = parameters
        try require(
            values.count == expected.count,
            "weights must have \(expected.count) arrays, got \(values.count)")
        for (parameter, array) in zip(expected, values) {
            let count = parameter.shape.reduce(1, *)
            try require(
                array.count == count,
                "weights must have \(count) values for '\(parameter.name)', got \(array.count)")
        }
    }

    /// Names and shapes of all parameters, in PyTorch's order.
    public var parameters: [Parameter] {
        candidate.network.parameters.map { Parameter(name: $0.name, shape: $0.tensor.shape) }
    }

    /// Copies parameter number `index` to `target`, which has room for its shape.
    public func read(_ index: Int, into target: UnsafeMutablePointer<Float>) {
        values[index].withUnsafeBufferPointer {
            if let source = $0.baseAddress { target.update(from: source, count: $0.count) }
        }
    }

    /// Writes the predictions for `inputs`, `(rows, outputWidth)` row-major, to `outputs`; only some of them
    /// if it is cancelled.
    public func predict(
        _ inputs: Matrix, into outputs: UnsafeMutablePointer<Float>,
        cancellation: Cancellation? = nil
    ) throws(EngineError) {
        try require(
            inputs.columns == candidate.inputWidth,
            "\(inputs.name) must have \(candidate.inputWidth) columns, got \(inputs.columns)")
        let plan = try TrainingPlan(candidate.network, rows: inputs.rows, purpose: .prediction)
        try plan.importParameters(values)
        plan.predict(
            inputs.base, rows: inputs.rows, into: outputs, cancellation: cancellation)
    }
}
