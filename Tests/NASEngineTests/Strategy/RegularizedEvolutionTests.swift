import Testing

@testable import NASEngine

private func sum(_ architecture: Architecture) -> Double { architecture.numbers.reduce(0, +) }

@Suite struct RegularizedEvolutionTests {
    /// When everybody is in the sample, the parent is the best of the youngest, and nobody older.
    @Test func theOldestDiesAndNotTheWorst() throws {
        var search = try strategy(
            RegularizedEvolution.self, digits(8), ["population_size": 5, "sample_size": 5])
        var observed = run(&search, batches: 1, sum)
        #expect(observed.count == 5)
        var overall = 0
        // Later ones are worse, so that the best of all soon is too old.
        for age in 0..<40 {
            let child = try #require(search.propose().first).architecture
            let young = observed.suffix(5)
            let best = young.min { $0.values[0] < $1.values[0] }
            #expect(child.changes(from: try #require(best).architecture) == 1)
            if observed.min(by: { $0.values[0] < $1.values[0] }) != best { overall += 1 }
            let result = Observation(child, [100 + Double(age)])
            search.observe([result])
            observed.append(result)
        }
        #expect(overall > 30, "the best of all must not stay a parent")
    }

    @Test func parentsAreAmongTheYoungest() throws {
        var search = try strategy(
            RegularizedEvolution.self, digits(8),
            ["population_size": 6, "sample_size": 2, "batch_size": 3])
        var observed = run(&search, batches: 1, sum)
        for _ in 0..<30 {
            let batch = search.propose()
            #expect(batch.count == 3)
            for child in batch {
                #expect(
                    observed.suffix(6).contains {
                        $0.architecture.changes(from: child.architecture) == 1
                    })
            }
            let results = batch.map { Observation($0.architecture, [sum($0.architecture)]) }
            search.observe(results)
            observed += results
        }
    }

    @Test func itMinimises() throws {
        var search = try strategy(RegularizedEvolution.self, digits(6))
        let best = run(&search, batches: 200, sum).map { $0.values[0] }.min()
        // The mean is 27 with a deviation of 7: random draws reach about 7 of 54.
        #expect(try #require(best) <= 2)
    }

    @Test func theSampleMustNotExceedThePopulation() throws {
        #expect(throws: EngineError.self) {
            try strategy(
                RegularizedEvolution.self, digits(2), ["population_size": 5, "sample_size": 6])
        }
    }
}
