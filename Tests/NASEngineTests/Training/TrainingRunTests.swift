import Testing

@testable import NASEngine

/// 700 rows are three blocks, so that several threads have something to share.
private func dataset(rows: Int = 700) throws -> Dataset {
    try SampleData(rows: rows, inputWidth: 2, outputWidth: 1, seed: 1)
        .dataset(validation: SampleData(rows: 90, inputWidth: 2, outputWidth: 1, seed: 2))
}

private func candidate(_ entries: [(String, Value)] = []) throws -> Candidate {
    let base: [(String, Value)] = [
        ("num_hidden_layers", 2), ("hidden_layer_size", 24), ("dropout_rate", 0.3),
        ("learning_rate", 0.01),
    ]
    let given = Set(entries.map(\.0))
    return try Candidate(
        Architecture(base.filter { !given.contains($0.0) } + entries), inputWidth: 2,
        outputWidth: 1)
}

/// All that must not depend on pauses: the figures and the model.
private struct Facts: Equatable {
    let status: Outcome.Status
    let losses: [Double]
    let validationLoss: Double
    let epochs: Int
    let validations: [Validation]
    let weights: [[Float]]

    init(_ outcome: Outcome, _ run: TrainingRun) throws {
        status = outcome.status
        losses = outcome.trainingLosses
        validationLoss = outcome.validationLoss
        epochs = outcome.epochs
        validations = outcome.validations
        let model = try run.model()
        weights = model.parameters.enumerated().map { index, parameter in
            var array = [Float](repeating: .nan, count: parameter.shape.reduce(1, *))
            model.read(index, into: &array)
            return array
        }
    }
}

/// The facts of a training that pauses at each of `rungs` and has these threads from rung to rung.
private func facts(
    _ candidate: Candidate, _ data: Dataset, _ settings: TrainingSettings, rungs: [Int],
    threads: [Int] = [1]
) throws -> Facts {
    let run = try TrainingRun(candidate, on: data, settings: settings)
    for (index, rung) in rungs.dropLast().enumerated() {
        _ = try run.advance(to: rung, threads: threads[index % threads.count])
        run.pause()
    }
    let outcome = try run.advance(
        to: rungs[rungs.count - 1], threads: threads[(rungs.count - 1) % threads.count])
    run.pause()
    return try Facts(outcome, run)
}

@Suite struct PauseTests {
    @Test(arguments: OptimizerRegistry.names, GeneratorKind.allCases)
    func resumingChangesNoBit(optimizer: String, generator: GeneratorKind) throws {
        let data = try dataset()
        let momenta: [[(String, Value)]] =
            optimizer == "SGD" || optimizer == "RMSprop" ? [[], [("momentum", 0.9)]] : [[]]
        for momentum in momenta {
            for dropout: Value in [0.0, 0.4] {
                let candidate = try candidate(
                    momentum + [
                        ("optimizer", .string(optimizer)), ("dropout_rate", dropout),
                        ("learning_rate", 0.003),
                    ])
                let settings = TrainingSettings(
                    epochs: 27, seed: 5, generator: generator, validationInterval: 5)
                let whole = try facts(candidate, data, settings, rungs: [27])
                #expect(whole.losses.count == 27)
                #expect(whole.validations.map(\.epoch) == [5, 10, 15, 20, 25, 27])
                #expect(try facts(candidate, data, settings, rungs: [1, 3, 9, 27]) == whole)
                #expect(
                    try facts(candidate, data, settings, rungs: [9, 10, 27], threads: [1, 3, 2])
                        == whole)
            }
        }
    }

    @Test func aPauseIsSmall() throws {
        let candidate = try candidate([("hidden_layer_size", 8)])
        let run = try TrainingRun(
            candidate, on: dataset(rows: 2000), settings: .init(epochs: 9, seed: 1))
        _ = try run.advance(to: 3)
        let running = run.byteCount
        run.pause()
        // Three copies of at most 2 × 16 × 16 and 3 × 16 floats, the generator and the losses.
        #expect(run.byteCount < 3 * 4 * (3 * 16 * 16 + 3 * 16) + 2560 + 9 * 8)
        #expect(run.byteCount < running / 4)
    }

    @Test func theSameEpochsGiveTheSameOutcomeAgain() throws {
        let run = try TrainingRun(
            candidate(), on: dataset(), settings: .init(epochs: 9, seed: 1, validationInterval: 2))
        let first = try Facts(run.advance(to: 5), run)
        run.pause()
        #expect(try Facts(run.advance(to: 5), run) == first)
        #expect(throws: EngineError.self) { try run.advance(to: 4) }
        #expect(throws: EngineError.self) { try run.advance(to: 10) }
    }

    @Test func aDivergedTrainingStaysSo() throws {
        let candidate = try candidate([("learning_rate", 1e30), ("optimizer", "SGD")])
        let settings = TrainingSettings(epochs: 50, seed: 1)
        let whole = try facts(candidate, dataset(), settings, rungs: [50])
        #expect(whole.status == .diverged)
        #expect(
            try facts(candidate, dataset(), settings, rungs: [20, 50]).losses.dropLast()
                == whole.losses.dropLast())
        let run = try TrainingRun(candidate, on: dataset(), settings: settings)
        _ = try run.advance(to: 20)
        #expect(try run.advance(to: 50).validationLoss == .infinity)
    }

    @Test func cancellationEndsIt() throws {
        let run = try TrainingRun(candidate(), on: dataset(), settings: .init(epochs: 9, seed: 1))
        _ = try run.advance(to: 3)
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(try run.advance(to: 9, cancellation: cancellation).status == .cancelled)
        #expect(try run.advance(to: 9).status == .cancelled)
    }

    @Test func initialParametersAreTakenOnce() throws {
        let settings = TrainingSettings(epochs: 6, seed: 1)
        let model = try #require(try train(candidate(), on: dataset(), settings: settings).model)
        let values = model.parameters.indices.map { index in
            [Float](unsafeUninitializedCapacity: model.parameters[index].shape.reduce(1, *)) {
                if let base = $0.baseAddress { model.read(index, into: base) }
                $1 = $0.count
            }
        }
        let whole = try train(
            candidate(), on: dataset(), settings: settings, initialParameters: values
        ).outcome
        let run = try TrainingRun(
            candidate(), on: dataset(), settings: settings, initialParameters: values)
        _ = try run.advance(to: 2)
        run.pause()
        #expect(try run.advance(to: 6).trainingLosses == whole.trainingLosses)
    }
}

@Suite struct RowFractionTests {
    /// The same as data that end there.
    @Test(arguments: GeneratorKind.allCases) func isAPrefix(generator: GeneratorKind) throws {
        let all = try dataset(rows: 1000)
        func first(_ matrix: Matrix) throws -> Matrix {
            try Matrix(name: "X", base: matrix.base, rows: 337, columns: matrix.columns)
        }
        let some = try Dataset(
            trainInputs: first(all.trainInputs), trainTargets: first(all.trainTargets),
            validationInputs: all.validationInputs, validationTargets: all.validationTargets,
            owner: all)
        let candidate = try candidate()
        let part = try train(
            candidate, on: all,
            settings: .init(epochs: 4, seed: 1, generator: generator, rowFraction: 0.3361)
        ).outcome
        let alone = try train(
            candidate, on: some, settings: .init(epochs: 4, seed: 1, generator: generator)
        ).outcome
        #expect(part.trainingLosses == alone.trainingLosses)
        #expect(part.validationLoss == alone.validationLoss)
    }

    @Test func roundsUp() {
        func rows(_ fraction: Double, _ count: Int) -> Int {
            TrainingSettings(epochs: 1, seed: 0, rowFraction: fraction).rows(of: count)
        }
        #expect(rows(0.07, 100) == 7)
        #expect(rows(0.071, 100) == 8)
        #expect(rows(1, 7) == 7)
        #expect(rows(1e-300, 7) == 1)
    }

    @Test(arguments: [0, -1, 1.5, .nan, .infinity]) func mustBeAShare(fraction: Double) throws {
        #expect(throws: EngineError.self) {
            try train(
                candidate(), on: dataset(),
                settings: .init(epochs: 1, seed: 0, rowFraction: fraction))
        }
    }
}

@Suite struct EarlyStoppingTests {
    private func settings(_ patience: Int?, epochs: Int = 40) -> TrainingSettings {
        TrainingSettings(epochs: epochs, seed: 2, validationInterval: 2, patience: patience)
    }

    /// A rate with which the validation loss goes up and down.
    private func restless() throws -> Candidate {
        try candidate([("learning_rate", 0.3), ("dropout_rate", 0.5)])
    }

    @Test func patienceKeepsTheBest() throws {
        let data = try dataset()
        let free = try facts(restless(), data, settings(nil), rungs: [40])
        let patient = try facts(restless(), data, settings(3), rungs: [40])
        #expect(patient.status == .stopped)
        #expect(patient.losses.count < 40)
        #expect(Array(free.validations.prefix(patient.validations.count)) == patient.validations)
        let best = try #require(patient.validations.min { $0.loss < $1.loss })
        #expect(patient.validationLoss == best.loss)
        #expect(patient.epochs == best.epoch)
        #expect(patient.losses.count == best.epoch + 2 * 3)
        let upToThere = try facts(
            restless(), data, settings(nil, epochs: best.epoch), rungs: [best.epoch])
        #expect(patient.weights == upToThere.weights)
        #expect(try facts(restless(), data, settings(3), rungs: [1, 5, 9, 40]) == patient)
    }

    @Test func patienceThatIsNotExhaustedIsOk() throws {
        let data = try dataset()
        let patient = try facts(restless(), data, settings(100), rungs: [40])
        #expect(patient.status == .ok)
        #expect(patient.losses.count == 40)
        #expect(patient.validationLoss == patient.validations.map(\.loss).min())
    }

    @Test func thresholdsStop() throws {
        let data = try dataset()
        let run = try TrainingRun(candidate(), on: data, settings: settings(nil))
        let free = try run.advance(to: 40)
        let losses = free.validations.map(\.loss)
        let best = losses.indices.map { index in losses[...index].min() ?? 0 }
        func stopped(_ thresholds: [Double]) throws -> Outcome {
            try TrainingRun(candidate(), on: data, settings: settings(nil))
                .advance(to: 40, rule: StoppingRule(thresholds: thresholds))
        }
        // Equal is not worse.
        #expect(try stopped(best).status == .ok)
        var thresholds = best
        thresholds[3] = best[3].nextDown
        let outcome = try stopped(thresholds)
        #expect(outcome.status == .stopped)
        #expect(outcome.epochs == 8)
        #expect(outcome.validationLoss == losses[3])
        #expect(outcome.trainingLosses == Array(free.trainingLosses.prefix(8)))
        // At the end there is nothing to stop.
        thresholds = Array(repeating: .infinity, count: 19) + [0]
        #expect(try stopped(thresholds).status == .ok)
        // A training that went on is judged as one that did not.
        let late = try run.advance(to: 40, rule: StoppingRule(thresholds: [.infinity, 0]))
        #expect(late.status == .stopped)
        #expect(late.trainingLosses.count == 4)
        #expect(late.validations.count == 2)
        #expect(try run.advance(to: 40).validationLoss == free.validationLoss)
    }

    @Test func aForecastStops() throws {
        let data = try dataset()
        func outcome(goal: Double, from epoch: Int = 0) throws -> Outcome {
            try TrainingRun(candidate(), on: data, settings: settings(nil)).advance(
                to: 40,
                rule: StoppingRule(
                    forecast: .init(goal: goal, probability: 0.05, firstEpoch: epoch)))
        }
        #expect(try outcome(goal: 1e6).status == .ok)
        let hopeless = try outcome(goal: -1e6)
        #expect(hopeless.status == .stopped)
        #expect(hopeless.epochs == 2 * CurveExtrapolation.fewestPoints)
        #expect(try outcome(goal: -1e6, from: 21).epochs == 22)
    }

    @Test func rulesAreChecked() throws {
        let run = try TrainingRun(candidate(), on: dataset(), settings: .init(epochs: 9, seed: 1))
        for rule in [
            StoppingRule(thresholds: [1]), StoppingRule(thresholds: [.nan]),
            StoppingRule(forecast: .init(goal: 0, probability: 1)),
        ] {
            #expect(throws: EngineError.self) { try run.advance(to: 9, rule: rule) }
        }
        for bad in [settings(0), TrainingSettings(epochs: 9, seed: 1, validationInterval: 0)] {
            #expect(throws: EngineError.self) {
                try TrainingRun(candidate(), on: dataset(), settings: bad)
            }
        }
    }
}
