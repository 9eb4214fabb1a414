#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// log Σ|θ·∂R/∂θ|, R being the sum of the outputs for a row of ones, through the absolute values of the weights and
/// without activations and dropout: how much flows through the network at all.
///
/// All parameters θ count, biases too; data are not looked at. Computed in float64 with an exponent
/// of its own for every node, so that no depth overflows.
enum SynFlow: Proxy {
    static let name = "synflow"
    static let summary =
        "Logarithm of the synaptic flow through the absolute weights (Tanaka et al., NeurIPS 2020)."
    static let isLargerBetter = true

    static func score(_ untrained: UntrainedCandidate) throws(EngineError) -> Double {
        let network = untrained.candidate.network
        // Each node's output and gradient in float64, beside the weights.
        let numbers = network.nodes.reduce(0) { $0 + $1.shape.elementCount }
        try Machine.checkMemory(
            network.parameterCount * MemoryLayout<Float>.stride
                + 2 * numbers * MemoryLayout<Double>.stride)
        return try score(
            network, weights: untrained.weights(), cancellation: untrained.cancellation)
    }

    /// - Parameter weights: one array per tensor, row-major, in the network's order.
    static func score(
        _ network: Network, weights: [[Float]], cancellation: Cancellation? = nil
    ) throws(EngineError) -> Double {
        var operations: [any FlowOperation] = []
        for node in network.nodes {
            guard let operation = node.operation as? any FlowOperation else {
                throw .invalidArgument(
                    "architecture must be one of layers that synflow knows, "
                        + "got \(type(of: node.operation))")
            }
            operations.append(operation)
        }
        var rest = weights[...]
        let parameters = network.nodes.map { node in
            node.parameters.map { _ in rest.removeFirst() }
        }

        var values: [ScaledVector] = []
        for (index, node) in network.nodes.enumerated() {
            if cancellation?.isCancelled == true { return .nan }
            values.append(
                operations[index].flow(node.inputs.map { values[$0] }, parameters[index]))
        }
        var gradients = [[ScaledVector]](repeating: [], count: values.count)
        gradients[values.count - 1] = [
            ScaledVector([Double](repeating: 1, count: network.outputWidth))
        ]
        var flows: [ScaledVector] = []
        for (index, node) in network.nodes.enumerated().reversed() where !gradients[index].isEmpty {
            if cancellation?.isCancelled == true { return .nan }
            let gradient = ScaledVector.sum(gradients[index])
            // Euler's theorem: outputs are proportional to the node's parameters together, so that their
            // Σ θ·∂R/∂θ is ⟨∂R/∂y, y⟩. Nothing is negative.
            if !node.parameters.isEmpty { flows.append(gradient.dot(values[index])) }
            let passed = operations[index].flowBack(
                gradient, inputs: network.inputShapes(of: node), parameters[index])
            for (input, share) in zip(node.inputs, passed) { gradients[input].append(share) }
            gradients[index] = []
        }
        guard !flows.isEmpty else { return -.infinity }
        let total = ScaledVector.sum(flows)
        return log(total.values[0]) + Double(total.exponent) * log(2)
    }
}
