import Testing

@testable import NASEngine

@Suite struct LocalSearchTests {
    private func distance(_ architecture: Architecture) -> Double {
        architecture.numbers.reduce(0) { $0 + abs($1 - 3) }
    }

    /// On a sum of convex terms every candidate after the first ones is a neighbour of one of the best before
    /// it, until the optimum is reached.
    @Test(arguments: [1, 2, 3]) func itClimbsByNeighboursOnly(seed: UInt64) throws {
        var search = try strategy(LocalSearch.self, digits(4), ["initial_samples": 3], seed: seed)
        let observed = run(&search, batches: 200, distance)
        let optimum = try #require(observed.firstIndex { $0.values[0] == 0 })
        for index in 3...optimum {
            let before = observed[..<index]
            let least = try #require(before.map { $0.values[0] }.min())
            let best = before.filter { $0.values[0] == least }
            #expect(
                best.contains {
                    observed[index].architecture.changes(from: $0.architecture) == 1
                })
        }
    }

    /// Of equal candidates neither the first nor the latest is preferred.
    @Test func itWalksOverPlateausFromAnywhere() throws {
        var search = try strategy(LocalSearch.self, digits(4), ["initial_samples": 1])
        let observed = run(&search, batches: 60) { _ in 1 }.map(\.architecture)
        let fromFirst = observed[2...].filter { $0.changes(from: observed[0]) == 1 }
        let fromLatest = observed.indices.dropFirst().filter {
            observed[$0].changes(from: observed[$0 - 1]) == 1
        }
        #expect(fromFirst.count < 30 && fromLatest.count < 30)
    }

    /// Zero where both are equal and lowest for 9: every pair of equal numbers is a local optimum.
    @Test func itBeginsAnewAfterALocalOptimum() throws {
        var search = try strategy(LocalSearch.self, digits(2), ["initial_samples": 2])
        let observed = run(&search, batches: 400) { architecture in
            let (a, b) = (architecture.numbers[0], architecture.numbers[1])
            return a == b ? -a : 10 + abs(a - b)
        }
        #expect(Set(observed.map(\.architecture)).count == 100, "it goes on until the space is used up")
        #expect(observed.count == 100)
        let first = try #require(observed.firstIndex { $0.values[0] <= 0 })
        let optimum = observed[first].architecture
        // 18 neighbours of the optimum, then two draws that are none.
        let after = observed[(first + 1)...]
        let isNeighbour = after.map { $0.architecture.changes(from: optimum) == 1 }
        let climb = try #require(isNeighbour.firstIndex(of: false))
        #expect(isNeighbour[..<climb].allSatisfy { $0 })
        let earlier = observed[..<first].lazy.filter { $0.architecture.changes(from: optimum) == 1 }.count
        #expect(climb == 18 - earlier)
    }

    @Test func batchesAreNeighboursOfOne() throws {
        var search = try strategy(
            LocalSearch.self, digits(3), ["initial_samples": 1, "batch_size": 1_000_000])
        let start = try #require(run(&search, batches: 1, distance).first)
        let batch = search.propose()
        #expect(batch.count == 27)
        #expect(batch.allSatisfy { $0.architecture.changes(from: start.architecture) == 1 })
    }
}
