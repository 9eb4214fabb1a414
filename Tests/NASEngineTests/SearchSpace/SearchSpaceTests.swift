import Testing

@testable import NASEngine

func space(_ parameters: [(String, Domain)]) throws(EngineError) -> SearchSpace {
    var all: [Parameter] = []
    for (name, domain) in parameters { all.append(try Parameter(name, domain)) }
    return try SearchSpace(all)
}

private func mixed() throws -> SearchSpace {
    try space([
        ("a", .categorical(["x", 1, 2.5, true])), ("n", .integer(low: 3, high: 70, log: true)),
        ("r", .real(low: 1e-4, high: 1, log: true)), ("u", .real(low: -1, high: 1, log: false)),
    ])
}

@Suite struct ParameterTests {
    private func message(_ name: String, _ domain: Domain) -> String {
        do {
            _ = try Parameter(name, domain)
            return "accepted"
        } catch { return "\(error)" }
    }

    @Test func badDomainsAreNamed() {
        #expect(message("", .categorical([1])).contains("names"))
        #expect(
            message("a", .categorical([]))
                == "search_space['a'] must have at least one choice, got none")
        #expect(
            message("a", .categorical([1, 1]))
                == "search_space['a'] must have different choices, got 1 twice")
        #expect(message("a", .integer(low: 3, high: 2, log: false)).contains("low ≤ high"))
        #expect(message("a", .integer(low: .min, high: .max, log: false)).contains("2⁵³"))
        #expect(message("a", .integer(low: 0, high: 2, log: true)).contains("low > 0"))
        #expect(message("a", .real(low: 0, high: .infinity, log: false)).contains("finite"))
        #expect(message("a", .real(low: .nan, high: 1, log: false)).contains("finite"))
        #expect(message("a", .real(low: 0, high: 1, log: true)).contains("low > 0"))
    }

    @Test func choicesAndIndicesAreInverse() throws {
        for domain in [
            Domain.categorical([1, 1.0, "1"]), .integer(low: -2, high: 4, log: false),
        ] {
            let parameter = try Parameter("a", domain)
            for index in 0..<(try #require(parameter.domain.count)) {
                #expect(parameter.domain.index(of: parameter.domain.choice(index)) == index)
            }
            #expect(parameter.domain.index(of: "none") == nil)
        }
    }

    @Test func logarithmicRangesAreEvenInTheLogarithm() throws {
        let parameter = try Parameter("a", .real(low: 1e-4, high: 1, log: true))
        var random = RandomStream(seed: 1)
        let below = (0..<4000).filter { _ in
            parameter.domain.sample(using: &random).number.map { $0 < 0.01 } ?? false
        }
        // Half of the draws lie below the geometric middle: five standard deviations are 158.
        #expect(abs(below.count - 2000) < 158)
    }
}

@Suite struct SearchSpaceTests {
    @Test func namesAreUniqueAndThere() throws {
        #expect(throws: EngineError.self) { try SearchSpace([]) }
        let one = try Parameter("a", .categorical([1]))
        #expect(throws: EngineError.self) { try SearchSpace([one, one]) }
    }

    @Test func countsAndEnumerates() throws {
        let finite = try space([
            ("a", .categorical([1, 2])), ("b", .integer(low: 0, high: 2, log: false)),
        ])
        #expect(finite.count == 6)
        #expect(Set((0..<6).map { finite[$0] }).count == 6)
        #expect(finite[1]["b"] == 1)
        #expect(try mixed().count == nil)
        let huge = try space(
            (0..<9).map { ("\($0)", .integer(low: 0, high: 1_000_000, log: false)) })
        #expect(huge.count == nil)
    }

    @Test func samplesMutantsAndChildrenStayInside() throws {
        let space = try mixed()
        var random = RandomStream(seed: 2)
        for _ in 0..<500 {
            let (first, second) = (space.sample(using: &random), space.sample(using: &random))
            let child = space.crossover(first, second, using: &random)
            let mutant = space.mutate(child, using: &random)
            for architecture in [first, child, mutant] { #expect(space.contains(architecture)) }
            for index in child.entries.indices {
                let value = child.entries[index].value
                #expect([first, second].contains { $0.entries[index].value == value })
            }
            #expect(zip(child.entries, mutant.entries).filter { $0 != $1 }.count <= 1)
        }
    }

    @Test func validationNamesTheKey() throws {
        let space = try space([("a", .categorical([1, 2]))])
        #expect(throws: EngineError.invalidArgument("architecture must have the key 'a'")) {
            try space.validate(Architecture([("b", 1)]))
        }
        #expect(throws: EngineError.self) { try space.validate(Architecture([("a", 3)])) }
        #expect(throws: EngineError.self) {
            try space.validate(Architecture([("a", 1), ("b", 1)]))
        }
    }
}

/// Layer by layer, with a momentum for one optimizer only.
func tree() throws -> SearchSpace {
    try SearchSpace(
        [
            Parameter("depth", .integer(low: 1, high: 3, log: false)),
            Parameter("width_1", .ordinal([8, 16])),
            Parameter("width_2", .ordinal([8, 16]), when: [Condition("depth", .categorical([2, 3]))]),
            Parameter("width_3", .ordinal([8, 16]), when: [Condition("depth", .categorical([3]))]),
            Parameter("optimizer", .categorical(["Adam", "SGD", "RMSprop"])),
            Parameter(
                "momentum", .real(low: 0.5, high: 0.99, log: false),
                when: [Condition("optimizer", .categorical(["SGD"]))]),
        ],
        forbidden: [[Condition("depth", .categorical([1])), Condition("width_1", .categorical([8]))]])
}

@Suite struct ConditionalSpaceTests {
    private func finite() throws -> SearchSpace {
        let tree = try tree()
        return try SearchSpace(Array(tree.parameters.dropLast()), forbidden: tree.forbidden)
    }

    @Test func countsAndEnumerates() throws {
        // (1 + 4 + 8) · 3: of the two widths of depth 1 one is forbidden.
        let space = try finite()
        #expect(space.count == 39)
        let all = (0..<39).map { space[$0] }
        #expect(Set(all).count == 39)
        #expect(all.allSatisfy { space.contains($0) })
        for architecture in all { try space.validate(architecture) }
        #expect(try tree().count == nil)
    }

    @Test func changesStayInside() throws {
        let space = try tree()
        var random = RandomStream(seed: 5)
        for _ in 0..<500 {
            let (first, second) = (space.sample(using: &random), space.sample(using: &random))
            let child = space.crossover(first, second, using: &random)
            let neighbour = space.neighbour(of: child, using: &random)
            #expect(neighbour != child)
            let mutant = space.mutate(child, using: &random)
            let all = [first, child, mutant, neighbour] + space.neighbours(of: child, using: &random)
            #expect(all.allSatisfy { space.contains($0) })
            #expect(try space.architectures(all.map(\.state)) == all)
        }
    }

    @Test func neighboursAreAllSingleChanges() throws {
        let space = try finite()
        var random = RandomStream(seed: 6)
        let start = Architecture([("depth", 1), ("width_1", 16), ("optimizer", "Adam")])
        let found = Set(space.neighbours(of: start, using: &random))
        // Width 8 is forbidden; two other depths with drawn widths, two other optimizers.
        #expect(found.count == 4)
    }

    @Test func pointsTellArchitecturesApart() throws {
        let space = try finite()
        let encoding = Encoding(space)
        let points = (0..<39).map { encoding.point(of: space[$0]) }
        #expect(points.allSatisfy { $0.count == encoding.dimension })
        #expect(Set(points).count == 39)
        #expect(points.joined().allSatisfy { (0...1).contains($0) })
    }

    @Test func placesOnTheUnitScaleAreInverse() throws {
        let domains: [Domain] = [
            .categorical(["a", "b", "c"]), .ordinal([1, 10, 100]), .integer(low: -3, high: 3, log: false),
            .integer(low: 1, high: 1000, log: true), .real(low: 1e-5, high: 1, log: true),
            .real(low: -1, high: 1, log: false), .real(low: 2, high: 2, log: false),
        ]
        var random = RandomStream(seed: 7)
        for domain in domains {
            for _ in 0..<100 {
                let value = domain.sample(using: &random)
                let unit = domain.unit(of: value)
                #expect((0...1).contains(unit))
                let again = domain.value(atUnit: unit)
                let distance = abs((value.number ?? 0) - (again.number ?? 0))
                #expect(distance < 1e-12 && domain.contains(again))
                let other = domain.other(than: value, using: &random)
                #expect(domain.contains(other) && (other != value || domain.isFixed))
            }
        }
    }
}
