import Testing

@testable import NASEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Choices with and without an order, and one that only some architectures have: 3 + 3·4 in all, twice.
private func choices() throws -> SearchSpace {
    try SearchSpace([
        Parameter("kind", .categorical(["a", "b"])),
        Parameter("width", .ordinal([8, 16, 32])),
        Parameter(
            "depth", .integer(low: 1, high: 4, log: false), when: [Condition("kind", .categorical(["b"]))]),
    ])
}

private func mass(_ estimator: ParzenEstimator, _ space: SearchSpace) throws -> [Double] {
    (0..<(try #require(space.count))).map {
        exp(estimator.logDensity(space.values(of: space[$0])))
    }
}

/// Pearson's statistic of counts against shares.
private func chiSquare(_ counts: [Int], _ shares: [Double]) -> Double {
    let total = Double(counts.reduce(0, +))
    return zip(counts, shares).reduce(0) { sum, pair in
        let expected = total * pair.1
        return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
    }
}

@Suite struct ParzenEstimatorTests {
    @Test(arguments: [0, 1, 2, 7]) func densitiesOverAFiniteSpaceSumToOne(centres: Int) throws {
        let space = try choices()
        #expect(space.count == 15)
        var random = RandomStream(seed: 1)
        let estimator = ParzenEstimator(
            space, around: (0..<centres).map { _ in space.sample(using: &random) })
        #expect(abs(try mass(estimator, space).reduce(0, +) - 1) < 1e-12)
    }

    @Test func densitiesOverARangeIntegrateToOne() throws {
        for isLog in [false, true] {
            let space = try space([("r", .real(low: 1, high: 100, log: isLog))])
            let domain = space.parameters[0].domain
            let estimator = ParzenEstimator(
                space, around: [1.0, 1.5, 30, 100].map { Architecture([("r", .real($0))]) })
            // The middle rule over the scale, smooth inside: its error is below 1e-6.
            let steps = 20_000
            let integral = (0..<steps).reduce(0.0) { sum, step in
                let value = domain.value(atUnit: (Double(step) + 0.5) / Double(steps))
                return sum + exp(estimator.logDensity([value])) / Double(steps)
            }
            #expect(abs(integral - 1) < 1e-6)
        }
    }

    /// 14 degrees of freedom: 42.6 is exceeded with probability 1e-4.
    @Test func drawsFollowTheDensityOfChoices() throws {
        let space = try choices()
        let estimator = ParzenEstimator(space, around: [space[1], space[7], space[7]])
        var random = RandomStream(seed: 2)
        var counts: [Architecture: Int] = [:]
        for _ in 0..<20_000 { counts[estimator.sample(using: &random), default: 0] += 1 }
        let statistic = chiSquare(
            (0..<15).map { counts[space[$0]] ?? 0 }, try mass(estimator, space))
        #expect(statistic < 42.6)
    }

    /// Centres at the ends show whether kernels are cut off alike; 19 degrees of freedom: 50.8 is
    /// exceeded with probability 1e-4.
    @Test(arguments: [
        Domain.real(low: 0, high: 1, log: false), .real(low: 1e-4, high: 1, log: true),
        .integer(low: 1, high: 1000, log: false), .integer(low: 1, high: 40, log: true),
    ]) func drawsFollowTheDensityOfARange(domain: Domain) throws {
        let space = try space([("r", domain)])
        let places = [0.0, 0.08, 0.7, 0.9999]
        let estimator = ParzenEstimator(
            space, around: places.map { Architecture([("r", domain.value(atUnit: $0))]) })
        // As wide as 20 stretches of the scale, in as many steps as there are values.
        let steps = 20_000
        var shares = [Double](repeating: 0, count: 20)
        let stretch = { (value: Value) in min(Int(domain.unit(of: value) * 20), 19) }
        for step in 0..<steps {
            let value = domain.value(atUnit: (Double(step) + 0.5) / Double(steps))
            shares[stretch(value)] += exp(estimator.logDensity([value]))
        }
        let sum = shares.reduce(0, +)
        let used = shares.indices.filter { shares[$0] > 0 }
        var random = RandomStream(seed: 3)
        var counts = [Int](repeating: 0, count: 20)
        for _ in 0..<20_000 {
            counts[stretch(estimator.sample(using: &random).entries[0].value)] += 1
        }
        #expect(chiSquare(used.map { counts[$0] }, used.map { shares[$0] / sum }) < 50.8)
    }

    @Test func forbiddenOnesAreNotDrawn() throws {
        let space = try tree()
        var random = RandomStream(seed: 4)
        let estimator = ParzenEstimator(
            space, around: (0..<5).map { _ in space.sample(using: &random) })
        for _ in 0..<500 { #expect(space.contains(estimator.sample(using: &random))) }
    }
}

@Suite struct TPETests {
    private func quadratic(_ architecture: Architecture) -> Double {
        architecture.numbers.reduce(0) { $0 + ($1 - 0.3) * ($1 - 0.3) }
    }

    @Test func itBeatsRandomDrawsOnAQuadratic() throws {
        let space = try space((0..<4).map { ("\($0)", .real(low: -1, high: 1, log: false)) })
        func best(_ type: (some Strategy).Type, _ seed: UInt64, _ batches: Int) throws -> Double {
            var search = try strategy(type, space, seed: seed)
            let values = run(&search, batches: batches, quadratic).prefix(80).map { $0.values[0] }
            #expect(values.count == 80)
            return values.min() ?? .infinity
        }
        for seed in 1...3 as ClosedRange<UInt64> {
            let (guided, even) = (try best(TPE.self, seed, 71), try best(RandomSearch.self, seed, 5))
            #expect(guided < 0.5 * even)
        }
    }

    @Test func goodIsAShareOfAtMost25() throws {
        let space = try digits(4)
        let all = (0..<400).map { space[$0] }
        for (fraction, count) in [(0.15, 400), (1 - 1e-16, 3), (1e-9, 3)] {
            let search = ParzenSearch(
                space, try Options(["good_fraction": .real(fraction)], for: ParzenSearch.options, of: "TPE"))
            let model = search.model(Array(all[..<count]))
            let good = min(max(Int((fraction * Double(count)).rounded(.up)), 1), 25)
            let expected = ParzenEstimator(space, around: Array(all[..<good]))
            let values = space.values(of: space[9999])
            #expect(model.better.logDensity(values) == expected.logDensity(values))
        }
    }
}
