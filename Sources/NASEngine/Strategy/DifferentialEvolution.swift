/// Differential evolution over the parameters' places on their scales.
///
/// Sources: Storn and Price, J. Global Optimization 11 (1997), with the mutation current-to-pbest/1 of Zhang
/// and Sanderson (JADE, IEEE Trans. Evolutionary Computation 13, 2009), as a search of a few hundred
/// evaluations cannot wait for differences of random vectors; Awad, Mallik and Hutter, "Differential
/// evolution for neural architecture search", 2020: a vector in [0, 1] per parameter, active or not,
/// which is decoded for evaluation only, and replaces its parent as soon as it is known.
struct DifferentialEvolution: Strategy {
    static let name = "DifferentialEvolution"
    static let summary =
        "Differences of candidates added to others, on the scales of the parameters "
        + "(Storn and Price 1997; Zhang and Sanderson 2009; Awad, Mallik and Hutter 2020)."
    static let options = [
        OptionSpecification("population_size", 10, .integer(4...1_000_000), "Vectors that evolve."),
        OptionSpecification(
            "mutation_factor", 0.8, .real(0...2, openLow: true), "Factor of the differences."),
        OptionSpecification(
            "best_share", 0.2, .real(0...1),
            "Share of the population, one vector at least, that a mutant may be drawn towards."),
        OptionSpecification(
            "crossover_rate", 0.3, .real(0...1), "Share of a mutant's coordinates in a child."),
        OptionSpecification("batch_size", 1, .integer(1...1_000_000), "Children at a time."),
    ]

    private let space: SearchSpace
    private let root: RandomStream
    private let populationSize: Int
    private let factor: Double
    private let bestCount: Int
    private let rate: Double
    private let batchSize: Int
    private var history = History()
    /// The vectors and what came of them.
    private var population: [Member] = []
    /// The vectors of the present batch.
    private var pending: [[Double]] = []

    private struct Member: Sendable {
        let vector: [Double]
        let observation: Observation
    }

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        populationSize = options[integer: "population_size"]
        factor = options[real: "mutation_factor"]
        bestCount = max(1, Int((options[real: "best_share"] * Double(populationSize)).rounded()))
        rate = options[real: "crossover_rate"]
        batchSize = options[integer: "batch_size"]
    }

    private func decoded(_ vector: [Double]) -> Architecture {
        space.build { space.parameters[$0].domain.value(atUnit: vector[$0]) }
    }

    mutating func propose() -> [Proposal] {
        let missing = populationSize - population.count
        let count = missing > 0 ? missing : min(batchSize, populationSize)
        var proposals: [Proposal] = []
        var taken: Set<Architecture> = []
        let ranked = missing > 0 ? [] : Ranking.order(population.map(\.observation))
        let best = ranked.prefix(bestCount).map { population[$0].vector }
        pending = []
        for index in 0..<count {
            var random = root.derived("vector", UInt64(history.count + index))
            let target = (history.count + index) % populationSize
            var vector: [Double] = []
            let architecture = history.unseen(in: space, besides: taken, using: &random) { random in
                vector = missing > 0 ? anywhere(&random) : child(of: target, towards: best, &random)
                let architecture = decoded(vector)
                if space.contains(architecture) { return architecture }
                vector = []
                return space.sample(using: &random)
            }
            guard let architecture else { break }
            // Drawn otherwise in the end: its own place then.
            if vector.isEmpty || decoded(vector) != architecture { vector = place(of: architecture, &random) }
            taken.insert(architecture)
            pending.append(vector)
            proposals.append(Proposal(architecture))
        }
        return proposals
    }

    private func anywhere(_ random: inout RandomStream) -> [Double] {
        space.parameters.map { _ in random.uniform() }
    }

    private func place(of architecture: Architecture, _ random: inout RandomStream) -> [Double] {
        zip(space.parameters, space.values(of: architecture)).map { parameter, value in
            value.map(parameter.domain.unit) ?? random.uniform()
        }
    }

    private func child(
        of target: Int, towards candidates: [[Double]], _ random: inout RandomStream
    ) -> [Double] {
        let parent = population[target].vector
        let best = candidates[random.index(below: candidates.count)]
        // Two others than the target.
        let chosen = random.sample(of: population.count - 1, count: 2).map { other in
            population[other < target ? other : other + 1].vector
        }
        let certain = random.index(below: parent.count)
        return parent.indices.map { index in
            guard random.uniform() < rate || index == certain else { return parent[index] }
            let difference = best[index] - parent[index] + chosen[0][index] - chosen[1][index]
            let mutant = parent[index] + factor * difference
            return (0..<1).contains(mutant) ? mutant : random.uniform()
        }
    }

    mutating func observe(_ batch: [Observation]) {
        for (index, (vector, observation)) in zip(pending, batch).enumerated() {
            let member = Member(vector: vector, observation: observation)
            if population.count < populationSize {
                population.append(member)
                continue
            }
            let target = (history.count + index) % populationSize
            if Ranking.order([observation, population[target].observation])[0] == 0 {
                population[target] = member
            }
        }
        history.add(batch)
        pending = []
    }

    /// The best of them become the first population, at their own places.
    mutating func learn(_ earlier: [Observation]) {
        for index in Ranking.order(earlier).prefix(populationSize) {
            var random = root.derived("earlier", UInt64(population.count))
            let vector = place(of: earlier[index].architecture, &random)
            population.append(Member(vector: vector, observation: earlier[index]))
        }
        if population.count > populationSize {
            let best = Ranking.order(population.map(\.observation)).prefix(populationSize)
            population = best.map { population[$0] }
        }
        history.add(earlier)
    }

    var state: Value {
        .record([
            "history": history.state,
            "vectors": .list(population.map { .list($0.vector.map { .real($0) }) }),
            "members": .list(population.map(\.observation.state)),
            "pending": .list(pending.map { .list($0.map { .real($0) }) }),
        ])
    }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let history = History(try record.observations("history", in: space))
        let members = try record.observations("members", in: space)
        let vectors = try self.vectors(record, "vectors")
        let pending = try self.vectors(record, "pending")
        try require(
            vectors.count == members.count && members.count <= populationSize,
            "state must hold one vector per member of the population")
        self.history = history
        self.pending = pending
        population = zip(vectors, members).map { Member(vector: $0, observation: $1) }
    }

    private func vectors(_ record: Record, _ field: String) throws(EngineError) -> [[Double]] {
        var vectors: [[Double]] = []
        for item in try record.list(field) {
            guard case .list(let numbers) = item else {
                throw .invalidArgument("state['\(field)'] must hold lists")
            }
            let vector = numbers.compactMap(\.number).filter { (0...1).contains($0) }
            try require(
                vector.count == space.parameters.count && numbers.count == vector.count,
                "state['\(field)'] must hold a number in [0, 1] per parameter")
            vectors.append(vector)
        }
        return vectors
    }
}
