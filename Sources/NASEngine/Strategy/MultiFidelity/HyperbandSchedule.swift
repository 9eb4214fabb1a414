/// The brackets of Hyperband, one after the other: from many candidates with little budget to few with all.
///
/// What ``Hyperband`` and ``BOHB`` share; they differ in where new candidates come from.
struct HyperbandSchedule: Sendable {
    let rungs: Rungs
    private var bracket = Bracket([], from: 0)
    /// Brackets begun so far.
    private var begun = 0

    init(_ rungs: Rungs) { self.rungs = rungs }

    /// The next proposals.
    ///
    /// - Parameter candidates: so many new architectures, or fewer where there are no more.
    mutating func propose(_ candidates: (_ count: Int) -> [Architecture]) -> [Proposal] {
        if bracket.isFinished {
            // Bracket s in s_max … 0 begins with ⌈(s_max + 1)/(s + 1)·η^s⌉ candidates at η^−s of the budget.
            let rung = begun % rungs.fidelities.count
            let steps = rungs.top - rung
            let share = Double(rungs.top + 1) / Double(steps + 1)
            let count = (share / rungs.fidelities[rung] - 1e-9).rounded(.up)
            bracket = Bracket(candidates(Int(min(count, 1e6))), from: rung)
            begun += 1
        }
        return bracket.proposals(rungs)
    }

    mutating func observe(_ batch: [Observation]) { bracket.observe(batch, rungs) }

    var state: Value { .record(["bracket": bracket.state, "begun": .integer(begun)]) }

    mutating func restore(_ state: Value, in space: SearchSpace) throws(EngineError) {
        let record = try Record(state, "schedule")
        let begun = try record.count("begun")
        bracket = try Bracket(try record.value("bracket"), in: space, rungs)
        self.begun = begun
    }
}
