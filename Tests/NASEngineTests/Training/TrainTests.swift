import Testing

@testable import NASEngine

private func candidate(_ entries: [(String, Value)], outputs: Int = 1) throws -> Candidate {
    let base: [(String, Value)] = [("num_hidden_layers", 2), ("hidden_layer_size", 16)]
    let given = Set(entries.map(\.0))
    return try Candidate(
        Architecture(base.filter { !given.contains($0.0) } + entries), inputWidth: 2,
        outputWidth: outputs)
}

private func dataset(rows: Int = 50) throws -> Dataset {
    try SampleData(rows: rows, inputWidth: 2, outputWidth: 1, seed: 1)
        .dataset(validation: SampleData(rows: 20, inputWidth: 2, outputWidth: 1, seed: 2))
}

@Suite struct TrainTests {
    @Test(arguments: OptimizerRegistry.names) func lossFalls(optimizer: String) throws {
        let candidate = try candidate([("optimizer", .string(optimizer)), ("learning_rate", 0.01)])
        let outcome = try train(
            candidate, on: dataset(), settings: TrainingSettings(epochs: 50, seed: 1)
        ).outcome
        #expect(outcome.status == .ok)
        #expect(outcome.trainingLosses.count == 50)
        #expect(outcome.trainingLosses[49] < outcome.trainingLosses[0])
        #expect(outcome.validationLoss.isFinite)
    }

    @Test(arguments: GeneratorKind.allCases) func sameSeedSameBits(generator: GeneratorKind) throws {
        let candidate = try candidate([("dropout_rate", 0.3)])
        func losses(_ seed: UInt64) throws -> [Double] {
            try train(
                candidate, on: dataset(rows: 700),
                settings: TrainingSettings(epochs: 5, seed: seed, generator: generator)
            ).outcome.trainingLosses
        }
        #expect(try losses(1) == losses(1))
        #expect(try losses(1) != losses(2))
    }

    /// One block per thread, more blocks than threads, more threads than blocks.
    @Test(arguments: [337, 1200, 3000]) func threadsDoNotChangeABit(rows: Int) throws {
        let candidate = try candidate([
            ("dropout_rate", 0.3), ("hidden_layer_size", 40), ("activation_function", "GELU"),
        ])
        let data = try dataset(rows: rows)
        func model(_ threads: Int) throws -> ([Double], [[Float]]) {
            let (outcome, model) = try train(
                candidate, on: data,
                settings: TrainingSettings(epochs: 20, seed: 3, threads: threads))
            let kept = try #require(model)
            let values = kept.parameters.enumerated().map { index, parameter in
                var array = [Float](repeating: .nan, count: parameter.shape.reduce(1, *))
                kept.read(index, into: &array)
                return array
            }
            return (outcome.trainingLosses + [outcome.validationLoss], values)
        }
        let alone = try model(1)
        for threads in [2, 3, 8] {
            let together = try model(threads)
            #expect(together.0 == alone.0)
            #expect(together.1 == alone.1)
        }
    }

    /// Activations beyond the last column are not zero here; the weights there must stay so.
    @Test func columnsBeyondTheMatrixHaveNoEffect() throws {
        let narrow = try candidate([
            ("hidden_layer_size", 3), ("activation_function", "Sigmoid"), ("learning_rate", 0.1),
        ])
        let data = try dataset()
        let (outcome, model) = try train(
            narrow, on: data, settings: TrainingSettings(epochs: 30, seed: 1))
        let kept = try #require(model)
        var predictions = [Float](repeating: 0, count: 20)
        try kept.predict(data.validationInputs, into: &predictions)
        // The plan that predicts starts from zeros beyond the columns, the one that trained does not.
        let loss = predictions.indices.reduce(0.0) { sum, row in
            let difference = Double(predictions[row] - data.validationTargets.base[row])
            return sum + difference * difference / 20
        }
        #expect(abs(loss - outcome.validationLoss) < 1e-9)
    }

    @Test func divergenceIsAnOutcome() throws {
        let candidate = try candidate([
            ("learning_rate", 1e30), ("optimizer", "SGD"), ("activation_function", "Identity"),
        ])
        let outcome = try train(
            candidate, on: dataset(), settings: TrainingSettings(epochs: 50, seed: 1)
        ).outcome
        #expect(outcome.status == .diverged)
        #expect(outcome.validationLoss == .infinity)
        #expect(outcome.trainingLosses.count < 50)
        #expect(outcome.trainingLosses.last?.isFinite == false)
    }

    @Test func cancellationIsAnOutcome() throws {
        let cancellation = Cancellation()
        cancellation.cancel()
        let outcome = try train(
            candidate([]), on: dataset(), settings: TrainingSettings(epochs: 5, seed: 1),
            cancellation: cancellation
        ).outcome
        #expect(outcome.status == .cancelled)
        #expect(outcome.trainingLosses.isEmpty)
    }

    @Test func aPollCancels() throws {
        let outcome = try train(
            candidate([]), on: dataset(), settings: TrainingSettings(epochs: 1 << 40, seed: 1),
            cancellation: Cancellation(poll: { true })
        ).outcome
        #expect(outcome.status == .cancelled)
    }

    @Test func modelPredictsWhatWasValidated() throws {
        let data = try dataset(rows: 400)
        let trained = try train(
            candidate([("dropout_rate", 0.5)]), on: data,
            settings: TrainingSettings(epochs: 3, seed: 1))
        let model = try #require(trained.model)
        let rows = data.validationInputs.rows
        var outputs = [Float](repeating: 0, count: rows)
        try model.predict(data.validationInputs, into: &outputs)
        let loss =
            (0..<rows).reduce(0.0) {
                let difference = Double(outputs[$1] - data.validationTargets.base[$1])
                return $0 + difference * difference
            } / Double(rows)
        #expect(abs(loss - trained.outcome.validationLoss) < 1e-6)
    }

    @Test func initialParametersAreTaken() throws {
        let model = try #require(
            try train(candidate([]), on: dataset(), settings: .init(epochs: 1, seed: 1)).model)
        let values = model.parameters.indices.map { index in
            [Float](unsafeUninitializedCapacity: model.parameters[index].shape.reduce(1, *)) {
                if let base = $0.baseAddress { model.read(index, into: base) }
                $1 = $0.count
            }
        }
        func losses(_ seed: UInt64, _ initial: [[Float]]?) throws -> [Double] {
            try train(
                candidate([]), on: dataset(), settings: .init(epochs: 3, seed: seed),
                initialParameters: initial
            ).outcome.trainingLosses
        }
        #expect(try losses(1, values) == losses(2, values))
        #expect(try losses(1, values) != losses(1, nil))
        #expect(throws: EngineError.self) { try losses(1, [[1]]) }
    }

    @Test func aLinearModelHasNoHiddenLayers() throws {
        let outcome = try train(
            candidate([("num_hidden_layers", 0)]), on: dataset(),
            settings: .init(epochs: 2, seed: 1)
        ).outcome
        #expect(outcome.parameterCount == 3)
    }
}

@Suite struct CandidateTests {
    private func message(_ entries: [(String, Value)]) -> String {
        do {
            _ = try candidate(entries)
            return "accepted"
        } catch { return "\(error)" }
    }

    @Test func badValuesAreNamed() {
        #expect(message([("dropout_rate", 1.5)]) == "dropout_rate must be in [0, 1), got 1.5")
        #expect(message([("learning_rate", 0)]) == "learning_rate must be a finite number > 0, got 0")
        #expect(message([("hidden_layer_size", -1)]).hasPrefix("hidden_layer_size must be"))
        #expect(message([("activation_function", "relu")]).contains("one of 'ReLU'"))
        #expect(message([("optimizer", "Adamax")]).hasSuffix("got 'Adamax'"))
        #expect(message([("depth", 3)]).contains("no option 'depth'"))
        #expect(message([("hidden_layer_size", [8, 8, 8])]).contains("each of the 2"))
        #expect(
            (try? Candidate(Architecture([("hidden_layer_size", 3)]), inputWidth: 1, outputWidth: 1))
                == nil)
    }

    @Test func layersMayDiffer() throws {
        let entries: [(String, Value)] = [
            ("hidden_layer_size", [8, 4]), ("activation_function", ["Tanh", "ReLU"]),
        ]
        let candidate = try candidate(entries)
        #expect(candidate.parameterCount == 2 * 8 + 8 + 8 * 4 + 4 + 4 + 1)
    }

    @Test func hugeCandidatesAreRefusedBeforeAnythingIsAllocated() throws {
        let huge = try candidate([("hidden_layer_size", 1_048_576), ("num_hidden_layers", 1000)])
        let data = try dataset()
        #expect(throws: EngineError.self) {
            try train(huge, on: data, settings: .init(epochs: 1, seed: 0))
        }
    }
}

@Suite struct MatrixTests {
    private func matrix(_ values: [Float], _ rows: Int, _ columns: Int) throws {
        let owner = try Arena(floats: values.count, zeroed: 0)
        for (index, value) in values.enumerated() { owner.base[index] = value }
        _ = try Matrix(name: "X", base: owner.base, rows: rows, columns: columns)
    }

    @Test func valuesMustBeFinite() {
        let error = EngineError.invalidArgument("X must be finite, got nan at row 1, column 0")
        #expect(throws: error) { try matrix([1, 2, .nan, 4], 2, 2) }
        #expect(throws: EngineError.self) { try matrix([1, .infinity], 2, 1) }
        #expect(throws: EngineError.self) { try matrix([1], 0, 1) }
    }
}
