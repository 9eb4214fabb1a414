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

    private let root: RandomStream
    private var schedule: HyperbandSchedule

    init(space: SearchSpace, options: Options, random: RandomStream) {
        root = random
        schedule = HyperbandSchedule(space, Rungs(options))
    }

    mutating func propose() -> [Proposal] {
        let (space, root) = (schedule.space, root)
        return schedule.propose { count, history in
            var random = root.derived("bracket", UInt64(history.count))
            return history.batch(of: count, in: space, using: &random) { space.sample(using: &$0) }
                .map(\.architecture)
        }
    }

    mutating func observe(_ batch: [Observation]) { schedule.observe(batch) }

    mutating func learn(_ earlier: [Observation]) { schedule.learn(earlier) }

    var state: Value { schedule.state }

    mutating func restore(_ state: Value) throws(EngineError) { try schedule.restore(state) }
}
