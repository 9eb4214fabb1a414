import Testing

@testable import NASEngine

@Suite struct GridSearchTests {
    private func grid(_ domain: Domain, _ points: Int) throws -> [Value] {
        var search = try strategy(
            GridSearch.self, space([("a", domain)]), ["points_per_range": .integer(points)])
        return run(&search, batches: 1000) { _ in 0 }.map { $0.architecture.entries[0].value }
    }

    @Test func rangesAreCutIntoEvenSteps() throws {
        #expect(try grid(.real(low: -1, high: 1, log: false), 5) == [-1.0, -0.5, 0.0, 0.5, 1.0])
        #expect(try grid(.real(low: -1, high: 1, log: false), 1) == [0.0])
        #expect(try grid(.real(low: 2, high: 2, log: false), 5) == [2.0])
        #expect(try grid(.integer(low: 0, high: 100, log: false), 3) == [0, 50, 100])
        #expect(try grid(.integer(low: 3, high: 6, log: false), 5) == [3, 4, 5, 6])
        let logarithmic = try grid(.real(low: 1e-4, high: 1, log: true), 3).compactMap(\.number)
        #expect(zip(logarithmic, [1e-4, 1e-2, 1]).allSatisfy { abs($0 / $1 - 1) < 1e-12 })
    }

    @Test func everyCombinationComesOnceTheLastFastest() throws {
        let plane = try space([("a", .categorical(["x", "y"])), ("b", .ordinal([1, 2, 3]))])
        var search = try strategy(GridSearch.self, plane)
        let all = run(&search, batches: 10) { _ in 0 }.map(\.architecture)
        #expect(all == (0..<6).map { plane[$0] })
        #expect(all.map { $0["b"] } == [1, 2, 3, 1, 2, 3])
        var shuffled = try strategy(GridSearch.self, plane, ["shuffle": true])
        let other = run(&shuffled, batches: 10) { _ in 0 }.map(\.architecture)
        #expect(Set(other) == Set(all) && other.count == 6 && other != all)
    }

    @Test func gridsThatCannotBeCountedAreRefused() throws {
        let large = try space((0..<70).map { ("\($0)", .real(low: 0, high: 1, log: false)) })
        #expect(throws: EngineError.self) { try strategy(GridSearch.self, large) }
    }
}
