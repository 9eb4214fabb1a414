import Testing

@testable import NASEngine

@Suite struct VariationTests {
    /// All others with the same probability; 2 degrees of freedom: 18.4 is exceeded with probability 1e-4.
    @Test func anotherChoiceIsDrawnEvenly() {
        let domain = Domain.categorical(["a", "b", "c", "d"])
        var random = RandomStream(seed: 1)
        var counts: [Value: Int] = [:]
        for _ in 0..<3000 { counts[domain.other(than: "b", using: &random), default: 0] += 1 }
        #expect(counts["b"] == nil && counts.count == 3)
        let statistic = counts.values.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
        #expect(statistic < 18.4)
    }

    @Test func anotherOfARangeIsNear() {
        var random = RandomStream(seed: 2)
        for domain in [
            Domain.integer(low: 0, high: 1000, log: false), .real(low: 1e-6, high: 1, log: true),
        ] {
            let centre = domain.value(atUnit: 0.5)
            let places = (0..<2000).map { _ in domain.unit(of: domain.other(than: centre, using: &random)) }
            let variance = places.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / 2000
            // A deviation of 0.2 reflected at ±0.5 has a little less.
            #expect(abs(variance.squareRoot() - 0.196) < 0.01)
        }
        // The narrowest ranges there are.
        for domain in [
            Domain.integer(low: 5, high: 6, log: false), .integer(low: 1, high: 2, log: true),
            .real(low: 1, high: 1.0.nextUp, log: false), .real(low: 1, high: 1.0.nextUp, log: true),
        ] {
            for unit in [0, 1.0.nextDown] {
                let value = domain.value(atUnit: unit)
                #expect(domain.other(than: value, using: &random) != value)
            }
        }
    }

    @Test func rangesThatExceedTheLogarithmicScaleAreRefused() throws {
        #expect(throws: EngineError.self) { try Parameter("r", .real(low: 1e-300, high: 1e300, log: true)) }
        let wide = try Parameter("r", .real(low: 1e-150, high: 1e150, log: true)).domain
        for (unit, expected) in [(0.0, 1e-150), (0.25, 1e-75), (0.5, 1), (1, 1e150)] {
            #expect(abs((wide.value(atUnit: unit).number ?? 0) / expected - 1) < 1e-9)
        }
    }

    @Test func unitsAndValuesAreInverseForEveryChoice() {
        for domain in [
            Domain.integer(low: 1, high: 300, log: true), .integer(low: -7, high: 7, log: false),
            .ordinal([1, 2, 4, 8, 16, 32, 64]), .categorical([true, false, "none"]),
            .integer(low: (1 << 53) - 3, high: (1 << 53) - 1, log: false),
        ] {
            for index in 0..<(domain.count ?? 0) {
                let value = domain.choice(index)
                #expect(domain.value(atUnit: domain.unit(of: value)) == value)
            }
            #expect(domain.value(atUnit: 0) == domain.choice(0))
            #expect(domain.value(atUnit: 1) == domain.choice((domain.count ?? 1) - 1))
        }
    }

    /// Children under conditions: what both parents have comes from either, what one has from that one.
    @Test func crossoverKeepsWhatTheParentsHave() throws {
        let space = try tree()
        var random = RandomStream(seed: 3)
        for _ in 0..<300 {
            let (first, second) = (space.sample(using: &random), space.sample(using: &random))
            let child = space.crossover(first, second, using: &random)
            #expect(space.contains(child))
            for entry in child.entries {
                let offered = [first[entry.name], second[entry.name]].compactMap { $0 }
                #expect(offered.isEmpty || offered.contains(entry.value))
            }
        }
    }

    @Test func neighboursChangeOneValueAndDrawWhatDependsOnIt() throws {
        let space = try tree()
        var random = RandomStream(seed: 4)
        for _ in 0..<300 {
            let parent = space.sample(using: &random)
            let neighbour = space.neighbour(of: parent, using: &random)
            let shared = neighbour.entries.filter { parent[$0.name] != nil }
            #expect(shared.lazy.filter { parent[$0.name] != $0.value }.count == 1)
        }
        let fixed = try NASEngineTests.space([
            ("a", .categorical([1])), ("b", .integer(low: 2, high: 2, log: false)),
        ])
        #expect(fixed.neighbour(of: fixed[0], using: &random) == fixed[0])
        #expect(fixed.neighbours(of: fixed[0], using: &random) == [])
    }

    @Test func encodingPointsOfAKnownSpace() throws {
        let space = try SearchSpace([
            Parameter("kind", .categorical(["a", "b", "c"])),
            Parameter("flag", .categorical([false, true])),
            Parameter("fixed", .categorical([1])),
            Parameter("width", .ordinal([8, 16, 32, 64])),
            Parameter(
                "rate", .real(low: 0, high: 4, log: false), when: [Condition("kind", .categorical(["b"]))]),
        ])
        let encoding = Encoding(space)
        #expect(encoding.dimension == 3 + 1 + 0 + 1 + 2)
        #expect(
            encoding.point(
                of: Architecture([
                    ("kind", "b"), ("flag", true), ("fixed", 1), ("width", 16), ("rate", 1.0),
                ])) == [0, 1, 0, 0.75, 0.375, 0.25, 1])
        #expect(
            encoding.point(
                of: Architecture([("kind", "a"), ("flag", false), ("fixed", 1), ("width", 64)]))
                == [1, 0, 0, 0.25, 0.875, 0.5, 0])
    }
}
