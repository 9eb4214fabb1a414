/// NSGA-II: generations that approach the whole Pareto front.
///
/// Source: Deb, Pratap, Agarwal and Meyarivan, IEEE TEC 6 (2002): binary tournaments by front and
/// crowding distance, constrained domination, the best of parents and children survive. Children are
/// made by uniform crossover and single changes, and differ from all that was seen before.
struct NSGA2: Strategy {
    static let name = "NSGA2"
    static let summary =
        "Multi-objective evolution by non-dominated sorting and crowding (Deb et al. 2002)."
    static let options = [
        OptionSpecification("population_size", 20, .integer(2...1_000_000), "Survivors per generation."),
        OptionSpecification(
            "crossover_probability", 0.9, .real(0...1), "Share of children with two parents."),
        OptionSpecification(
            "mutation_probability", 0.5, .real(0...1),
            "Share of the children of two parents that are changed in one place as well."),
    ]

    private let space: SearchSpace
    private let root: RandomStream
    private let populationSize: Int
    private let crossover: Double
    private let mutation: Double
    private var history = History()
    /// Best first.
    private var population: [Observation] = []

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        populationSize = options[integer: "population_size"]
        crossover = options[real: "crossover_probability"]
        mutation = options[real: "mutation_probability"]
    }

    mutating func propose() -> [Proposal] {
        var random = root.derived("generation", UInt64(history.count))
        // Those that are known from elsewhere are members of the first generation.
        let missing = populationSize - population.count
        let count = missing > 0 ? missing : populationSize
        return history.batch(of: count, in: space, using: &random) { random in
            guard missing == 0 else { return space.sample(using: &random) }
            let parent = tournament(using: &random)
            guard random.uniform() < crossover else {
                return space.neighbour(of: parent, using: &random)
            }
            let child = space.crossover(parent, tournament(using: &random), using: &random)
            guard random.uniform() < mutation || child == parent else { return child }
            return space.neighbour(of: child, using: &random)
        }
    }

    /// The better of two; the population is in order.
    private func tournament(using random: inout RandomStream) -> Architecture {
        let (one, other) = (
            random.index(below: population.count), random.index(below: population.count)
        )
        return population[min(one, other)].architecture
    }

    mutating func observe(_ batch: [Observation]) {
        // Of equal ones the newer survives: a search drifts over plateaus.
        let all = batch + population
        population = Ranking.order(all).prefix(populationSize).map { all[$0] }
        history.add(batch)
    }

    var state: Value {
        .record(["history": history.state, "population": .list(population.map(\.state))])
    }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let population = try record.observations("population", in: space)
        try require(
            population.count <= populationSize,
            "state must hold at most \(populationSize) members, got \(population.count)")
        history = History(try record.observations("history", in: space))
        self.population = population
    }
}
