import Testing

@testable import NASEngine

private let names = StrategyRegistry.all.map { $0.name }

private func article() throws -> SearchSpace {
    try space([
        ("num_hidden_layers", .categorical([1, 2, 3, 4, 5])),
        ("hidden_layer_size", .categorical([32, 64, 128, 256, 512])),
        ("activation_function", .categorical(["ReLU", "LeakyReLU", "Tanh"])),
        ("dropout_rate", .categorical([0.0, 0.2, 0.4, 0.6])),
    ])
}

/// A value that depends on the architecture only.
private func value(_ architecture: Architecture) -> Double {
    var hash: UInt32 = 7
    for byte in architecture.description.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return Double(hash % 1000) / 100
}

/// Three values that do not rise and fall together.
private func values(_ trial: Trial) -> [Double] {
    let value = value(trial.architecture)
    return [value, 10 - value + Double(trial.number % 3), (value * 7).truncatingRemainder(dividingBy: 3)]
}

/// Asks and tells `count` trials, `limit` at a time, telling each group in reverse.
private func run(
    _ session: AskTell, count: Int, limit: Int = 1, values: (Trial) -> [Double]
) throws -> [Trial] {
    var trials: [Trial] = []
    while trials.count < count {
        let asked = try session.ask(min(limit, count - trials.count))
        if asked.isEmpty { break }
        for trial in asked.reversed() { try session.tell(trial.number, values(trial)) }
        trials += asked
    }
    return trials
}

private func run(
    _ session: AskTell, count: Int, limit: Int = 1, value: (Trial) -> Double
) throws -> [Trial] {
    try run(session, count: count, limit: limit) { [value($0)] }
}

/// What every strategy must do, over all of the registry.
@Suite struct ConformanceTests {
    @Test(arguments: names) func trialsAreValidAndNumbered(name: String) throws {
        let space = try article()
        let session = try AskTell(strategy: name, space: space, options: [:], seed: 1)
        let trials = try run(session, count: 60) { value($0.architecture) }
        #expect(trials.map(\.number) == Array(0..<60))
        #expect(trials.allSatisfy { space.contains($0.architecture) })
        // A trial that goes on with an earlier one has its seed; every other has its own.
        #expect(Set(trials.map(\.seed)).count == trials.filter { $0.origin == $0.number }.count)
        for trial in trials {
            let origin = trials[trial.origin]
            #expect(origin.seed == trial.seed && origin.architecture == trial.architecture)
            #expect(origin.number == trial.number || origin.fidelity < trial.fidelity)
            #expect(trial.fidelity > 0 && trial.fidelity <= 1)
            #expect(trial.known <= trial.number)
        }
    }

    @Test(arguments: names) func severalObjectivesAreServed(name: String) throws {
        func session() throws -> AskTell {
            try AskTell(strategy: name, space: article(), options: [:], seed: 2, objectives: 3)
        }
        let original = try session()
        #expect(try run(original, count: 45, values: values).count == 45)
        let copy = try session()
        try copy.restore(original.state)
        let expected = try run(original, count: 30, values: values)
        #expect(try run(copy, count: 30, limit: 4, values: values) == expected)
        #expect(throws: EngineError.self) {
            try AskTell(strategy: name, space: article(), options: [:], seed: 2)
                .restore(original.state)
        }
    }

    @Test(arguments: names) func constraintsAreServed(name: String) throws {
        let session = try AskTell(strategy: name, space: article(), options: [:], seed: 2)
        for _ in 0..<40 {
            let trial = try #require(try session.ask(1).first)
            let violation = max(0, value(trial.architecture) - 5)
            try session.tell(trial.number, [value(trial.architecture)], violation: violation)
        }
        let trial = try #require(try session.ask(1).first)
        #expect(throws: EngineError.self) { try session.tell(trial.number, [1], violation: -1) }
        #expect(throws: EngineError.self) { try session.tell(trial.number, [1], violation: .nan) }
        #expect(throws: EngineError.self) { try session.tell(trial.number, [1, 2]) }
    }

    @Test(arguments: names) func conditionsAndForbiddenCombinationsAreKept(name: String) throws {
        let space = try SearchSpace(
            [
                try Parameter("depth", .integer(low: 1, high: 3, log: false)),
                try Parameter("first", .ordinal([8, 16, 32])),
                try Parameter(
                    "second", .ordinal([8, 16, 32]),
                    when: [Condition("depth", .integer(low: 2, high: 3, log: false))]),
                try Parameter(
                    "third", .categorical(["a", "b", "c"]), when: [Condition("depth", .categorical([3]))]),
            ],
            forbidden: [[Condition("first", .categorical([8])), Condition("depth", .categorical([1]))]])
        let session = try AskTell(strategy: name, space: space, options: [:], seed: 2)
        let trials = try run(session, count: 60) { value($0.architecture) }
        #expect(!trials.isEmpty)
        #expect(trials.allSatisfy { space.contains($0.architecture) })
    }

    @Test(arguments: names) func earlierTrialsAreTakenIn(name: String) throws {
        func session() throws -> AskTell {
            try AskTell(strategy: name, space: article(), options: [:], seed: 2)
        }
        let earlier = try run(session(), count: 25) { value($0.architecture) }
        let warm = try session()
        try warm.learn(
            earlier.map { ($0.architecture, [value($0.architecture)], 0) }
                + [(earlier[0].architecture, [.nan], 0)])
        let trials = try run(warm, count: 30) { value($0.architecture) }
        #expect(trials.map(\.number) == Array(0..<30))
        #expect(throws: EngineError.self) { try warm.learn([]) }
        #expect(throws: EngineError.self) { try session().learn([(Architecture([]), [1], 0)]) }
    }

    @Test(arguments: names) func enqueuedArchitecturesComeFirst(name: String) throws {
        let space = try article()
        var random = RandomStream(seed: 1)
        let first = (0..<3).map { _ in space.sample(using: &random) }
        let session = try AskTell(strategy: name, space: space, options: [:], seed: 2)
        try session.enqueue(first)
        let copy = try AskTell(strategy: name, space: space, options: [:], seed: 2)
        try copy.restore(session.state)
        for session in [session, copy] {
            let trials = try run(session, count: 30) { value($0.architecture) }
            #expect(trials.prefix(3).map(\.architecture) == first)
            #expect(trials.count == 30)
        }
        #expect(throws: EngineError.self) { try session.enqueue(first) }
    }

    @Test(arguments: names) func sameSeedSameTrialsForAnyGroupingOfCalls(name: String) throws {
        func trials(seed: UInt64, limit: Int) throws -> [Trial] {
            let session = try AskTell(
                strategy: name, space: article(), options: [:], seed: seed)
            return try run(session, count: 40, limit: limit) { value($0.architecture) }
        }
        let expected = try trials(seed: 0, limit: 1)
        #expect(try trials(seed: 0, limit: 1) == expected)
        #expect(try trials(seed: 0, limit: 7) == expected)
        #expect(try trials(seed: 1, limit: 1) != expected)
    }

    @Test(arguments: names) func restoredStateContinuesExactly(name: String) throws {
        func session() throws -> AskTell {
            try AskTell(strategy: name, space: article(), options: [:], seed: 3)
        }
        for count in [0, 1, 10, 13] {
            let original = try session()
            _ = try run(original, count: count) { value($0.architecture) }
            let copy = try session()
            try copy.restore(original.state)
            let expected = try run(original, count: 15) { value($0.architecture) }
            #expect(try run(copy, count: 15) { value($0.architecture) } == expected)
        }
    }

    @Test(arguments: names) func stateWithOpenTrialsAsksForThemAgain(name: String) throws {
        let original = try AskTell(strategy: name, space: article(), options: [:], seed: 4)
        let open = try original.ask(1)
        let copy = try AskTell(strategy: name, space: article(), options: [:], seed: 4)
        try copy.restore(original.state)
        #expect(try copy.ask(1) == open)
    }

    @Test(arguments: names) func foreignStateIsRefusedAndChangesNothing(name: String) throws {
        let session = try AskTell(strategy: name, space: article(), options: [:], seed: 5)
        let other = try AskTell(strategy: name, space: article(), options: [:], seed: 5)
        for state in [Value.none, .record([:]), .record(["strategy": 1]), ["a"]] {
            #expect(throws: EngineError.self) { try session.restore(state) }
        }
        let expected = try run(other, count: 20) { value($0.architecture) }
        #expect(try run(session, count: 20) { value($0.architecture) } == expected)
    }

    @Test(arguments: names) func failuresAreSurvived(name: String) throws {
        for failure in [Double.nan, .infinity, -.infinity] {
            let session = try AskTell(strategy: name, space: article(), options: [:], seed: 6)
            let trials = try run(session, count: 50) {
                $0.number % 3 == 0 ? failure : value($0.architecture)
            }
            #expect(trials.count == 50)
        }
        let hopeless = try AskTell(strategy: name, space: article(), options: [:], seed: 6)
        #expect(try run(hopeless, count: 40) { _ in .nan }.count == 40)
    }

    @Test(arguments: names) func hugeValuesAreSurvived(name: String) throws {
        let session = try AskTell(strategy: name, space: article(), options: [:], seed: 6)
        let trials = try run(session, count: 50) { $0.number % 2 == 0 ? 1e300 : -1e300 }
        #expect(trials.count == 50)
    }

    @Test(arguments: names) func aSpaceOfOnePointIsServed(name: String) throws {
        let one = try space([("a", .categorical([1]))])
        let session = try AskTell(strategy: name, space: one, options: [:], seed: 7)
        let trials = try run(session, count: 10) { _ in 1 }
        #expect(!trials.isEmpty)
        #expect(trials.allSatisfy { $0.architecture["a"] == 1 })
    }

    @Test(arguments: names) func aUsedUpSpaceEndsTheSearch(name: String) throws {
        let small = try space([("a", .ordinal([1, 2, 3])), ("b", .categorical(["x", "y"]))])
        let session = try AskTell(strategy: name, space: small, options: [:], seed: 7)
        let trials = try run(session, count: 500) { value($0.architecture) }
        #expect(trials.count < 500 && session.isExhausted)
        #expect(Set(trials.map(\.architecture)).count == 6)
    }

    @Test(arguments: names) func aMillionPointsAreServed(name: String) throws {
        let large = try space(
            (0..<6).map { ("\($0)", .integer(low: 0, high: 9, log: false)) })
        let session = try AskTell(strategy: name, space: large, options: [:], seed: 8)
        #expect(try run(session, count: 30) { value($0.architecture) }.count == 30)
    }

    @Test(arguments: names) func unknownAndRepeatedResultsAreRefused(name: String) throws {
        let session = try AskTell(strategy: name, space: article(), options: [:], seed: 9)
        #expect(throws: EngineError.self) { try session.tell(0, 1) }
        let trial = try #require(try session.ask(1).first)
        #expect(throws: EngineError.self) { try session.tell(trial.number + 1, 1) }
        #expect(throws: EngineError.self) { try session.tell(-1, 1) }
        #expect(throws: EngineError.self) { try session.tell(.max, 1) }
        try session.tell(trial.number, 1)
        #expect(throws: EngineError.self) { try session.tell(trial.number, 1) }
        #expect(throws: EngineError.self) { try session.ask(0) }
    }

    @Test(arguments: names) func optionsAreCheckedByName(name: String) throws {
        #expect(throws: EngineError.self) {
            try AskTell(strategy: name, space: article(), options: ["no_such_option": 1], seed: 0)
        }
        for option in try StrategyRegistry.strategy(named: name).options {
            #expect(try option.validated(option.defaultValue) == option.defaultValue)
            #expect(throws: EngineError.self) { try option.validated("nonsense") }
            // The C interface takes the number of objectives among the options.
            #expect(option.name != "objectives")
        }
    }

    @Test func unknownStrategiesAreRefused() throws {
        #expect(throws: EngineError.self) {
            try AskTell(strategy: "Annealing", space: article(), options: [:], seed: 0)
        }
    }
}
