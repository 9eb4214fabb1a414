import Synchronization

/// Plans of trainings that are over, for the next candidate whose network and rows are the same.
///
/// What a search tries next often has the shape of what it has tried: another learning rate or optimizer, an elite
/// once more, a trial that goes on. Its plan is then there, and its memory in the cache.
final class PlanPool: Sendable {
    static let shared = PlanPool(limit: 1 << 20)

    /// What a candidate's plan follows from.
    struct Key: Equatable {
        let layers: [Candidate.HiddenLayer]
        let inputWidth: Int
        let outputWidth: Int
        let rows: Int

        init(_ candidate: Candidate, rows: Int) {
            layers = candidate.hiddenLayers
            inputWidth = candidate.inputWidth
            outputWidth = candidate.outputWidth
            self.rows = rows
        }
    }

    private struct Idle: @unchecked Sendable {
        // Unchecked: a plan belongs to one training or to the pool, never to both.
        let plan: TrainingPlan
    }

    private let limit: Int

    /// The one used last is the last.
    private let plans = Mutex<[Idle]>([])

    /// - Parameter limit: bytes that idle plans may take together; the one used last may take more, alone. Those
    ///   that are to be fast again should stay in the second cache.
    init(limit: Int) { self.limit = limit }

    /// A plan as new, with one lane; nil if there is none.
    ///
    /// The lock is never waited for: in a forked child, its holder may not exist.
    func take(_ key: Key) -> TrainingPlan? {
        let found = plans.withLockIfAvailable { plans -> TrainingPlan? in
            guard let index = plans.lastIndex(where: { $0.plan.poolKey == key }) else {
                // The memory of one too big to be kept beside others is worth more than the plan.
                trim(&plans, keeping: 0)
                return nil
            }
            return plans.remove(at: index).plan
        }
        guard let plan = found ?? nil else { return nil }
        plan.clear()
        return plan
    }

    /// Takes a plan that nobody will use any more, if it has a key; those with several lanes go, and with them
    /// their threads.
    func give(_ plan: TrainingPlan) {
        guard plan.poolKey != nil, plan.lanes.count == 1, plan.byteCount <= MemoryPool.limit else { return }
        plans.withLockIfAvailable { plans in
            plans.append(Idle(plan: plan))
            trim(&plans, keeping: 1)
        }
    }

    /// Forgets the plans that were used the longest time ago, until the others, or so many, are left.
    private func trim(_ plans: inout [Idle], keeping least: Int) {
        var bytes = plans.reduce(0) { $0 + $1.plan.byteCount }
        while bytes > limit, plans.count > least { bytes -= plans.removeFirst().plan.byteCount }
    }
}
