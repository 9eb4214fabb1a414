import NASKernelInterface

/// An optimizer at work on one run of a plan's parameters.
final class OptimizerState {
    private let rule: OptimizerRule
    private let settings: OptimizerSettings
    private let moments: Arena
    private let count: Int
    private let range: Range<Int>
    private let kernels = InstructionSet.current.kernels
    private var step = 0

    /// - Parameter range: the parameters that it moves, in floats of ``TrainingPlan/parameters``.
    init(
        _ rule: OptimizerRule, _ settings: OptimizerSettings, range: Range<Int>
    ) throws(EngineError) {
        self.rule = rule
        self.settings = settings
        count = rule.moments(settings) * range.count
        moments = try Arena(floats: count, zeroed: count)
        self.range = range
    }

    /// Moves the parameters by one step along the plan's gradients.
    func update(_ plan: TrainingPlan) {
        step += 1
        plan.onEveryLane(.optimizer(TrainingPlan.OptimizerStep(optimizer: self)))
    }

    /// The share of ``update(_:)`` that one of several lanes does.
    func update(_ plan: TrainingPlan, share: Share) {
        let (start, end) = share.range(of: range.count / Panels.width)
        let (first, count) = (start * Panels.width, (end - start) * Panels.width)
        kernels.update(
            rule.index, settings, plan.parameters + range.lowerBound + first,
            plan.gradients + range.lowerBound + first, moments: moments.base + first,
            stride: range.count, count: count, step: step)
    }

    /// What the optimizer remembers, to go on from over another plan of the same network.
    struct Memory: Sendable {
        let step: Int
        let moments: [Float]
    }

    var memory: Memory {
        Memory(step: step, moments: Array(UnsafeBufferPointer(start: moments.base, count: count)))
    }

    /// Takes back what ``memory`` gave, for the same rule, settings and range.
    func restore(_ memory: Memory) {
        step = memory.step
        memory.moments.withUnsafeBufferPointer {
            if let source = $0.baseAddress { moments.base.update(from: source, count: count) }
        }
    }
}
