import Testing

@testable import NASEngine

private func dataset(rows: Int = 700) throws -> Dataset {
    try SampleData(rows: rows, inputWidth: 2, outputWidth: 1, seed: 1)
        .dataset(validation: SampleData(rows: 90, inputWidth: 2, outputWidth: 1, seed: 2))
}

private func candidate(batchSize: Int?, _ entries: [(String, Value)] = []) throws -> Candidate {
    let base: [(String, Value)] = [
        ("num_hidden_layers", 2), ("hidden_layer_size", 24), ("dropout_rate", 0.3),
        ("learning_rate", 0.01),
    ]
    let size: [(String, Value)] = batchSize.map { [("batch_size", .integer($0))] } ?? []
    return try Candidate(Architecture(base + size + entries), inputWidth: 2, outputWidth: 1)
}

/// The losses and weights of a training that pauses at each of `rungs`.
private func facts(
    _ candidate: Candidate, _ data: Dataset, _ settings: TrainingSettings, rungs: [Int],
    threads: [Int] = [1]
) throws -> (losses: [Double], validation: Double, weights: [[Float]]) {
    let run = try TrainingRun(candidate, on: data, settings: settings)
    var outcome: Outcome?
    for (index, rung) in rungs.enumerated() {
        outcome = try run.advance(to: rung, threads: threads[index % threads.count])
        run.pause()
    }
    let model = try run.model()
    let last = try #require(outcome)
    return (last.trainingLosses, last.validationLoss, weights(model))
}

private func weights(_ model: Model) -> [[Float]] {
    model.parameters.enumerated().map { index, parameter in
        var array = [Float](repeating: .nan, count: parameter.shape.reduce(1, *))
        model.read(index, into: &array)
        return array
    }
}

@Suite struct MiniBatchTests {
    @Test(arguments: [1, 2, 7, 100, 1000]) func anOrderHasEveryRowOnce(rows: Int) throws {
        let order = try batchOrder(rows: rows, seed: 4, epoch: 3)
        #expect(order.sorted() == (0..<UInt32(rows)).map { $0 })
        #expect(try batchOrder(rows: rows, seed: 4, epoch: 3) == order)
        guard rows > 2 else { return }
        #expect(try batchOrder(rows: rows, seed: 4, epoch: 4) != order)
        #expect(try batchOrder(rows: rows, seed: 5, epoch: 3) != order)
    }

    /// A training that diverged between two batches of an epoch is asked for the epochs before.
    @Test func anEpochThatDivergesLeavesThoseBeforeItAsTheyWere() throws {
        let data = try dataset(rows: 64)
        let settings = TrainingSettings(epochs: 40, seed: 1)
        var compared = 0
        for rate in stride(from: 0.1, to: 4, by: 0.1) {
            let candidate = try candidate(
                batchSize: 8, [("optimizer", "SGD"), ("learning_rate", .real(rate))].reversed())
            let run = try TrainingRun(candidate, on: data, settings: settings)
            guard try run.advance(to: 40).status == .diverged, run.epoch > 0 else { continue }
            let expected = try facts(candidate, data, settings, rungs: [run.epoch])
            guard expected.validation.isFinite else { continue }
            compared += 1
            #expect(try weights(run.model()) == expected.weights)
            #expect(try run.advance(to: 40).status == .diverged)
            let again = try run.advance(to: run.epoch)
            #expect(again.validationLoss == expected.validation)
            #expect(again.trainingLosses == expected.losses)
        }
        #expect(compared > 0)
    }

    /// Each place gets each row about as often as any other: 6,000 orders of 4 rows, 1,500 ± 5 deviations.
    @Test func ordersAreUniform() throws {
        var counts = [[Int]](repeating: [0, 0, 0, 0], count: 4)
        for epoch in 0..<6000 {
            for (place, row) in try batchOrder(rows: 4, seed: 9, epoch: epoch).enumerated() {
                counts[place][Int(row)] += 1
            }
        }
        #expect(counts.joined().allSatisfy { abs($0 - 1500) < 170 })
    }

    @Test func batchesTakeTheRowsInOrder() throws {
        let sample = try SampleData(rows: 10, inputWidth: 3, outputWidth: 2)
        let weights = (0..<10).map { Float($0) }
        try weights.withUnsafeBufferPointer { buffer in
            let data = Batch(
                inputs: sample.batch.inputs, targets: sample.batch.targets,
                weights: buffer.baseAddress, rows: 10)
            let batches = try MiniBatches(data, size: 4, inputWidth: 3, targetWidth: 2, seed: 7)
            #expect(batches.count == 3)
            for epoch in [0, 1] {
                let order = try batchOrder(rows: 10, seed: 7, epoch: epoch).map { Int($0) }
                batches.shuffle(epoch: epoch)
                var seen: [Int] = []
                for index in 0..<3 {
                    let batch = batches.batch(index)
                    #expect(batch.rows == [4, 4, 2][index])
                    var sum: Float = 0
                    for row in 0..<batch.rows {
                        let source = order[index * 4 + row]
                        seen.append(source)
                        for column in 0..<3 {
                            #expect(batch.inputs[row * 3 + column] == data.inputs[source * 3 + column])
                        }
                        for column in 0..<2 {
                            #expect(batch.targets[row * 2 + column] == data.targets[source * 2 + column])
                        }
                        #expect(batch.weights?[row] == Float(source))
                        sum += Float(source)
                    }
                    #expect(batch.weightSum == Double(sum))
                }
                #expect(seen == order)
            }
        }
    }

    @Test func asManyAsThereAreIsTheFullBatch() throws {
        let (data, settings) = (try dataset(), TrainingSettings(epochs: 6, seed: 1))
        let whole = try facts(candidate(batchSize: nil), data, settings, rungs: [6])
        for size in [700, 5000] {
            #expect(try facts(candidate(batchSize: size), data, settings, rungs: [6]) == whole)
        }
        #expect(try facts(candidate(batchSize: 699), data, settings, rungs: [6]).losses != whole.losses)
    }

    @Test(arguments: [1, 32, 400], GeneratorKind.allCases)
    func pausesAndThreadsChangeNoBit(size: Int, generator: GeneratorKind) throws {
        let data = try dataset(rows: size == 1 ? 50 : 1500)
        let settings = TrainingSettings(
            epochs: 5, seed: 5, generator: generator, validationInterval: 2)
        let candidate = try candidate(batchSize: size, [("momentum", 0.9), ("optimizer", "SGD")])
        let whole = try facts(candidate, data, settings, rungs: [5])
        #expect(Set(whole.losses).count == 5)
        #expect(try facts(candidate, data, settings, rungs: [1, 2, 4, 5]) == whole)
        #expect(try facts(candidate, data, settings, rungs: [2, 3, 5], threads: [3, 1, 2]) == whole)
    }

    @Test func memoryIsThatOfABatch() throws {
        let (small, large) = (try candidate(batchSize: 32), try candidate(batchSize: nil))
        #expect(small.byteCount(rows: 100_000) < 100_000 * 4 + large.byteCount(rows: 36) * 2)
        #expect(throws: EngineError.self) { try candidate(batchSize: 0) }
    }

    @Test func aShareWithoutWeightIsAnError() throws {
        let sample = try SampleData(rows: 10, inputWidth: 2, outputWidth: 1)
        let (x, y) = try sample.matrices()
        let weights = try Arena(floats: 10, zeroed: 10)
        weights.base[9] = 1
        let data = try Dataset(
            trainInputs: x, trainTargets: y, validationInputs: x, validationTargets: y,
            trainWeights: Matrix(name: "w", base: weights.base, rows: 10, columns: 1),
            owner: [sample, weights] as AnyObject)
        _ = try TrainingRun(
            candidate(batchSize: 2), on: data, settings: .init(epochs: 1, seed: 0))
        #expect(throws: EngineError.self) {
            try TrainingRun(
                candidate(batchSize: 2), on: data,
                settings: .init(epochs: 1, seed: 0, rowFraction: 0.9))
        }
    }
}
