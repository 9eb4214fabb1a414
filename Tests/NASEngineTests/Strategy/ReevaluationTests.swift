import Testing

@testable import NASEngine

@Suite struct ReevaluationTests {
    private struct Evaluated {
        let architecture: Architecture
        let value: Double
        let fresh: Bool
    }

    /// At least 150 trials.
    private func run<S: Strategy>(
        _ type: S.Type, _ options: [String: Value],
        _ value: (Architecture, inout RandomStream) -> Double
    ) throws -> [Evaluated] {
        var search = try strategy(type, digits(4), options)
        var noise = RandomStream(seed: 7)
        var trials: [Evaluated] = []
        while trials.count < 150 {
            let batch = search.propose()
            let first = trials.count
            trials += batch.map {
                Evaluated(
                    architecture: $0.architecture, value: value($0.architecture, &noise),
                    fresh: $0.fresh)
            }
            search.observe(
                trials[first...].enumerated().map {
                    Observation($1.architecture, [$1.value], number: first + $0)
                })
        }
        return trials
    }

    private func distance(_ architecture: Architecture) -> Double {
        architecture.numbers.reduce(0) { $0 + abs($1 - 3) }
    }

    private func noisy(_ architecture: Architecture, _ noise: inout RandomStream) -> Double {
        distance(architecture) + 4 * noise.uniform()
    }

    private func check(_ trials: [Evaluated]) {
        #expect(trials[..<50].filter(\.fresh).isEmpty)
        let due = (trials.count - 50) / 4
        let repeated = trials.filter(\.fresh).count
        #expect(repeated > due - 5 && repeated <= due)
        var seen: [Architecture: [Double]] = [:]
        for trial in trials {
            let before = seen[trial.architecture]
            #expect(trial.fresh == (before != nil))
            if let before {
                #expect(before.count < 4)
                let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
                let better = seen.values.count { mean($0) < mean(before) }
                #expect(better < 20, "it is one of the best")
            }
            seen[trial.architecture, default: []].append(trial.value)
        }
    }

    @Test func aQuarterIsEvaluatedAgain() throws {
        check(try run(TPE.self, [:], noisy))
        check(try run(BayesianOptimization.self, [:], noisy))
        check(try run(BayesianOptimization.self, ["batch_size": 7], noisy))
        check(try run(PredictorSearch.self, [:], noisy))
        check(try run(PredictorSearch.self, ["batch_size": 1], noisy))
    }

    @Test func nothingIsWhereItMakesNoDifference() throws {
        let trials = try run(TPE.self, [:]) { architecture, _ in distance(architecture) }
        #expect(trials.filter(\.fresh).count == 3)
    }

    @Test func nothingIsIfNotWanted() throws {
        let trials = try run(TPE.self, ["repeat_share": .real(0)], noisy)
        #expect(trials.filter(\.fresh).isEmpty)
    }
}
