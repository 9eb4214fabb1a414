/// Aging evolution: each child is a changed copy of the best of a random sample of the youngest.
///
/// Source: Real, Aggarwal, Huang and Le, "Regularized evolution for image classifier architecture
/// search", AAAI 2019. The population is the last `population_size` candidates, so the oldest dies, not
/// the worst; the sample is drawn without replacement. A child that was seen before is drawn again.
struct RegularizedEvolution: Strategy {
    static let name = "RegularizedEvolution"
    static let summary =
        "Aging evolution: the best of a random sample of the youngest is changed in one place "
        + "(Real et al. 2019)."
    static let options = [
        OptionSpecification(
            "population_size", 20, .integer(2...1_000_000), "Architectures that may have children."),
        OptionSpecification(
            "sample_size", 10, .integer(1...1_000_000),
            "Architectures of which the best has a child; at most the population."),
        OptionSpecification("batch_size", 1, .integer(1...1_000_000), "Children at a time."),
    ]

    private let space: SearchSpace
    private let root: RandomStream
    private let populationSize: Int
    private let sampleSize: Int
    private let batchSize: Int
    private var history = History()

    init(space: SearchSpace, options: Options, random: RandomStream) throws(EngineError) {
        self.space = space
        root = random
        populationSize = options[integer: "population_size"]
        sampleSize = options[integer: "sample_size"]
        batchSize = options[integer: "batch_size"]
        try require(
            sampleSize <= populationSize,
            "sample_size must be at most population_size, \(populationSize), got \(sampleSize)")
    }

    mutating func propose() -> [Proposal] {
        var random = root.derived("batch", UInt64(history.count))
        let missing = populationSize - history.count
        return history.batch(of: missing > 0 ? missing : batchSize, in: space, using: &random) {
            (random) in
            missing > 0
                ? space.sample(using: &random)
                : space.neighbour(of: parent(using: &random), using: &random)
        }
    }

    /// The best of a sample of the population.
    private func parent(using random: inout RandomStream) -> Architecture {
        let population = Array(history.observations.suffix(populationSize))
        let sample = random.sample(of: population.count, count: sampleSize).map { population[$0] }
        return sample[Ranking.order(sample)[0]].architecture
    }

    mutating func observe(_ batch: [Observation]) { history.add(batch) }

    var state: Value { .record(["history": history.state]) }

    mutating func restore(_ state: Value) throws(EngineError) {
        history = History(try Record(state, "state").observations("history", in: space))
    }
}
