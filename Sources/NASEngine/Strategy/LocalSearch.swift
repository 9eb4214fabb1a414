/// Goes from the best candidate to a better neighbour, and begins anew where there is none.
///
/// Source: White, Nolen and Savani, "Exploring the loss landscape in neural architecture search", UAI
/// 2021: a few random candidates, then the neighbours of the best in random order; as soon as one
/// is better, its neighbours instead.
struct LocalSearch: Strategy {
    static let name = "LocalSearch"
    static let summary =
        "Hill climbing over single changes, with restarts (White, Nolen and Savani 2021)."
    static let options = [
        OptionSpecification(
            "initial_samples", 10, .integer(1...1_000_000),
            "Random candidates of which the best is the start, also after a local optimum."),
        OptionSpecification("batch_size", 1, .integer(1...1_000_000), "Neighbours at a time."),
    ]

    private let space: SearchSpace
    private let root: RandomStream
    private let initialSamples: Int
    private let batchSize: Int
    private var history = History()
    /// The number of observations before the present climb.
    private var start = 0

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        initialSamples = options[integer: "initial_samples"]
        batchSize = options[integer: "batch_size"]
    }

    mutating func propose() -> [Proposal] {
        var random = root.derived("batch", UInt64(history.count))
        if history.count >= start + initialSamples {
            // Of equal ones any: the walk over a plateau is led back to where much of it is good.
            let climb = random.sample(of: history.count - start, count: history.count - start)
                .map { start + $0 }
            let best = climb[Ranking.order(climb.map { history.observations[$0] })[0]]
            var order = root.derived("neighbours", UInt64(best))
            let neighbours =
                space.neighbours(of: history.observations[best].architecture, using: &order)
                .filter { !history.seen.contains($0) }
            if !neighbours.isEmpty {
                return random.sample(of: neighbours.count, count: min(batchSize, neighbours.count))
                    .map { Proposal(neighbours[$0]) }
            }
            start = history.count
        }
        let missing = start + initialSamples - history.count
        return history.batch(of: missing, in: space, using: &random) { space.sample(using: &$0) }
    }

    mutating func observe(_ batch: [Observation]) { history.add(batch) }

    var state: Value { .record(["history": history.state, "start": .integer(start)]) }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let observations = try record.observations("history", in: space)
        let start = try record.count("start")
        try require(
            start <= observations.count, "state['start'] must not exceed the history, got \(start)")
        history = History(observations)
        self.start = start
    }
}
