import Testing

@testable import NASEngine

/// One of a batch, as it is compared with the published tables: how many, at which budget of 81.
private struct Round: Equatable {
    let candidates: Int
    let budget: Int

    init(_ candidates: Int, _ budget: Int) { (self.candidates, self.budget) = (candidates, budget) }

    init(_ batch: [Proposal]) {
        self.init(batch.count, Int((81 * (batch.first?.fidelity ?? 0)).rounded()))
    }
}

private func value(_ architecture: Architecture) -> Double {
    // As the digits of one number, so that all are different.
    architecture.numbers.reduce(0) { $0 * 10 + $1 }
}

/// Batches of proposals and what was observed, with the numbers of a search.
private func batches(
    _ strategy: inout some Strategy, _ count: Int, _ value: (Architecture) -> Double = value
) -> [(proposals: [Proposal], observations: [Observation])] {
    var first = 0
    return (0..<count).map { _ in
        let proposals = strategy.propose()
        let observations = proposals.enumerated().map { offset, proposal in
            Observation(
                proposal.architecture, [value(proposal.architecture)], number: first + offset,
                fidelity: proposal.fidelity)
        }
        first += proposals.count
        strategy.observe(observations)
        return (proposals, observations)
    }
}

@Suite struct RungsTests {
    private func rungs(_ smallest: Double, _ factor: Int) throws -> Rungs {
        Rungs(
            try Options(
                ["min_fidelity": .real(smallest), "reduction_factor": .integer(factor)],
                for: Rungs.options, of: "Hyperband"))
    }

    @Test func sharesArePowersDownToTheSmallest() throws {
        #expect(try rungs(1, 3).fidelities == [1])
        #expect(try rungs(0.26, 2).fidelities == [0.5, 1])
        #expect(try rungs(0.25, 2).fidelities == [0.25, 0.5, 1])
        for power in 1...6 {
            var smallest = 1.0
            for _ in 0..<power { smallest /= 3 }
            #expect(try rungs(smallest, 3).top == power)
        }
        #expect(try rungs(1.0 / 81, 3).top == 4, "a share written as one quotient is exact enough")
    }

    @Test func theSmallestNumberIsServed() throws {
        let rungs = try rungs(.leastNonzeroMagnitude, 2)
        #expect(rungs.fidelities.allSatisfy { $0 > 0 } && rungs.top == 1074)
        var schedule = HyperbandSchedule(try digits(2), rungs)
        var asked = 0
        _ = schedule.propose { count, _ in
            asked = count
            return []
        }
        #expect(asked == 1_000_000)
    }
}

@Suite struct HyperbandTests {
    /// Li et al. 2018, table 1: R = 81, η = 3.
    @Test func candidatesAndBudgetsAreThePublishedOnes() throws {
        var search = try strategy(Hyperband.self, digits(5), ["min_fidelity": .real(1.0 / 81)])
        let rounds = batches(&search, 16).map { Round($0.proposals) }
        let bracket = [
            Round(81, 1), Round(27, 3), Round(9, 9), Round(3, 27), Round(1, 81),
            Round(34, 3), Round(11, 9), Round(3, 27), Round(1, 81),
            Round(15, 9), Round(5, 27), Round(1, 81),
            Round(8, 27), Round(2, 81),
            Round(5, 81),
        ]
        #expect(rounds == bracket + [Round(81, 1)])
    }

    @Test func bracketsBeginWithNewCandidates() throws {
        var search = try strategy(Hyperband.self, digits(5))
        var seen: Set<Architecture> = []
        for batch in batches(&search, 12).map(\.proposals) where batch[0].origin == nil {
            #expect(batch.allSatisfy { seen.insert($0.architecture).inserted && $0.origin == nil })
        }
    }
}

@Suite struct SuccessiveHalvingTests {
    @Test func theBestThirdGoesOn() throws {
        var search = try strategy(SuccessiveHalving.self, digits(5))
        var first: [Architecture: Int] = [:]
        var before: [Observation] = []
        for (number, round) in batches(&search, 6).enumerated() {
            if number % 3 == 0 {
                #expect(round.proposals.count == 27 && round.proposals.allSatisfy { $0.origin == nil })
                for observation in round.observations { first[observation.architecture] = observation.number }
            } else {
                let best = before.sorted { $0.values[0] < $1.values[0] }.prefix(before.count / 3)
                #expect(round.proposals.map(\.architecture) == best.map(\.architecture))
                // Also from the highest rung an evaluation leads back to the trial that began it.
                for proposal in round.proposals { #expect(proposal.origin == first[proposal.architecture]) }
                #expect(round.proposals.allSatisfy { $0.fidelity > before[0].fidelity })
            }
            before = round.observations
        }
    }

    @Test func failedOnesAreNotPromoted() throws {
        var search = try strategy(SuccessiveHalving.self, digits(5), ["candidates": 9])
        var count = 0
        let rounds = batches(&search, 2) { architecture in
            count += 1
            return count <= 7 ? .infinity : value(architecture)
        }
        #expect(rounds[1].proposals.count == 2)
        #expect(
            Set(rounds[1].proposals.map(\.architecture))
                == Set(rounds[0].proposals.suffix(2).map(\.architecture)))
        // If nobody is left, the next round begins.
        var hopeless = try strategy(SuccessiveHalving.self, digits(5), ["candidates": 9])
        let failed = batches(&hopeless, 2) { _ in .infinity }
        #expect(failed[1].proposals.count == 9 && failed[1].proposals[0].origin == nil)
    }

    @Test func oneCandidateClimbsAlone() throws {
        var search = try strategy(SuccessiveHalving.self, digits(5), ["candidates": 1])
        let rounds = batches(&search, 4).map(\.proposals)
        #expect(rounds.map(\.count) == [1, 1, 1, 1])
        #expect(rounds.map { $0[0].origin } == [nil, 0, 0, nil])
    }
}

@Suite struct ASHATests {
    /// Li et al. 2020, algorithm 2: a promotion for each of the best ⌊n/η⌋ of a rung, once.
    @Test(arguments: [1, 4, 9]) func onlyTheBestOfARungClimbOnce(batchSize: Int) throws {
        var search = try strategy(ASHA.self, digits(5), ["batch_size": .integer(batchSize)])
        let fidelities = [1.0 / 9, 1.0 / 3, 1]
        func rung(_ proposal: Proposal) throws -> Int {
            try #require(fidelities.firstIndex { abs($0 - proposal.fidelity) < 1e-9 })
        }
        var rungs: [[Observation]] = [[], [], []]
        var promoted: [Set<Architecture>] = [[], []]
        var origins: [Architecture: Int] = [:]
        for round in batches(&search, 200 / batchSize) {
            for proposal in round.proposals {
                let rung = try rung(proposal)
                #expect(proposal.origin == origins[proposal.architecture])
                guard rung > 0 else { continue }
                let best = rungs[rung - 1].sorted { $0.values[0] < $1.values[0] }
                    .prefix(rungs[rung - 1].count / 3)
                #expect(best.contains { $0.architecture == proposal.architecture })
                #expect(promoted[rung - 1].insert(proposal.architecture).inserted)
            }
            // The highest rung is served first, and new candidates last.
            let budgets = round.proposals.map(\.fidelity)
            #expect(budgets == budgets.sorted(by: >))
            // Whoever could climb did, or there was no room.
            if round.proposals.contains(where: { $0.origin == nil }) {
                for rung in 0..<2 {
                    let best = rungs[rung].sorted { $0.values[0] < $1.values[0] }
                        .prefix(rungs[rung].count / 3)
                    #expect(best.allSatisfy { promoted[rung].contains($0.architecture) })
                }
            }
            for (proposal, observation) in zip(round.proposals, round.observations) {
                if proposal.origin == nil { origins[proposal.architecture] = observation.number }
                rungs[try rung(proposal)].append(observation)
            }
        }
        #expect(!rungs[2].isEmpty && rungs[0].count > rungs[1].count && rungs[1].count > rungs[2].count)
    }

    @Test func failedOnesAreNotPromoted() throws {
        var search = try strategy(ASHA.self, digits(5))
        for round in batches(&search, 20, { _ in .infinity }) {
            #expect(round.proposals.allSatisfy { $0.origin == nil })
        }
    }

    /// Rungs with fewer candidates than one in η would climb from let their best one climb, once nothing new is left.
    @Test(arguments: [2, 4, 8]) func aSpaceOfAFewArchitecturesIsTrainedToTheEnd(size: Int) throws {
        var search = try strategy(ASHA.self, space([("x", .integer(low: 1, high: size, log: false))]))
        let observed = run(&search, batches: 20) { $0.numbers[0] }
        #expect(search.propose().isEmpty)
        #expect(observed.filter { $0.fidelity == 1 }.map { $0.architecture.numbers } == [[1]])
    }

    /// Where nothing new is left, those that may still climb do.
    @Test func aUsedUpSpaceIsClimbedToTheEnd() throws {
        var search = try strategy(ASHA.self, digits(1))
        var proposals: [Proposal] = []
        for _ in 0..<20 {
            let batch = search.propose()
            search.observe(
                batch.enumerated().map {
                    Observation(
                        $1.architecture, [value($1.architecture)], number: proposals.count + $0,
                        fidelity: $1.fidelity)
                })
            proposals += batch
        }
        #expect(search.propose().isEmpty)
        #expect(proposals.lazy.filter { $0.origin == nil }.count == 10)
        #expect(proposals.last?.fidelity == 1)
    }
}

@Suite struct BOHBTests {
    /// Low fidelity says large numbers are good, high fidelity that small ones are: as soon as the latter
    /// has enough results, it is believed.
    @Test func theModelComesFromTheHighestFidelityWithEnoughResults() throws {
        var search = try strategy(
            BOHB.self, digits(3),
            ["random_fraction": 0.0, "min_fidelity": .real(1.0 / 9), "good_fraction": 0.3])
        var (early, late): ([Double], [Double]) = ([], [])
        var (first, high) = (0, 0)
        for _ in 0..<60 {
            let batch = search.propose()
            let fresh = batch.filter { $0.origin == nil }.map { value($0.architecture) / 100 }
            // Three parameters: five results are enough.
            if first > 0 && high < 5 { early += fresh }
            if high >= 15 { late += fresh }
            search.observe(
                batch.enumerated().map { offset, proposal in
                    let number = value(proposal.architecture) / 100
                    return Observation(
                        proposal.architecture, [proposal.fidelity == 1 ? number : -number],
                        number: first + offset, fidelity: proposal.fidelity)
                })
            high += batch.lazy.filter { $0.fidelity == 1 }.count
            first += batch.count
        }
        let (earlyMean, lateMean) = (
            early.reduce(0, +) / Double(early.count), late.reduce(0, +) / Double(late.count)
        )
        // Even draws have the mean 5.
        #expect(earlyMean > 6)
        #expect(lateMean < 4)
    }
}
