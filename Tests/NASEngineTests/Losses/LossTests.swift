import Glibc
import Testing

@testable import NASEngine

/// The losses again, in float64 and as the textbook has them: one row's outputs and targets.
private func reference(_ name: String, _ x: [Double], _ t: [Double]) -> Double {
    switch name {
    case "mse": zip(x, t).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    case "mae": zip(x, t).reduce(0) { $0 + abs($1.0 - $1.1) }
    case "huber":
        zip(x, t).reduce(0) {
            let d = abs($1.0 - $1.1)
            return $0 + (d <= 1 ? d * d / 2 : d - 0.5)
        }
    case "cross_entropy":
        Glibc.log(x.reduce(0) { $0 + Glibc.exp($1) }) - x[Int(t[0])]
    case "binary_cross_entropy":
        zip(x, t).reduce(0) { $0 + Glibc.log(1 + Glibc.exp($1.0)) - $1.0 * $1.1 }
    default: preconditionFailure("no reference for \(name)")
    }
}

/// Rows of inputs, fitting targets and weights, for a loss and a number of outputs.
private final class Sample {
    let rows: Int
    let inputs: [Double]
    let targets: [Double]
    let weights: [Double]
    let targetWidth: Int
    private let x: Arena
    private let y: Arena
    private let w: Arena

    init(_ loss: any Loss.Type, rows: Int, inputWidth: Int, outputs: Int) throws {
        var random = RandomStream(seed: 3)
        self.rows = rows
        targetWidth = loss.targetWidth(outputs: outputs)
        inputs = (0..<rows * inputWidth).map { _ in Double(Float(random.normal())) }
        let classes = loss.classCount(outputs: outputs)
        targets = (0..<rows * targetWidth).map { _ in
            classes.map { Double(random.index(below: $0)) } ?? Double(Float(2 * random.normal()))
        }
        // Some rows do not count at all.
        weights = (0..<rows).map { _ in Double(random.index(below: 4)) / 2 }
        (x, y) = (try Arena(floats: inputs.count, zeroed: 0), try Arena(floats: targets.count, zeroed: 0))
        w = try Arena(floats: rows, zeroed: 0)
        for (index, value) in inputs.enumerated() { x.base[index] = Float(value) }
        for (index, value) in targets.enumerated() { y.base[index] = Float(value) }
        for (index, value) in weights.enumerated() { w.base[index] = Float(value) }
    }

    func batch(weighted: Bool) -> Batch {
        Batch(inputs: x.base, targets: y.base, weights: weighted ? w.base : nil, rows: rows)
    }

    /// The mean loss of outputs in float64.
    func mean(_ loss: any Loss.Type, _ outputs: [Double], weighted: Bool) -> Double {
        let width = outputs.count / rows
        var (total, count) = (0.0, 0.0)
        for row in 0..<rows {
            let weight = weighted ? weights[row] : 1
            total +=
                weight
                * reference(
                    loss.name, Array(outputs[row * width..<(row + 1) * width]),
                    Array(targets[row * targetWidth..<(row + 1) * targetWidth]))
            count += weight * Double(targetWidth)
        }
        return total / count
    }
}

@Suite struct LossTests {
    /// Through a network, against central differences of the float64 reference.
    ///
    /// float32 rounding of sums over a hundred numbers of order one stays far below the tolerance.
    @Test(arguments: LossRegistry.all.map { $0.name }, [false, true])
    func gradients(name: String, weighted: Bool) throws {
        let loss = try LossRegistry.loss(named: name)
        for (outputs, rows) in [(1, 29), (2, 13), (3, 400), (17, 9), (33, 7)] {
            if let classes = loss.classCount(outputs: outputs),
                classes < 2 || name.hasPrefix("binary") && outputs > 1
            {
                continue
            }
            var network = Network()
            let input = try network.add(Input(width: 3))
            let hidden = try network.add(Linear(width: 5), input, name: "0")
            let active = try network.add(
                Activation(try ActivationRegistry.function(named: "Tanh")), hidden)
            try network.add(Linear(width: outputs), active, name: "1")
            let sample = try Sample(loss, rows: rows, inputWidth: 3, outputs: outputs)
            let plan = try TrainingPlan(network, rows: rows, purpose: .training, threads: 2)
            var random = TrainingRandom(kind: .counter, seed: 5)
            try plan.initialize(.torchDefault, &random)
            let parameters = plan.exportParameters().map { $0.map(Double.init) }
            let reference = ReferenceNetwork(network: network)
            let lossOf = {
                sample.mean(
                    loss, reference.predict(sample.inputs, rows: rows, $0), weighted: weighted)
            }
            let batch = sample.batch(weighted: weighted)
            let mean = try #require(plan.gradient(batch, loss, dropout: nil, cancellation: nil))
            #expect(abs(mean - lossOf(parameters)) < 2e-6)
            #expect(plan.evaluate(batch, loss, cancellation: nil)?.loss == mean)
            let expected = reference.gradient(parameters, step: 1e-6, lossOf)
            for (tensor, gradient) in plan.exportGradients().enumerated() {
                for (index, value) in gradient.enumerated() {
                    #expect(
                        abs(Double(value) - expected[tensor][index]) < 5e-6,
                        "\(name), \(outputs) outputs: [\(tensor)][\(index)]")
                }
            }
        }
    }

    /// The loss and its gradient for one row of logits.
    private func ofRow(
        _ loss: any Loss.Type, _ logits: [Float], _ target: Float
    ) throws -> (loss: Double, gradient: [Float], correct: Int) {
        let stride = logits.count == 1 ? 1 : 16
        let floats = logits.count == 1 ? 1 : Panels.floats(rows: 1, columns: logits.count)
        let (x, slope) = (try Arena(floats: floats, zeroed: floats), try Arena(floats: floats, zeroed: 0))
        let t = try Arena(floats: 1, zeroed: 0)
        t.base[0] = target
        for (index, value) in logits.enumerated() { x.base[index] = value }
        let block = LossBlock(
            prediction: x.base, rowStride: stride, target: t.base, weights: nil, rows: 1,
            columns: logits.count, gradient: slope.base, total: 1)
        let sum = loss.sum(block)
        return (sum, (0..<floats).map { slope.base[$0] }, loss.correct(block))
    }

    @Test func crossEntropyOfLargeLogits() throws {
        let far = try ofRow(CrossEntropy.self, [1e30, -1e30, 0], 1)
        #expect(far.loss == 2 * Double(Float(1e30)))
        #expect(far.gradient[0] == 1 && far.gradient[1] == -1)
        #expect(far.gradient[3...].allSatisfy { $0 == 0 })
        let equal = try ofRow(CrossEntropy.self, [Float](repeating: 200, count: 17), 16)
        #expect(abs(equal.loss - Glibc.log(17.0)) < 1e-6)
        #expect(try ofRow(CrossEntropy.self, [.nan, 0], 0).loss.isNaN)
        #expect(try ofRow(CrossEntropy.self, [0, .nan], 0).loss.isNaN)
    }

    @Test func binaryCrossEntropyOfLargeLogits() throws {
        let far = try ofRow(BinaryCrossEntropy.self, [1e30], 0)
        #expect(far.loss == Double(Float(1e30)) && far.gradient == [1])
        let right = try ofRow(BinaryCrossEntropy.self, [-1e30], 0)
        #expect(right.loss == 0 && right.gradient == [0])
        let small = try ofRow(BinaryCrossEntropy.self, [-30], 0)
        #expect(abs(small.loss / Glibc.exp(-30.0) - 1) < 1e-12)
        #expect(try ofRow(BinaryCrossEntropy.self, [.nan], 0).loss.isNaN)
    }

    @Test func theFirstOfEqualLogitsWins() throws {
        #expect(try ofRow(CrossEntropy.self, [1, 2, 2], 1).correct == 1)
        #expect(try ofRow(CrossEntropy.self, [1, 2, 2], 2).correct == 0)
        #expect(try ofRow(BinaryCrossEntropy.self, [0], 0).correct == 1)
        #expect(try ofRow(BinaryCrossEntropy.self, [0], 1).correct == 0)
        #expect(try ofRow(BinaryCrossEntropy.self, [1e-20], 1).correct == 1)
    }

    @Test func accuracyCountsRows() throws {
        for name in ["cross_entropy", "binary_cross_entropy"] {
            let loss = try LossRegistry.loss(named: name)
            let outputs = name == "cross_entropy" ? 3 : 1
            let sample = try Sample(loss, rows: 800, inputWidth: 2, outputs: outputs)
            var network = Network()
            let input = try network.add(Input(width: 2))
            try network.add(Linear(width: outputs), input, name: "0")
            let plan = try TrainingPlan(network, rows: 800, purpose: .training, threads: 3)
            var random = TrainingRandom(kind: .counter, seed: 5)
            try plan.initialize(.torchDefault, &random)
            let batch = sample.batch(weighted: false)
            var predictions = [Float](repeating: 0, count: 800 * outputs)
            plan.predict(batch.inputs, rows: 800, into: &predictions)
            let right = (0..<800).filter { row in
                let logits = predictions[row * outputs..<(row + 1) * outputs]
                let predicted =
                    outputs == 1
                    ? (predictions[row] > 0 ? 1 : 0)
                    : logits.firstIndex(of: logits.max() ?? 0).map { $0 - row * outputs }
                return predicted == Int(sample.targets[row])
            }
            #expect(
                plan.evaluate(batch, loss, cancellation: nil)?.accuracy == Double(right.count) / 800)
        }
    }

    @Test func batchesThatCountNothing() throws {
        let sample = try Sample(MeanSquaredError.self, rows: 5, inputWidth: 2, outputs: 1)
        let zeros = [Float](repeating: 0, count: 5)
        var network = Network()
        let input = try network.add(Input(width: 2))
        try network.add(Linear(width: 1), input, name: "0")
        let plan = try TrainingPlan(network, rows: 5, purpose: .training)
        var random = TrainingRandom(kind: .counter, seed: 5)
        try plan.initialize(.torchDefault, &random)
        zeros.withUnsafeBufferPointer {
            let batch = sample.batch(weighted: false)
            let none = Batch(
                inputs: batch.inputs, targets: batch.targets, weights: $0.baseAddress, rows: 5)
            #expect(plan.gradient(none, MeanSquaredError.self, dropout: nil, cancellation: nil) == 0)
        }
        #expect(plan.exportGradients().joined().allSatisfy { $0 == 0 })
    }
}
