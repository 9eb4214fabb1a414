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

/// Asks and tells `count` trials, `limit` at a time, telling each group in reverse.
private func run(
    _ session: AskTell, count: Int, limit: Int = 1, value: (Trial) -> Double
) throws -> [Trial] {
    var trials: [Trial] = []
    while trials.count < count {
        let asked = try session.ask(min(limit, count - trials.count))
        if asked.isEmpty { break }
        for trial in asked.reversed() { try session.tell(trial.number, value(trial)) }
        trials += asked
    }
    return trials
}

/// What every strategy must do, over all of the registry.
@Suite struct ConformanceTests {
    @Test(arguments: names) func trialsAreValidAndNumbered(name: String) throws {
        let space = try article()
        let session = try AskTell(strategy: name, space: space, options: [:], seed: 1)
        let trials = try run(session, count: 60) { value($0.architecture) }
        #expect(trials.map(\.number) == Array(0..<60))
        #expect(trials.allSatisfy { space.contains($0.architecture) })
        #expect(Set(trials.map(\.seed)).count == 60)
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
        }
    }

    @Test func unknownStrategiesAreRefused() throws {
        #expect(throws: EngineError.self) {
            try AskTell(strategy: "Annealing", space: article(), options: [:], seed: 0)
        }
    }
}
