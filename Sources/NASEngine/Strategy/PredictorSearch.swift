/// Predictor-guided search: a forest learns from all candidates so far, and its trees choose among changes
/// of the best.
///
/// Source: White, Neiswanger and Savani, "BANANAS", AAAI 2021: an ensemble predicts, each candidate is
/// judged by one random member of it (independent Thompson sampling), and candidates are changes of the
/// best. Their ensemble is of neural networks; ours of extremely randomised trees, which need no
/// settings and take a hundredth of the time. The model sees ranks, so that no scale matters.
struct PredictorSearch: Strategy {
    static let name = "PredictorSearch"
    static let summary =
        "An ensemble that predicts values chooses among changes of the best "
        + "(BANANAS, White et al. 2021, with trees)."
    static let options = [
        OptionSpecification(
            "initial_samples", 10, .integer(1...1_000_000), "Random candidates at the beginning."),
        OptionSpecification("trees", 30, .integer(1...10_000), "Trees of the forest."),
        OptionSpecification(
            "candidates", 200, .integer(1...1_000_000), "Architectures that the forest compares."),
        OptionSpecification("votes", 5, .integer(1...1_000_000), "Trees that judge each candidate."),
        Reevaluation.option,
        OptionSpecification("batch_size", 5, .integer(1...1_000_000), "Architectures at a time."),
    ]

    private let space: SearchSpace
    private let encoding: Encoding
    private let root: RandomStream
    private let initialSamples: Int
    private let trees: Int
    private let candidateCount: Int
    private let batchSize: Int
    private let votes: Int
    private let reevaluation: Reevaluation
    private var history = History()

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        encoding = Encoding(space)
        root = random
        initialSamples = options[integer: "initial_samples"]
        trees = options[integer: "trees"]
        candidateCount = options[integer: "candidates"]
        batchSize = options[integer: "batch_size"]
        votes = options[integer: "votes"]
        reevaluation = Reevaluation(options)
    }

    mutating func propose() -> [Proposal] {
        var random = root.derived("batch", UInt64(history.count))
        guard history.count >= initialSamples else {
            return history.batch(of: initialSamples - history.count, in: space, using: &random) {
                space.sample(using: &$0)
            }
        }
        let objectives = history.observations[0].values.count
        let weights = objectives > 1 ? random.simplex(objectives) : nil
        let scores = history.normalScores(weights: weights)
        let standings = history.standings(scores)
        let forest = RegressionForest(
            history.observations.map { encoding.point(of: $0.architecture) }, scores, trees: trees,
            random: random.derived("forest"))
        let candidates = history.candidates(
            in: space, around: standings.prefix(10).map(\.architecture),
            besides: [], count: candidateCount, using: &random)
        let judged = candidates.map { candidate in
            let predictions = forest.predictions(encoding.point(of: candidate))
            return (0..<votes).reduce(0.0) { sum, _ in
                sum + predictions[random.index(below: predictions.count)]
            }
        }
        var proposals: [Proposal] = []
        while proposals.count < batchSize, let again = reevaluation.next(history, after: proposals, standings)
        {
            proposals.append(Proposal(again, fresh: true))
        }
        let chosen = candidates.indices.sorted { (judged[$0], $0) < (judged[$1], $1) }
            .prefix(batchSize - proposals.count).map { Proposal(candidates[$0]) }
        proposals += chosen
        guard proposals.isEmpty else { return proposals }
        return history.batch(of: batchSize, in: space, using: &random) { space.sample(using: &$0) }
    }

    mutating func observe(_ batch: [Observation]) { history.add(batch) }

    var state: Value { .record(["history": history.state]) }

    mutating func restore(_ state: Value) throws(EngineError) {
        history = History(try Record(state, "state").observations("history", in: space))
    }
}
