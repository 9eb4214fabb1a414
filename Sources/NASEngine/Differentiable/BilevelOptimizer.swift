import NASKernelInterface

/// The two optimizers of DARTS over one plan: weights by the training loss, α by the validation loss.
final class BilevelOptimizer {
    private let plan: TrainingPlan
    private let dataset: Dataset
    private let weights: OptimizerState
    private let alphas: OptimizerState
    private let order: Int
    private let unrolledRate: Float
    /// For order 2: the weights to come back to, the direction to probe, and the α gradient so far.
    private let saved: Arena?

    /// - Parameters:
    ///   - order: 1 or 2.
    ///   - unrolledRate: ξ of equation 7; used by order 2 only.
    init(
        _ plan: TrainingPlan, _ dataset: Dataset, order: Int, unrolledRate: Float,
        weights: OptimizerSettings, alphas: OptimizerSettings
    ) throws(EngineError) {
        self.plan = plan
        self.dataset = dataset
        self.order = order
        self.unrolledRate = unrolledRate
        let layout = plan.layout
        let adam = try OptimizerRegistry.optimizer(named: "Adam")
        self.weights = try OptimizerState(adam, weights, range: 0..<layout.weightCount)
        self.alphas = try OptimizerState(
            adam, alphas, range: layout.weightCount..<layout.parameterCount)
        saved = order == 2 ? try Arena(floats: layout.weightCount + layout.parameterCount, zeroed: 0) : nil
    }

    /// One step on the weights; returns the training loss before it, nil if cancelled.
    func stepWeights(_ cancellation: Cancellation?) -> Double? {
        guard let loss = gradient(dataset.train, cancellation) else { return nil }
        weights.update(plan)
        return loss
    }

    /// One step on α; returns the validation loss that its gradient was taken from, nil if cancelled.
    func stepAlphas(_ cancellation: Cancellation?) -> Double? {
        let loss =
            order == 2
            ? unrolledGradient(cancellation)
            : gradient(dataset.validation, wanted: .architecture, cancellation)
        guard let loss else { return nil }
        alphas.update(plan)
        return loss
    }

    private func gradient(
        _ batch: Batch, wanted: TrainingPlan.Gradients = .all, _ cancellation: Cancellation?
    ) -> Double? {
        plan.gradient(
            batch, dataset.loss, dropout: nil, wanted: wanted, cancellation: cancellation)
    }

    /// Puts the second-order gradient of α into the plan (Liu et al., equations 7 and 8):
    /// ∇α L_val(w′, α) − ξ · (∇α L_train(w⁺, α) − ∇α L_train(w⁻, α)) / 2ε with
    /// w′ = w − ξ ∇w L_train(w, α), w± = w ± ε v, v = ∇w′ L_val(w′, α) and ε = 0.01 / ‖v‖.
    func unrolledGradient(_ cancellation: Cancellation?) -> Double? {
        guard let saved else { return nil }
        let count = plan.layout.weightCount
        let alphaRange = count..<plan.layout.parameterCount
        let (w, old) = (plan.parameters, saved.base)
        let kept = saved.base + count
        old.update(from: w, count: count)
        defer { w.update(from: old, count: count) }

        guard gradient(dataset.train, cancellation) != nil else { return nil }
        for i in 0..<count { w[i] = old[i] - unrolledRate * plan.gradients[i] }
        guard let loss = gradient(dataset.validation, cancellation) else { return nil }
        kept.update(from: plan.gradients, count: plan.layout.parameterCount)

        var square = 0.0
        for i in 0..<count { square += Double(kept[i]) * Double(kept[i]) }
        guard square > 0, unrolledRate > 0 else { return loss }
        let epsilon = Float(0.01 / square.squareRoot())
        let scale = unrolledRate / (2 * epsilon)
        for sign: Float in [1, -1] {
            for i in 0..<count { w[i] = old[i] + sign * epsilon * kept[i] }
            guard gradient(dataset.train, wanted: .architecture, cancellation) != nil else { return nil }
            for i in alphaRange { kept[i] -= sign * scale * plan.gradients[i] }
        }
        plan.gradients.update(from: kept, count: plan.layout.parameterCount)
        return loss
    }
}
