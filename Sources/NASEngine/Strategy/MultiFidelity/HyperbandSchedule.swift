/// The brackets of Hyperband, one after the other: from many candidates with little budget to few with all;
/// and what came of them.
///
/// What ``Hyperband`` and ``BOHB`` share; they differ in where new candidates come from.
struct HyperbandSchedule: Sendable {
    let space: SearchSpace
    let rungs: Rungs
    private(set) var history = History()
    private var bracket = Bracket([], from: 0)
    /// Brackets begun so far.
    private var begun = 0

    init(_ space: SearchSpace, _ rungs: Rungs) {
        self.space = space
        self.rungs = rungs
    }

    /// The next proposals.
    ///
    /// - Parameter candidates: so many new architectures, or fewer where there are no more.
    mutating func propose(
        _ candidates: (_ count: Int, _ history: History) -> [Architecture]
    ) -> [Proposal] {
        if bracket.isFinished {
            // Bracket s in s_max … 0 begins with ⌈(s_max + 1)/(s + 1)·η^s⌉ candidates at η^−s of the budget.
            let rung = begun % rungs.fidelities.count
            let steps = rungs.top - rung
            let share = Double(rungs.top + 1) / Double(steps + 1)
            let count = (share / rungs.fidelities[rung] - 1e-9).rounded(.up)
            bracket = Bracket(candidates(Int(min(count, 1e6)), history), from: rung)
            begun += 1
        }
        return bracket.proposals(rungs)
    }

    mutating func observe(_ batch: [Observation]) {
        bracket.observe(batch, rungs)
        history.add(batch)
    }

    /// Earlier trials belong to no bracket.
    mutating func learn(_ earlier: [Observation]) { history.add(earlier) }

    var state: Value {
        .record(["bracket": bracket.state, "begun": .integer(begun), "history": history.state])
    }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let begun = try record.count("begun")
        let observations = try record.observations("history", in: space)
        bracket = try Bracket(try record.value("bracket"), in: space, rungs)
        history = History(observations)
        self.begun = begun
    }
}
