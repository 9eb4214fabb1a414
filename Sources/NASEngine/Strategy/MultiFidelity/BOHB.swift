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

    private let root: RandomStream
    private let randomFraction: Double
    private let search: ParzenSearch
    private var schedule: HyperbandSchedule

    init(space: SearchSpace, options: Options, random: RandomStream) {
        root = random
        randomFraction = options[real: "random_fraction"]
        search = ParzenSearch(space, options)
        schedule = HyperbandSchedule(space, Rungs(options))
    }

    mutating func propose() -> [Proposal] {
        let strategy = self
        return schedule.propose(strategy.candidates)
    }

    private func candidates(_ count: Int, _ history: History) -> [Architecture] {
        var random = root.derived("bracket", UInt64(history.count))
        let model = model(of: history)
        var taken: Set<Architecture> = []
        var found: [Architecture] = []
        while found.count < count,
            let next = next(model, history, besides: taken, using: &random)
        {
            taken.insert(next)
            found.append(next)
        }
        return found
    }

    private func next(
        _ model: ParzenSearch.Model?, _ history: History, besides taken: Set<Architecture>,
        using random: inout RandomStream
    ) -> Architecture? {
        guard let model, random.uniform() >= randomFraction else {
            return history.unseen(in: schedule.space, besides: taken, using: &random) {
                schedule.space.sample(using: &$0)
            }
        }
        return search.next(model, history, besides: taken, using: &random)
    }

    /// From the observations at the highest fidelity that has two more than the space has parameters.
    private func model(of history: History) -> ParzenSearch.Model? {
        for fidelity in schedule.rungs.fidelities.reversed() {
            let rung = history.ranked.filter { $0.fidelity == fidelity && !$0.hasFailed }
            if rung.count >= schedule.space.parameters.count + 2 {
                return search.model(rung.map(\.architecture))
            }
        }
        return nil
    }

    mutating func observe(_ batch: [Observation]) { schedule.observe(batch) }

    mutating func learn(_ earlier: [Observation]) { schedule.learn(earlier) }

    var state: Value { schedule.state }

    mutating func restore(_ state: Value) throws(EngineError) { try schedule.restore(state) }
}
