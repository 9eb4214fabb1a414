import Testing

@testable import NASEngine

/// Schaffer's problem on integers, with a second parameter that only costs: the front is a in 0…4, b = 0.
private func schaffer(_ architecture: Architecture) -> [Double] {
    let (a, b) = (architecture.numbers[0], architecture.numbers[1])
    return [a * a + b, (a - 4) * (a - 4) + b]
}

private func plane() throws -> SearchSpace {
    try space([
        ("a", .integer(low: -10, high: 10, log: false)), ("b", .integer(low: 0, high: 20, log: false)),
    ])
}

@Suite struct NSGA2Tests {
    /// A third of the space is enough for the whole front; random draws find all five points with
    /// probability (1/3)⁵.
    @Test(arguments: [1, 2, 3]) func theWholeFrontIsFound(seed: UInt64) throws {
        var search = try strategy(NSGA2.self, plane(), ["population_size": 12], seed: seed)
        let observed = run(&search, batches: 12, values: schaffer)
        #expect(observed.count == 144)
        let found = Set(observed.map(\.architecture.numbers))
        #expect((0...4).allSatisfy { found.contains([Double($0), 0]) })
    }

    @Test func theBestByFrontAndCrowdingSurvive() throws {
        var search = try strategy(NSGA2.self, plane(), ["population_size": 8])
        var expected: [Observation] = []
        for _ in 0..<6 {
            let batch = run(&search, batches: 1, values: schaffer)
            let all = batch + expected
            expected = Ranking.order(all).prefix(8).map { all[$0] }
            guard case .record(let fields) = search.state, case .list(let members)? = fields["population"]
            else {
                Issue.record("no population in the state")
                return
            }
            let space = try plane()
            let kept = try members.map { try Observation($0, in: space).architecture }
            #expect(kept == expected.map(\.architecture))
        }
    }

    /// With neither crossover nor anything else, a child is one step from a survivor.
    @Test func childrenComeFromSurvivors() throws {
        var search = try strategy(
            NSGA2.self, digits(6), ["population_size": 6, "crossover_probability": 0.0])
        let first = run(&search, batches: 1) { [$0.numbers[0], -$0.numbers[0]] }
        for proposal in search.propose() {
            #expect(first.contains { $0.architecture.changes(from: proposal.architecture) == 1 })
        }
    }

    @Test func aPopulationLargerThanTheSpaceEndsWithIt() throws {
        var search = try strategy(NSGA2.self, plane(), ["population_size": 1_000_000])
        #expect(Set(run(&search, batches: 3, values: schaffer).map(\.architecture)).count == 21 * 21)
        #expect(search.propose().isEmpty)
    }
}
