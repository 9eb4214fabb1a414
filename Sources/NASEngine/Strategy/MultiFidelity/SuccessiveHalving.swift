/// Successive halving: many candidates get a small budget, the best of them more, and the last few all of it.
///
/// Source: Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
/// optimization", AISTATS 2016. After a round the next one begins with new candidates.
struct SuccessiveHalving: Strategy {
    static let name = "SuccessiveHalving"
    static let summary =
        "Random candidates of which the best third gets three times the budget, and so on "
        + "(Jamieson and Talwalkar 2016)."
    static let options =
        Rungs.options + [
            OptionSpecification(
                "candidates", 27, .integer(1...1_000_000), "Architectures at the beginning of a round.")
        ]

    private let space: SearchSpace
    private let root: RandomStream
    private let rungs: Rungs
    private let count: Int
    private var bracket = Bracket([], from: 0)
    private var history = History()

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        rungs = Rungs(options)
        count = options[integer: "candidates"]
    }

    mutating func propose() -> [Proposal] {
        if bracket.isFinished {
            var random = root.derived("round", UInt64(history.count))
            let proposals = history.batch(of: count, in: space, using: &random) {
                space.sample(using: &$0)
            }
            bracket = Bracket(proposals.map(\.architecture), from: 0)
        }
        return bracket.proposals(rungs)
    }

    mutating func observe(_ batch: [Observation]) {
        bracket.observe(batch, rungs)
        history.add(batch)
    }

    mutating func learn(_ earlier: [Observation]) { history.add(earlier) }

    var state: Value { .record(["bracket": bracket.state, "history": history.state]) }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let bracket = try Bracket(try record.value("bracket"), in: space, rungs)
        history = History(try record.observations("history", in: space))
        self.bracket = bracket
    }
}
