/// Hyperband: rounds of successive halving that trade the number of candidates for their budget.
///
/// Source: Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar, "Hyperband: a novel bandit-based approach to
/// hyperparameter optimization", JMLR 18 (2018), algorithm 1.
struct Hyperband: Strategy {
    static let name = "Hyperband"
    static let summary =
        "Successive halving from many candidates with little budget to few with all of it "
        + "(Li et al. 2018)."
    static let options = Rungs.options

    private let space: SearchSpace
    private let root: RandomStream
    private var schedule: HyperbandSchedule
    private var history = History()

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        schedule = HyperbandSchedule(Rungs(options))
    }

    mutating func propose() -> [Proposal] {
        schedule.propose { count in
            var random = root.derived("bracket", UInt64(history.count))
            return history.batch(of: count, in: space, using: &random) { space.sample(using: &$0) }
                .map(\.architecture)
        }
    }

    mutating func observe(_ batch: [Observation]) {
        schedule.observe(batch)
        history.add(batch)
    }

    mutating func learn(_ earlier: [Observation]) { history.add(earlier) }

    var state: Value { .record(["schedule": schedule.state, "history": history.state]) }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let observations = try record.observations("history", in: space)
        try schedule.restore(try record.value("schedule"), in: space)
        history = History(observations)
    }
}
