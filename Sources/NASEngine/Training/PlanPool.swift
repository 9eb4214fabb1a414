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

    private let limit: Int

    /// Plans that nobody uses, the one used last behind the others.
    private let plans = TryLocked<[TrainingPlan]>([])

    /// - Parameter limit: bytes that idle plans may take together, so that they stay in the second-level cache. One that
    ///   takes more by itself is kept beside them.
    init(limit: Int) { self.limit = limit }

    // What is let go leaves ``plans`` first: others need not wait for that.

    /// A plan as new, with one lane; nil if there is none.
    func take(_ key: Key) -> TrainingPlan? {
        let found = plans.use { plans -> (plan: TrainingPlan?, outgrown: [TrainingPlan]) in
            if let index = plans.lastIndex(where: { $0.poolKey == key }) {
                return (plans.remove(at: index), [])
            }
            // The memory of a big one is worth more to the next plan than the plan is.
            return (nil, removeBig(from: &plans))
        }
        found?.plan?.clear()
        return found?.plan
    }

    /// Takes a plan that nobody will use any more, if it has a key; those with several lanes go, and with them
    /// their threads.
    func give(_ plan: TrainingPlan) {
        guard plan.poolKey != nil, plan.lanes.count == 1, plan.byteCount <= MemoryPool.limit else { return }
        _ = plans.use { plans in
            var outgrown = isBig(plan) ? removeBig(from: &plans) : []
            plans.append(plan)
            var bytes = plans.reduce(0) { $0 + (isBig($1) ? 0 : $1.byteCount) }
            while bytes > limit, let oldest = plans.firstIndex(where: { !isBig($0) }) {
                bytes -= plans[oldest].byteCount
                outgrown.append(plans.remove(at: oldest))
            }
            return outgrown
        }
    }

    private func isBig(_ plan: TrainingPlan) -> Bool { plan.byteCount > limit }

    private func removeBig(from plans: inout [TrainingPlan]) -> [TrainingPlan] {
        defer { plans.removeAll(where: isBig) }
        return plans.filter(isBig)
    }
}
