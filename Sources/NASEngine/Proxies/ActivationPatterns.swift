import NASKernelInterface

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How well the untrained network's activation patterns tell rows apart.
///
/// A row's code has a bit for each unit in front of an activation: whether the activation's input is positive.
/// K counts for two rows the units whose bits agree; the score is log|K|. The paper has ReLU only; the sign is
/// where all our activations bend, and those that do not (`Identity`) have no bits. With fewer units than
/// rows K is always singular, and then 1e-5 of the units added to its diagonal keep the score finite.
enum ActivationPatterns: Proxy {
    static let name = "naswot"
    static let summary =
        "Log-determinant of the agreement of the rows' activation patterns "
        + "(Mellor et al., ICML 2021)."
    static let isLargerBetter = true

    private static let k = 1e-5

    static func score(_ untrained: UntrainedCandidate) throws(EngineError) -> Double {
        let plan = try untrained.plan(untrained.candidate.network)
        let thresholds = plan.network.nodes.map { threshold(of: $0.operation) }
        var codes = [[UInt64]](repeating: [], count: untrained.batch.rows)
        var units = 0
        for (node, threshold) in zip(plan.network.nodes, thresholds) where threshold != nil {
            units += node.shape.elementCount
        }
        guard
            plan.forward(
                untrained.batch, cancellation: untrained.cancellation,
                { index, output, pass in
                    guard let threshold = thresholds[index] else { return }
                    let width = plan.network.nodes[index].shape.elementCount
                    for row in 0..<pass.rows {
                        codes[pass.firstRow + row] += code(
                            output + row * Panels.width, stride: pass.rows * Panels.width,
                            width: width, threshold: threshold)
                    }
                })
        else { return .nan }
        return score(codes, units: units)
    }

    /// The score of codes, one per row, that have `units` bits each.
    static func score(_ codes: [[UInt64]], units: Int) -> Double {
        // Nothing to tell rows apart by.
        guard units > 0 else { return -.infinity }
        // Divided by the units, so that the addition has one meaning for all sizes.
        let agreement = SymmetricMatrix(order: codes.count) { i, j in
            let different = zip(codes[i], codes[j]).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
            return 1 - Double(different) / Double(units)
        }
        guard let factor = agreement.factored(adding: k) else { return .nan }
        return factor.logDeterminant + Double(codes.count) * log(Double(units))
    }

    /// One row's bits of a node, 64 to a word, ones where the output is above the threshold.
    private static func code(
        _ output: UnsafePointer<Float>, stride: Int, width: Int, threshold: Float
    ) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (width + 63) / 64)
        for unit in 0..<width {
            let value = output[unit / Panels.width * stride + unit % Panels.width]
            if value > threshold { words[unit / 64] |= 1 << UInt64(unit % 64) }
        }
        return words
    }

    /// f(0) of the activation that the operation ends with; nil without one.
    private static func threshold(of operation: any Operation) -> Float? {
        let activation = operation as? Activation ?? (operation as? Linear)?.activation
        guard let function = activation?.function, function != ActivationRegistry.identity else {
            return nil
        }
        var zeros = [Float](repeating: 0, count: Panels.width)
        zeros.withUnsafeMutableBufferPointer {
            guard let base = $0.baseAddress else { return }
            InstructionSet.current.kernels.activate(
                ActivationSite(
                    activation: function.index, input: base, output: base, mask: nil, scale: 1),
                count: 1)
        }
        return zeros[0]
    }
}
