import Testing

@testable import NASEngine

private func cube() throws -> SearchSpace {
    try space((0..<3).map { ("\($0)", .real(low: 0, high: 1, log: false)) })
}

/// Separable, with its optimum at (0.2, 0.4, 0.6).
private func bowl(_ architecture: Architecture) -> Double {
    architecture.numbers.enumerated().reduce(0) { sum, item in
        let distance = item.element - 0.2 * Double(item.offset + 1)
        return sum + distance * distance
    }
}

@Suite struct DifferentialEvolutionTests {
    @Test(arguments: [1, 2, 3]) func itFindsTheOptimumOfASeparableProblem(seed: UInt64) throws {
        var search = try strategy(DifferentialEvolution.self, cube(), seed: seed)
        let best = run(&search, batches: 1000, bowl).map { $0.values[0] }.min()
        // Even draws come as near as 1e-3 in so many.
        #expect(try #require(best) < 1e-6)
    }

    /// On the unit cube architectures are their vectors: each coordinate of a child is its parent's, or
    /// that moved half the way to the best and by half the difference of two others, or was drawn where
    /// that left the cube.
    @Test func coordinatesComeFromTheParentOrAMutant() throws {
        var search = try strategy(
            DifferentialEvolution.self, cube(),
            ["population_size": 5, "mutation_factor": 0.5, "crossover_rate": 0.5])
        var members = run(&search, batches: 1, bowl)
        #expect(members.count == 5)
        var (kept, mutated, changed) = (0, 0, 0)
        for round in 5..<305 {
            let child = try #require(search.propose().first).architecture
            let target = round % 5
            let vectors = members.map(\.architecture.numbers)
            let best = vectors[Ranking.order(members)[0]]
            var own = 0
            for (index, number) in child.numbers.enumerated() {
                if number == vectors[target][index] {
                    own += 1
                    continue
                }
                var mutants: [Double] = []
                for one in 0..<5 where one != target {
                    for two in 0..<5 where two != one && two != target {
                        let own = vectors[target][index]
                        let difference = vectors[one][index] - vectors[two][index]
                        mutants.append(own + 0.5 * (best[index] - own + difference))
                    }
                }
                if mutants.contains(where: { abs($0 - number) < 1e-12 }) {
                    mutated += 1
                } else {
                    #expect(mutants.contains { !(0..<1).contains($0) }, "drawn without need")
                }
            }
            #expect(own < 3, "one coordinate at least is the mutant's")
            kept += own
            let result = Observation(child, [bowl(child)])
            search.observe([result])
            if result.values[0] < members[target].values[0] {
                members[target] = result
                changed += 1
            }
        }
        // Half of two coordinates stay, and hardly any mutant leaves the cube.
        #expect((200...400).contains(kept) && mutated > 400 && changed > 10)
    }

    @Test func onlyTheBetterReplacesItsParent() throws {
        var search = try strategy(DifferentialEvolution.self, cube(), ["population_size": 4])
        run(&search, batches: 1) { _ in 1 }
        func members() -> Value? {
            guard case .record(let fields) = search.state else { return nil }
            return fields["members"]
        }
        let before = members()
        run(&search, batches: 8) { _ in 2 }
        #expect(members() == before)
        run(&search, batches: 1) { _ in 0.5 }
        #expect(members() != before)
    }

    /// Told in two parts, the best of both make up the population, and its state can be read back.
    @Test func earlierTrialsNeverExceedThePopulation() throws {
        let space = try cube()
        var random = RandomStream(seed: 3)
        let earlier = (0..<12).map { number in
            Observation(space.sample(using: &random), [Double((number * 5) % 12)])
        }
        var search = try strategy(DifferentialEvolution.self, space, ["population_size": 4])
        search.learn(Array(earlier[..<6]))
        search.learn(Array(earlier[6...]))
        guard case .record(let fields) = search.state, case .list(let members)? = fields["members"]
        else { return }
        let values = try members.map { try Observation($0, in: space).values[0] }
        #expect(values.sorted() == [0, 1, 2, 3])
        var copy = try strategy(DifferentialEvolution.self, space, ["population_size": 4])
        try copy.restore(search.state)
        #expect(copy.propose() == search.propose())
    }
}
