/// Bayesian optimisation with a Gaussian process and expected improvement.
///
/// Sources: Jones, Schonlau and Welch, J. Global Optimization 13 (1998); batches by believing the
/// model's predictions (kriging believer; Ginsbourger, Le Riche and Carraro 2010); several objectives by
/// random weights (ParEGO; Knowles 2006). The model sees ranks and logarithms, see
/// ``History/modelTargets(weights:)``, so that no scale matters.
struct BayesianOptimization: Strategy {
    static let name = "BayesianOptimization"
    static let summary =
        "A Gaussian process over encoded architectures and expected improvement (Jones et al. 1998)."
    static let options = [
        OptionSpecification(
            "initial_samples", 10, .integer(1...1_000_000), "Random candidates at the beginning."),
        OptionSpecification(
            "candidates", 400, .integer(1...1_000_000), "Architectures that the model compares."),
        Reevaluation.option,
        OptionSpecification("batch_size", 1, .integer(1...1_000_000), "Architectures at a time."),
    ]

    /// Observations that the model is made from: half of them the best, the others the latest.
    private static let mostPoints = 160
    /// Observations that its hyperparameters are fitted to, the best and the latest likewise.
    private static let mostFitted = 80

    private let space: SearchSpace
    private let encoding: Encoding
    private let root: RandomStream
    private let initialSamples: Int
    private let candidateCount: Int
    private let reevaluation: Reevaluation
    private let batchSize: Int
    private var history = History()
    private var hyperparameters: GaussianProcess.Hyperparameters
    /// Observations at the last fit of the hyperparameters.
    private var fitted = 0

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        encoding = Encoding(space)
        root = random
        initialSamples = options[integer: "initial_samples"]
        candidateCount = options[integer: "candidates"]
        reevaluation = Reevaluation(options)
        batchSize = options[integer: "batch_size"]
        hyperparameters = GaussianProcess.Hyperparameters(dimension: encoding.dimension)
    }

    mutating func propose() -> [Proposal] {
        var random = root.derived("batch", UInt64(history.count))
        guard history.count >= initialSamples, encoding.dimension > 0 else {
            let missing = max(initialSamples - history.count, batchSize)
            return history.batch(of: missing, in: space, using: &random) { space.sample(using: &$0) }
        }
        let objectives = history.observations[0].values.count
        let weights = objectives > 1 ? random.simplex(objectives) : nil
        let scores = history.modelTargets(weights: weights)
        let order = scores.indices.sorted { (scores[$0], -$0) < (scores[$1], -$1) }
        let architectures = history.observations.map(\.architecture)
        if Double(history.count) >= 1.25 * Double(fitted) {
            let fitting = informative(order, atMost: Self.mostFitted)
            hyperparameters = hyperparameters.fitted(
                to: fitting.map { encoding.point(of: architectures[$0]) },
                fitting.map { scores[$0] })
            fitted = history.count
        }
        let known = informative(order, atMost: Self.mostPoints)
        var points = known.map { encoding.point(of: architectures[$0]) }
        var targets = known.map { scores[$0] }
        var taken: Set<Architecture> = []
        var proposals: [Proposal] = []
        let standings = history.standings(scores)
        let best = standings.prefix(10).map(\.architecture)
        while proposals.count < batchSize {
            if let again = reevaluation.next(history, after: proposals, standings) {
                proposals.append(Proposal(again, fresh: true))
                continue
            }
            let model = GaussianProcess(points, targets, hyperparameters)
            let lowest = model.fittedMeans.min() ?? 0
            let candidates = history.candidates(
                in: space, around: best, besides: taken, count: candidateCount, using: &random)
            var chosen: (architecture: Architecture, mean: Double, gain: Double)?
            for candidate in candidates {
                let (mean, gain) = model.improvement(
                    at: encoding.point(of: candidate), over: lowest, bound: chosen?.gain ?? -1)
                if gain > chosen?.gain ?? -1 { chosen = (candidate, mean, gain) }
            }
            guard
                let next = chosen?.architecture
                    ?? history.unseen(
                        in: space, besides: taken, using: &random, { space.sample(using: &$0) })
            else { break }
            taken.insert(next)
            proposals.append(Proposal(next))
            points.append(encoding.point(of: next))
            targets.append(chosen?.mean ?? 0)
        }
        return proposals
    }

    /// Up to `limit` observations, half of them the best and the others the latest, in order of time.
    private func informative(_ order: [Int], atMost limit: Int) -> [Int] {
        guard order.count > limit else { return Array(order.indices) }
        var chosen = Set(order.prefix(limit / 2))
        for index in order.indices.reversed() where chosen.count < limit { chosen.insert(index) }
        return chosen.sorted()
    }

    mutating func observe(_ batch: [Observation]) { history.add(batch) }

    var state: Value {
        .record([
            "history": history.state, "fitted": .integer(fitted),
            "lengths": .list(hyperparameters.lengths.map { .real($0) }),
            "noise": .real(hyperparameters.noise),
        ])
    }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let history = History(try record.observations("history", in: space))
        let fitted = try record.count("fitted")
        var restored = hyperparameters
        restored.lengths = try record.reals("lengths", count: encoding.dimension)
        restored.noise = try record.real("noise")
        hyperparameters = restored
        self.fitted = fitted
        self.history = history
    }
}
