/// An optimizer at work on one run of a plan's parameters.
final class OptimizerState {
    private let optimizer: any Optimizer
    private let moments: Arena
    private let range: Range<Int>
    private var step = 0

    /// - Parameter range: the parameters that it moves, in floats of ``TrainingPlan/parameters``.
    init(
        _ type: any Optimizer.Type, _ settings: OptimizerSettings, range: Range<Int>
    ) throws(EngineError) {
        optimizer = type.init(settings)
        moments = try Arena(floats: type.stateCount * range.count)
        self.range = range
    }

    /// Moves the parameters by one step along the plan's gradients.
    func update(_ plan: TrainingPlan) {
        step += 1
        optimizer.update(
            plan.parameters + range.lowerBound, plan.gradients + range.lowerBound,
            moments: moments.base, count: range.count, step: step)
    }
}
