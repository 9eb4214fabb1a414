/// Hyperband whose new candidates come from a Parzen estimator of the good ones.
///
/// Source: Falkner, Klein and Hutter, "BOHB: robust and efficient hyperparameter optimization at scale", ICML
/// 2018: the model is made from the highest rung with enough candidates, and a third of the candidates stays
/// random.
struct BOHB: Strategy {
    static let name = "BOHB"
    static let summary =
        "Hyperband with candidates from a Parzen estimator (Falkner, Klein and Hutter 2018)."
    static let options =
        Rungs.options
        + [
            OptionSpecification(
                "random_fraction", 0.33, .real(0...1), "Share of new candidates drawn at random.")
        ] + ParzenSearch.options

    private let space: SearchSpace
    private let root: RandomStream
    private let randomFraction: Double
    private let search: ParzenSearch
    private var schedule: HyperbandSchedule
    private var history = History()

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        randomFraction = options[real: "random_fraction"]
        search = ParzenSearch(space, options)
        schedule = HyperbandSchedule(Rungs(options))
    }

    mutating func propose() -> [Proposal] {
        schedule.propose(candidates)
    }

    private func candidates(_ count: Int) -> [Architecture] {
        var random = root.derived("bracket", UInt64(history.count))
        let model = model()
        var taken: Set<Architecture> = []
        var found: [Architecture] = []
        while found.count < count,
            let next = next(model, besides: taken, using: &random)
        {
            taken.insert(next)
            found.append(next)
        }
        return found
    }

    private func next(
        _ model: ParzenSearch.Model?, besides taken: Set<Architecture>,
        using random: inout RandomStream
    ) -> Architecture? {
        guard let model, random.uniform() >= randomFraction else {
            return history.unseen(in: space, besides: taken, using: &random) {
                space.sample(using: &$0)
            }
        }
        return search.next(model, history, besides: taken, using: &random)
    }

    /// From the observations at the highest fidelity that has two more than the space has parameters.
    private func model() -> ParzenSearch.Model? {
        for fidelity in schedule.rungs.fidelities.reversed() {
            let rung = history.ranked.filter { $0.fidelity == fidelity && !$0.hasFailed }
            if rung.count >= space.parameters.count + 2 {
                return search.model(rung.map(\.architecture))
            }
        }
        return nil
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
