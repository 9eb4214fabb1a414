import Testing

@testable import NASEngine

private func evolution(
    _ space: SearchSpace, _ options: [String: Value] = [:], seed: UInt64 = 1
) throws -> Evolution {
    try Evolution(
        space: space, options: Options(options, for: Evolution.options, of: "Evolution"),
        random: RandomStream(seed: seed))
}

private func digits() throws -> SearchSpace {
    try space((0..<6).map { ("\($0)", .integer(low: 0, high: 9, log: false)) })
}

private func sum(_ architecture: Architecture) -> Double {
    architecture.entries.reduce(0) { $0 + ($1.value.number ?? 0) }
}

@Suite struct EvolutionTests {
    /// The published script: the better half first and in order, trained again, then their children.
    @Test func articleGenerations() throws {
        var strategy = try evolution(digits(), ["retrain_elites": true])
        var batch = strategy.propose()
        for _ in 0..<20 {
            #expect(batch.count == 10)
            #expect(batch.allSatisfy { $0.fresh })
            let observed = batch.map { Observation($0.architecture, [sum($0.architecture)]) }
            strategy.observe(observed)
            let ranked = observed.enumerated().sorted {
                ($0.element.values[0], $0.offset) < ($1.element.values[0], $1.offset)
            }
            let next = strategy.propose()
            let elites = ranked.prefix(5).map(\.element.architecture)
            #expect(next.prefix(5).map(\.architecture) == elites)
            for child in next.dropFirst(5) {
                let foreign = child.architecture.entries.indices.filter { index in
                    !elites.contains {
                        $0.entries[index] == child.architecture.entries[index]
                    }
                }
                #expect(foreign.count <= 1, "more than one key is from neither parent")
            }
            batch = next
        }
        #expect(batch.map { sum($0.architecture) }.min() ?? .infinity < 6)
    }

    @Test func elitesKeepTheirValueAndChildrenAreNew() throws {
        var strategy = try evolution(digits())
        var seen: Set<Architecture> = []
        for generation in 0..<10 {
            let batch = strategy.propose()
            #expect(batch.count == (generation == 0 ? 10 : 5))
            for proposal in batch {
                #expect(seen.insert(proposal.architecture).inserted)
                #expect(!proposal.fresh)
            }
            strategy.observe(batch.map { Observation($0.architecture, [sum($0.architecture)]) })
        }
    }

    @Test func failedCandidatesRankLast() throws {
        var strategy = try evolution(digits(), ["population_size": 4])
        let batch = strategy.propose()
        strategy.observe(
            batch.enumerated().map {
                Observation($0.element.architecture, [$0.offset < 2 ? .infinity : 1])
            })
        let elites = try Record(strategy.state, "state").observations("elites", in: digits())
        #expect(elites.map(\.architecture) == batch.suffix(2).map(\.architecture))
    }

    @Test func aSpentSpaceEndsTheSearch() throws {
        let small = try space([("a", .categorical([1, 2, 3])), ("b", .categorical([1, 2]))])
        var strategy = try evolution(small, ["population_size": 4])
        var seen: Set<Architecture> = []
        for _ in 0..<50 {
            let batch = strategy.propose()
            if batch.isEmpty { break }
            seen.formUnion(batch.map(\.architecture))
            strategy.observe(batch.map { Observation($0.architecture, [1]) })
        }
        #expect(seen.count == 6)
        #expect(strategy.propose().isEmpty)
    }
}

@Suite struct RandomSearchTests {
    @Test func withoutReplacementNothingRepeatsAndAllIsFound() throws {
        let small = try space([("a", .integer(low: 1, high: 7, log: false)), ("b", .categorical([1, 2, 3]))])
        let session = try AskTell(strategy: "RandomSearch", space: small, options: [:], seed: 1)
        var seen: Set<Architecture> = []
        while let trial = try session.ask(1).first {
            #expect(seen.insert(trial.architecture).inserted)
            try session.tell(trial.number, 1)
        }
        #expect(seen.count == 21)
        #expect(session.isExhausted)
    }

    /// Repeating that many draws would never end.
    @Test func aDamagedNumberOfDrawsIsRefused() throws {
        let conditional = try SearchSpace([
            try Parameter("a", .categorical([1, 2])),
            try Parameter(
                "b", .real(low: 0, high: 1, log: false), when: [Condition("a", .categorical([2]))]),
        ])
        var search = try RandomSearch(
            space: conditional, options: Options([:], for: RandomSearch.options, of: "RandomSearch"),
            random: RandomStream(seed: 0))
        #expect(throws: EngineError.self) {
            try search.restore(.record(["drawn": .integer(1 << 53)]))
        }
        try search.restore(.record(["drawn": .integer(16)]))
        #expect(search.propose().count == 16)
    }

    @Test func withReplacementItGoesOn() throws {
        let one = try space([("a", .categorical([1, 2]))])
        let session = try AskTell(
            strategy: "RandomSearch", space: one, options: ["replacement": true], seed: 1)
        #expect(try session.ask(16).count == 16)
        #expect(!session.isExhausted)
    }

    @Test func firstDrawsAreEven() throws {
        let parameter = try space([("a", .integer(low: 0, high: 3, log: false))])
        var counts = [0, 0, 0, 0]
        for seed in 0..<2000 {
            let session = try AskTell(
                strategy: "RandomSearch", space: parameter, options: [:], seed: UInt64(seed))
            counts[try session.ask(1)[0].architecture["a"]?.wholeNumber ?? 0] += 1
        }
        // 500 each; five standard deviations are 97.
        #expect(counts.allSatisfy { abs($0 - 500) < 97 })
    }
}
