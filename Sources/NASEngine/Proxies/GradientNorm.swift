/// ‖∂L/∂θ‖₂ at the initial weights θ: one pass over the batch, dropout off.
enum GradientNorm: Proxy {
    static let name = "gradient_norm"
    static let summary =
        "Euclidean norm of the loss gradient at the initial weights "
        + "(Abdelfattah et al., ICLR 2021)."
    static let isLargerBetter = true

    static func score(_ untrained: UntrainedCandidate) throws(EngineError) -> Double {
        let plan = try untrained.plan(untrained.candidate.network)
        guard
            plan.gradient(
                untrained.batch, untrained.loss, dropout: nil,
                cancellation: untrained.cancellation) != nil
        else { return .nan }
        let gradients = plan.gradients
        var sum = 0.0
        // Columns beyond a tensor's own are zero.
        for index in 0..<plan.layout.parameterCount {
            let gradient = Double(gradients[index])
            sum += gradient * gradient
        }
        return sum.squareRoot()
    }
}
