/// A generational evolutionary algorithm: truncation selection, uniform crossover, one mutated key.
///
/// Each generation keeps the best share as elites, in order of their values, and fills up
/// with children: two parents drawn with replacement from the elites, each key from either of them, then
/// one key drawn and sampled again.
struct Evolution: Strategy {
    static let name = "Evolution"
    static let summary =
        "Generations with elites, uniform crossover and one mutated key per child "
        + "(Goldberg 1989; for networks, Real et al. 2017)."
    static let options = [
        OptionSpecification(
            "population_size", 10, .integer(2...1_000_000), "Architectures per generation."),
        OptionSpecification(
            "elite_fraction", 0.5, .real(0...1, openLow: true, openHigh: true),
            "Share of a generation that survives, at least one architecture."),
        OptionSpecification(
            "retrain_elites", false, .boolean,
            "Whether elites are evaluated again in every generation, as in the published script; "
                + "otherwise they keep their value, and children differ from all before them "
                + "where a few tries can make them."),
    ]

    /// Tries at a child that was not evaluated before; then a repeated one is accepted.
    private static let noveltyTries = 20

    private let space: SearchSpace
    private let root: RandomStream
    private let populationSize: Int
    private let eliteCount: Int
    private let retrainElites: Bool

    private var generation = 0
    /// How many of the first generation are known from elsewhere.
    private var learnt = 0
    /// The best of the last generation with their values, best first.
    private var elites: [Observation] = []
    /// Everything evaluated so far.
    private var seen: Set<Architecture> = []

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        populationSize = options[integer: "population_size"]
        eliteCount = max(1, Int(Double(populationSize) * options[real: "elite_fraction"]))
        retrainElites = options[boolean: "retrain_elites"]
    }

    mutating func propose() -> [Proposal] {
        var random = root.derived("generation", UInt64(generation))
        if generation == 0, learnt < populationSize {
            return novel(count: populationSize - learnt) { space.sample(using: &random) }
        }
        let parents = elites.map(\.architecture)
        let kept = retrainElites ? parents.map { Proposal($0, fresh: true) } : []
        let children = novel(count: populationSize - parents.count) {
            let first = parents[random.index(below: parents.count)]
            let second = parents[random.index(below: parents.count)]
            return space.mutate(space.crossover(first, second, using: &random), using: &random)
        }
        return kept + children
    }

    /// `count` architectures from `draw`, new ones as far as a few tries each can find them.
    private func novel(count: Int, _ draw: () -> Architecture) -> [Proposal] {
        // The published script evaluates everyone, repeated or not.
        if retrainElites { return (0..<count).map { _ in Proposal(draw(), fresh: true) } }
        if let size = space.count, seen.count >= size { return [] }
        var taken = seen
        var proposals: [Proposal] = []
        for _ in 0..<count {
            var architecture = draw()
            for _ in 1..<Self.noveltyTries where taken.contains(architecture) {
                architecture = draw()
            }
            taken.insert(architecture)
            proposals.append(Proposal(architecture))
        }
        return proposals
    }

    mutating func observe(_ batch: [Observation]) {
        // Elites that were trained again are in the batch.
        add(batch, to: retrainElites && generation > 0 ? [] : elites)
        generation += 1
    }

    /// They belong to the first generation, whose other members are still drawn at random.
    mutating func learn(_ earlier: [Observation]) {
        add(earlier, to: elites)
        learnt += earlier.count
    }

    private mutating func add(_ new: [Observation], to old: [Observation]) {
        // Of equal ones the newer survives: a search drifts over plateaus.
        let candidates = new + old
        elites = Ranking.order(candidates).prefix(eliteCount).map { candidates[$0] }
        if !retrainElites { seen.formUnion(new.map(\.architecture)) }
    }

    var state: Value {
        .record([
            "generation": .integer(generation),
            "learnt": .integer(learnt),
            "elites": .list(elites.map(\.state)),
            "seen": .list(seen.map(\.state).sorted { $0.description < $1.description }),
        ])
    }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let generation = try record.count("generation")
        let learnt = try record.count("learnt")
        let elites = try record.observations("elites", in: space)
        try require(
            (generation + learnt == 0) == elites.isEmpty && elites.count <= eliteCount,
            "state must hold at most \(eliteCount) elites, got \(elites.count)")
        seen = Set(try space.architectures(try record.list("seen")))
        self.elites = elites
        self.generation = generation
        self.learnt = learnt
    }
}
