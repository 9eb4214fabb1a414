/// The tree-structured Parzen estimator.
///
/// Sources: Bergstra et al., NeurIPS 2011; multivariate kernels as in BOHB (Falkner, Klein and Hutter,
/// ICML 2018). With several objectives good means the first fronts (Ozaki et al., GECCO 2020).
struct TPE: Strategy {
    static let name = "TPE"
    static let summary =
        "Tree-structured Parzen estimator, multivariate and aware of conditions (Bergstra et al. 2011)."
    static let options =
        [
            OptionSpecification(
                "initial_samples", 10, .integer(1...1_000_000), "Random candidates at the beginning.")
        ] + ParzenSearch.options + [
            Reevaluation.option,
            OptionSpecification("batch_size", 1, .integer(1...1_000_000), "Architectures at a time."),
        ]

    private let space: SearchSpace
    private let root: RandomStream
    private let initialSamples: Int
    private let search: ParzenSearch
    private let reevaluation: Reevaluation
    private let batchSize: Int
    private var history = History()

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        initialSamples = options[integer: "initial_samples"]
        search = ParzenSearch(space, options)
        reevaluation = Reevaluation(options)
        batchSize = options[integer: "batch_size"]
    }

    mutating func propose() -> [Proposal] {
        var random = root.derived("batch", UInt64(history.count))
        guard history.count >= initialSamples else {
            return history.batch(of: initialSamples - history.count, in: space, using: &random) {
                space.sample(using: &$0)
            }
        }
        let model = search.model(history.ranked.map(\.architecture))
        lazy var standings = history.standings(history.normalScores())
        var taken: Set<Architecture> = []
        var proposals: [Proposal] = []
        while proposals.count < batchSize {
            if let again = reevaluation.next(history, after: proposals, standings) {
                proposals.append(Proposal(again, fresh: true))
                continue
            }
            guard let next = search.next(model, history, besides: taken, using: &random) else { break }
            taken.insert(next)
            proposals.append(Proposal(next))
        }
        return proposals
    }

    mutating func observe(_ batch: [Observation]) { history.add(batch) }

    var state: Value { .record(["history": history.state]) }

    mutating func restore(_ state: Value) throws(EngineError) {
        history = History(try Record(state, "state").observations("history", in: space))
    }
}
