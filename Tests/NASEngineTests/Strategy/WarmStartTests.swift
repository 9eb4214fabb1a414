import Testing

@testable import NASEngine

private let names = StrategyRegistry.all.map { $0.name }
private let modelBased = [
    "LocalSearch", "Evolution", "RegularizedEvolution", "DifferentialEvolution", "NSGA2", "TPE",
    "BayesianOptimization", "PredictorSearch",
]

private func sum(_ architecture: Architecture) -> Double { architecture.numbers.reduce(0, +) }

@Suite struct WarmStartTests {
    /// Even draws have the mean 18 with a deviation of 5.7; the best known ones are well below.
    @Test(arguments: modelBased) func theFirstProposalsAreNewAndNearTheBest(name: String) throws {
        let space = try digits(4)
        var random = RandomStream(seed: 1)
        let earlier = (0..<60).map { _ in space.sample(using: &random) }
        let session = try AskTell(strategy: name, space: space, options: [:], seed: 2)
        try session.learn(earlier.map { ($0, [sum($0)], 0) })
        var proposed: [Architecture] = []
        for _ in 0..<10 {
            let trial = try #require(try session.ask(1).first)
            proposed.append(trial.architecture)
            try session.tell(trial.number, sum(trial.architecture))
        }
        #expect(Set(proposed).isDisjoint(with: earlier))
        #expect(proposed.map(sum).reduce(0, +) / 10 < 14)
    }

    /// One known architecture is one member of the first generation, not the parent of all others.
    @Test(arguments: ["Evolution", "NSGA2", "DifferentialEvolution"], [1, 3])
    func theFirstGenerationIsFilledUpAtRandom(name: String, known: Int) throws {
        let space = try digits(8)
        let session = try AskTell(
            strategy: name, space: space, options: ["population_size": 20], seed: 2)
        var random = RandomStream(seed: 1)
        let earlier = (0..<known).map { _ in space.sample(using: &random) }
        try session.learn(earlier.map { ($0, [sum($0)], 0) })
        let first = try session.ask(100).map(\.architecture)
        #expect(first.count == 20 - known)
        // Of eight digits, even draws have seven in ten others than any given architecture's.
        let changes = first.map { proposal in earlier.map { proposal.changes(from: $0) }.min() ?? 0 }
        #expect(changes.reduce(0, +) >= 5 * first.count)
    }

    /// Nothing known, as when all earlier trials had less than the full budget.
    @Test(arguments: names) func nothingIsLearntFromNothing(name: String) throws {
        let space = try digits(3)
        let session = try AskTell(strategy: name, space: space, options: [:], seed: 2)
        let plain = try AskTell(strategy: name, space: space, options: [:], seed: 2)
        try session.learn([])
        for _ in 0..<30 {
            let trial = try #require(try session.ask(1).first)
            #expect(try plain.ask(1).first == trial)
            try session.tell(trial.number, sum(trial.architecture))
            try plain.tell(trial.number, sum(trial.architecture))
        }
    }

    /// All of a small space known: strategies that repeat nothing end, the others go on.
    @Test(arguments: names) func aSpaceThatIsKnownCompletelyIsServed(name: String) throws {
        let space = try digits(1)
        let session = try AskTell(strategy: name, space: space, options: [:], seed: 2)
        try session.learn((0..<10).map { (space[$0], [Double($0)], 0) })
        for _ in 0..<30 {
            guard let trial = try session.ask(1).first else { break }
            try session.tell(trial.number, sum(trial.architecture))
        }
    }
}
