import NASKernelInterface
import Testing

@testable import NASEngine

/// A small supernet with data, and its loss functions in float64.
private struct Problem {
    let train: SampleData
    let validation: SampleData
    let plan: TrainingPlan
    let network: Network
    let parameters: [[Double]]

    init() throws {
        train = try SampleData(rows: 9, inputWidth: 2, outputWidth: 1, seed: 1)
        validation = try SampleData(rows: 7, inputWidth: 2, outputWidth: 1, seed: 2)
        network = try Supernet(
            layers: 2, width: 3, activations: ["Tanh", "Sigmoid"], stem: false, skips: true,
            inputWidth: 2, outputWidth: 1
        ).network
        plan = try TrainingPlan(network, rows: 9, purpose: .training)
        var random = TrainingRandom(kind: .counter, seed: 3)
        try plan.initialize(.torchDefault, &random)
        parameters = plan.exportParameters().map { $0.map(Double.init) }
    }

    func loss(_ data: SampleData, _ parameters: [[Double]]) -> Double {
        ReferenceNetwork(network: network)
            .meanSquaredError(data.inputs, data.targets, rows: data.rows, parameters)
    }

    var isAlpha: [Bool] { network.parameters.map { $0.tensor.group == .architecture } }

    /// L_val(w − ξ ∇w L_train(w, α), α) as a function of all parameters.
    func unrolledLoss(_ parameters: [[Double]], rate: Double) -> Double {
        let gradient = ReferenceNetwork(network: network)
            .gradient(parameters, step: 1e-4) { loss(train, $0) }
        let moved = parameters.indices.map { tensor in
            isAlpha[tensor]
                ? parameters[tensor]
                : zip(parameters[tensor], gradient[tensor]).map { $0 - rate * $1 }
        }
        return loss(validation, moved)
    }

    func bilevel(order: Int, rate: Float) throws -> BilevelOptimizer {
        try BilevelOptimizer(
            plan, try train.dataset(validation: validation), order: order, unrolledRate: rate,
            weights: OptimizerSettings(learningRate: 0.01),
            alphas: OptimizerSettings(learningRate: 0.001))
    }
}

@Suite struct SecondOrderTests {
    /// The finite difference of equation 8 against the exact gradient of the unrolled loss.
    @Test func approximatesTheExactGradient() throws {
        let problem = try Problem()
        let rate = 0.5
        _ = try problem.bilevel(order: 2, rate: Float(rate)).unrolledGradient(nil)
        let exact = ReferenceNetwork(network: problem.network)
            .gradient(problem.parameters, step: 1e-3) { problem.unrolledLoss($0, rate: rate) }
        let first = try firstOrderGradient(problem)
        var (error, difference) = (0.0, 0.0)
        for (tensor, gradient) in problem.plan.exportGradients().enumerated()
        where problem.isAlpha[tensor] {
            for (index, value) in gradient.enumerated() {
                error = max(error, abs(Double(value) - exact[tensor][index]))
                difference = max(difference, abs(first[tensor][index] - exact[tensor][index]))
            }
        }
        // Far from the first-order gradient, near the exact one: a wrong factor 2 in the difference
        // quotient would leave half of the distance.
        #expect(error < 0.1 * difference, "error \(error), first order differs by \(difference)")
    }

    private func firstOrderGradient(_ problem: Problem) throws -> [[Double]] {
        ReferenceNetwork(network: problem.network)
            .gradient(problem.parameters) { problem.loss(problem.validation, $0) }
    }

    @Test func withoutAStepItIsTheFirstOrder() throws {
        let problem = try Problem()
        _ = try problem.bilevel(order: 2, rate: 0).unrolledGradient(nil)
        let second = problem.plan.exportGradients()
        _ = problem.plan.gradient(
            problem.validation.batch, MeanSquaredError.self, dropout: nil, cancellation: nil)
        #expect(problem.plan.exportGradients() == second)
    }

    @Test func weightsComeBack() throws {
        let problem = try Problem()
        _ = try problem.bilevel(order: 2, rate: 0.1).unrolledGradient(nil)
        #expect(problem.plan.exportParameters().map { $0.map(Double.init) } == problem.parameters)
    }
}

@Suite struct DARTSTests {
    private func search(_ options: [String: Value]) throws -> DARTS.Result {
        let train = try SampleData(rows: 40, inputWidth: 2, outputWidth: 1, seed: 1)
        let validation = try SampleData(rows: 20, inputWidth: 2, outputWidth: 1, seed: 2)
        return try DARTS(
            activations: ["ReLU", "Tanh"], options: options, inputWidth: 2, outputWidth: 1
        ).search(try train.dataset(validation: validation))
    }

    @Test func lossesFallAndAlphasMove() throws {
        let result = try search(["layers": 3, "width": 8, "epochs": 60])
        #expect(result.status == .ok)
        #expect(result.alphas.count == 60)
        #expect(result.alphas[0].map(\.count) == [2, 3, 3])
        #expect(result.alphas[0] != result.alphas[59])
        #expect(result.trainingLosses[59] < result.trainingLosses[0])
    }

    @Test func theArticlesFormHasOneCellLess() throws {
        let result = try search(["layers": 3, "width": 8, "epochs": 1, "stem": true, "skip": false])
        #expect(result.alphas[0].map(\.count) == [2, 2])
    }

    @Test func sameSeedSameBits() throws {
        let options: [String: Value] = ["layers": 2, "width": 4, "epochs": 5, "seed": 3]
        #expect(try search(options).alphas == search(options).alphas)
        #expect(
            try search(options).alphas != search(options.merging(["seed": 4]) { $1 }).alphas)
    }

    @Test func badOptionsAreNamed() {
        #expect(throws: EngineError.invalidArgument("order must be an integer in [1, 2], got 3")) {
            try search(["order": 3])
        }
        #expect(throws: EngineError.self) { try search(["depth": 3]) }
    }
}
