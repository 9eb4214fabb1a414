import Glibc
import Testing

@testable import NASEngine

/// The chain that a candidate of so many equal layers is, not fused: the reference reads no fused nodes.
private func chain(
    _ layers: Int, _ width: Int, _ activation: String, inputs: Int, outputs: Int
) throws -> Network {
    var network = Network()
    var last = try network.add(Input(width: inputs))
    for layer in 0..<layers {
        last = try network.add(Linear(width: width), last, name: "\(3 * layer)")
        last = try network.add(
            Activation(try ActivationRegistry.function(named: activation)), last)
    }
    try network.add(Linear(width: outputs), last, name: "\(3 * layers)")
    return network
}

private func untrained(
    _ data: SampleData, layers: Int, width: Int, activation: String, seed: UInt64 = 3,
    rows: Int = 1024
) throws -> UntrainedCandidate {
    let dataset = try data.dataset(validation: data)
    let architecture = Architecture([
        ("num_hidden_layers", .integer(layers)), ("hidden_layer_size", .integer(width)),
        ("activation_function", .string(activation)), ("dropout_rate", 0.4),
    ])
    return try UntrainedCandidate(
        Candidate(
            architecture, inputWidth: dataset.inputWidth, outputWidth: dataset.outputWidth),
        on: dataset, rows: rows, seed: seed)
}

@Suite struct GradientNormTests {
    /// Central differences in float64 are good to about 1e-9, float32 gradients to about 1e-6.
    @Test(arguments: [(0, "ReLU", 1), (1, "Tanh", 3), (3, "GELU", 1)])
    func isTheNormOfTheReferencesGradient(_ shape: (Int, String, Int)) throws {
        let (layers, activation, outputs) = shape
        let data = try SampleData(rows: 21, inputWidth: 3, outputWidth: outputs)
        let untrained = try untrained(data, layers: layers, width: 9, activation: activation)
        let reference = ReferenceNetwork(
            network: try chain(layers, 9, activation, inputs: 3, outputs: outputs))
        let weights = untrained.weights().map { $0.map(Double.init) }
        let gradient = reference.gradient(weights) {
            reference.meanSquaredError(data.inputs, data.targets, rows: data.rows, $0)
        }
        let expected = gradient.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(try untrained.score(GradientNorm.self) / expected - 1) < 1e-5)
    }
}

@Suite struct SynFlowTests {
    /// Σ|θ·∂R/∂θ| by central differences, exact but for rounding as R is linear in each θ.
    private func reference(_ network: Network, _ weights: [[Float]]) -> Double {
        let reference = ReferenceNetwork(network: network)
        let absolute = weights.map { $0.map { Double(abs($0)) } }
        let ones = [Double](repeating: 1, count: network.inputWidth)
        let gradient = reference.gradient(absolute, step: 0.01) {
            reference.predict(ones, rows: 1, $0).reduce(0, +)
        }
        return log(
            zip(absolute.joined(), gradient.joined()).reduce(0) { $0 + abs($1.0 * $1.1) })
    }

    @Test(arguments: [(0, 1), (2, 1), (3, 4)]) func ofChains(_ shape: (Int, Int)) throws {
        let (layers, outputs) = shape
        let data = try SampleData(rows: 5, inputWidth: 4, outputWidth: outputs)
        let untrained = try untrained(data, layers: layers, width: 7, activation: "Tanh")
        let network = try chain(layers, 7, "Identity", inputs: 4, outputs: outputs)
        let expected = reference(network, untrained.weights())
        #expect(abs(try untrained.score(SynFlow.self) - expected) < 1e-8)
    }

    @Test func ofBranches() throws {
        var network = Network()
        let input = try network.add(Input(width: 3))
        let stem = try network.add(Linear(width: 6), input, name: "stem")
        let identity = ActivationRegistry.identity
        let first = try network.add(Activation(identity), stem)
        let branch = try network.add(Linear(width: 6), first, name: "branch")
        let projected = try network.add(Linear(width: 6), input, name: "projection")
        let sum = try network.add(Add(), [branch, first, projected])
        try network.add(Linear(width: 2), sum, name: "out")
        var random = RandomStream(seed: 4)
        let weights = network.parameters.map { parameter in
            (0..<parameter.tensor.elementCount).map { _ in Float(random.normal()) }
        }
        let expected = reference(network, weights)
        #expect(abs(try SynFlow.score(network, weights: weights) - expected) < 1e-8)
        #expect(abs(try SynFlow.score(network.fused(), weights: weights) - expected) < 1e-8)
    }

    /// n weights w in a row, no biases: R = wⁿ, and each contributes θ·∂R/∂θ = wⁿ.
    @Test(arguments: [-2, 0.5] as [Float]) func noDepthOverflows(weight: Float) throws {
        let layers = 4999
        let network = try chain(layers, 1, "ReLU", inputs: 1, outputs: 1)
        let weights: [[Float]] = (0..<2 * 5000).map { [$0 % 2 == 0 ? weight : 0] }
        let expected = log(5000) + 5000 * log(Double(abs(weight)))
        #expect(abs(try SynFlow.score(network, weights: weights) / expected - 1) < 1e-12)
    }

    /// Beside a bias of 1, flow of 2⁻²⁰⁰⁰ has no say; its own parameters only see a little of R.
    @Test func sizesFarApartAreAligned() throws {
        let network = try chain(2, 1, "ReLU", inputs: 1, outputs: 1)
        let weights: [[Float]] = [[0x1p-149], [0], [0x1p-149], [1], [1], [0]]
        // R = 1: the bias in the middle and the last weight contribute 1 each.
        #expect(abs(try SynFlow.score(network, weights: weights) - log(2)) < 1e-12)
    }

    @Test func unknownLayersAreRefused() throws {
        let supernet = try Supernet(
            layers: 2, width: 3, activations: ["ReLU"], stem: false, skips: true, inputWidth: 2,
            outputWidth: 1)
        #expect(throws: EngineError.self) {
            try SynFlow.score(supernet.network, weights: supernet.network.parameters.map { _ in [] })
        }
    }
}

@Suite struct JacobianCovarianceTests {
    /// Several blocks, a network with a branch and several outputs, against central differences.
    @Test(arguments: [10, 2 * PlanLayout.largestBlock + 1]) func dataGradient(rows: Int) throws {
        var network = Network()
        let input = try network.add(Input(width: 5))
        let tanh = try ActivationRegistry.function(named: "Tanh")
        let stem = try network.add(Linear(width: 18), input, name: "stem")
        let first = try network.add(Activation(tanh), stem)
        let branch = try network.add(Linear(width: 18), first, name: "branch")
        let direct = try network.add(Linear(width: 18), input, name: "direct")
        let sum = try network.add(Add(), branch, first, direct)
        try network.add(Linear(width: 2), sum, name: "out")
        try check(network, rows: rows)
    }

    @Test(arguments: ["ReLU", "GELU"]) func dataGradientOfOneOutput(activation: String) throws {
        try check(try chain(2, 17, activation, inputs: 3, outputs: 1), rows: 13)
        try check(try chain(0, 1, activation, inputs: 3, outputs: 1), rows: 13)
    }

    private func check(_ network: Network, rows: Int) throws {
        let data = try SampleData(
            rows: rows, inputWidth: network.inputWidth, outputWidth: network.outputWidth)
        let plan = try TrainingPlan(
            network.differentiatingData(), rows: rows, purpose: .training)
        var random = TrainingRandom(kind: .counter, seed: 5)
        try plan.initialize(.torchDefault, &random)
        let width = network.inputWidth
        let gradient = try Arena(floats: rows * width, zeroed: 0)
        #expect(plan.dataGradient(data.batch, into: gradient.base, cancellation: nil))

        let reference = ReferenceNetwork(network: network)
        let weights = plan.exportParameters().map { $0.map(Double.init) }
        for feature in 0..<width {
            var (above, below) = (data.inputs, data.inputs)
            for row in 0..<rows {
                above[row * width + feature] += 1e-5
                below[row * width + feature] -= 1e-5
            }
            let high = reference.predict(above, rows: rows, weights)
            let low = reference.predict(below, rows: rows, weights)
            for row in 0..<rows {
                var expected = 0.0
                for output in 0..<network.outputWidth {
                    let index = row * network.outputWidth + output
                    expected += (high[index] - low[index]) / 2e-5
                }
                #expect(abs(Double(gradient.base[row * width + feature]) - expected) < 2e-5)
            }
        }
    }

    /// The correlations of these are known: 1 or −1 within a pair, 0 between pairs.
    @Test func scoresOfKnownCorrelations() {
        let k = 1e-5
        func term(_ eigenvalue: Double) -> Double {
            -(log(eigenvalue + k) + 1 / (eigenvalue + k))
        }
        func matches(_ jacobians: [[Double]], _ eigenvalues: [Double]) -> Bool {
            let expected = eigenvalues.reduce(0) { $0 + term($1) }
            // An eigenvalue 0 that is off by 1e-16 moves its term of 1e5 by 1e-6.
            return abs(JacobianCovariance.score(jacobians) - expected) < 1e-6 + 1e-10 * abs(expected)
        }
        let (a, b) = ([1.0, 1, -1, -1], [1.0, -1, 1, -1])
        #expect(matches([a, b], [1, 1]))
        #expect(matches([a, a.map { 3 - 2 * $0 }], [2, 0]))
        // More rows than features; a scale that squares would not survive.
        #expect(matches([a, b, a, b, a, b].map { $0.map { 1e-200 * $0 } }, [3, 3, 0, 0, 0, 0]))
        // Rows without a correlation are alike.
        #expect(matches([a, [2, 2, 2, 2], [0, 0, 0, 0]], [1, 2, 0]))
        #expect(matches([[5], [6], [0]], [3, 0, 0]))
        // Correlation ρ of two rows: 1 ± ρ.
        let c = [1.0, 2, 3, 5]
        let rho = -5 / (4 * 8.75).squareRoot()
        #expect(matches([a, c], [1 + rho, 1 - rho]))
        #expect(JacobianCovariance.score([a, [1, .infinity, 0, 0]]).isNaN)
        #expect(JacobianCovariance.score([a, [1, .nan, 0, 0]]).isNaN)
    }
}

@Suite struct ActivationPatternTests {
    /// Codes from the signs of the reference's pre-activations, log|K| by elimination.
    @Test(arguments: ActivationRegistry.names.filter { $0 != "Identity" }, [6, 400])
    func isTheReferencesDeterminant(activation: String, rows: Int) throws {
        let data = try SampleData(rows: rows, inputWidth: 4, outputWidth: 1)
        let untrained = try untrained(data, layers: 2, width: 35, activation: activation)
        let weights = untrained.weights().map { $0.map(Double.init) }
        let second = ReferenceNetwork(
            network: try chain(1, 35, activation, inputs: 4, outputs: 35))
        let first = ReferenceNetwork(network: try chain(0, 35, activation, inputs: 4, outputs: 35))
        let z1 = first.predict(data.inputs, rows: rows, weights)
        let z2 = second.predict(data.inputs, rows: rows, weights)
        let units = 70
        let matrix = (0..<rows).map { i in
            (0..<rows).map { j in
                let same = (0..<35).reduce(0) { count, unit in
                    count + ((z1[i * 35 + unit] > 0) == (z1[j * 35 + unit] > 0) ? 1 : 0)
                        + ((z2[i * 35 + unit] > 0) == (z2[j * 35 + unit] > 0) ? 1 : 0)
                }
                return Double(same) + (i == j ? 1e-5 * Double(units) : 0)
            }
        }
        let expected = logDeterminant(matrix)
        // Alike rows leave pivots of 1e-5 beside rounding of 1e-16 times the condition number.
        #expect(abs(try untrained.score(ActivationPatterns.self) - expected) < 1e-6 * Double(rows))
    }

    /// Its output is there only when the last layer has run, with which it is one pass.
    @Test func ofALayerWithOneInputToo() throws {
        let data = try SampleData(rows: 9, inputWidth: 1, outputWidth: 1)
        let untrained = try untrained(data, layers: 1, width: 35, activation: "Tanh")
        let layer = ReferenceNetwork(network: try chain(0, 35, "Tanh", inputs: 1, outputs: 35))
        let z = layer.predict(data.inputs, rows: 9, untrained.weights().map { $0.map(Double.init) })
        let matrix = (0..<9).map { i in
            (0..<9).map { j in
                Double((0..<35).count { (z[i * 35 + $0] > 0) == (z[j * 35 + $0] > 0) })
                    + (i == j ? 35e-5 : 0)
            }
        }
        let score = try untrained.score(ActivationPatterns.self)
        #expect(abs(score - logDeterminant(matrix)) < 1e-5)
    }

    private func logDeterminant(_ matrix: [[Double]]) -> Double {
        var matrix = matrix
        var result = 0.0
        for i in matrix.indices {
            result += log(matrix[i][i])
            for row in (i + 1)..<max(i + 1, matrix.count) {
                let factor = matrix[row][i] / matrix[i][i]
                for column in i..<matrix.count { matrix[row][column] -= factor * matrix[i][column] }
            }
        }
        return result
    }

    @Test func withoutUnitsNothingIsTold() throws {
        let data = try SampleData(rows: 5, inputWidth: 2, outputWidth: 1)
        for (layers, activation) in [(0, "ReLU"), (2, "Identity")] {
            let untrained = try untrained(data, layers: layers, width: 4, activation: activation)
            #expect(try untrained.score(ActivationPatterns.self) == -.infinity)
        }
    }
}

@Suite struct ProxyTests {
    @Test func everyProxyIsDeterministicAndTold() throws {
        let data = try SampleData(rows: 30, inputWidth: 4, outputWidth: 2)
        #expect(Set(ProxyRegistry.all.map { $0.name }).count == ProxyRegistry.all.count)
        for proxy in ProxyRegistry.all {
            let scores = try [3, 3, 4].map {
                try untrained(data, layers: 3, width: 20, activation: "ReLU", seed: $0).score(proxy)
            }
            #expect(scores[0] == scores[1] && scores[0].isFinite)
            let isDrawn = proxy.name != "parameter_count" && proxy.name != "flops"
            #expect((scores[0] != scores[2]) == isDrawn, "\(proxy.name)")
            #expect(try ProxyRegistry.proxy(named: proxy.name).name == proxy.name)
            #expect(proxy.summary.hasSuffix("."))
        }
    }

    @Test func onlyTheFirstRowsAreLookedAt() throws {
        let data = try SampleData(rows: 30, inputWidth: 4, outputWidth: 1)
        func scores(_ rows: Int) throws -> [Double] {
            let untrained = try untrained(
                data, layers: 2, width: 20, activation: "Tanh", rows: rows)
            return [
                try untrained.score(GradientNorm.self),
                try untrained.score(JacobianCovariance.self),
                try untrained.score(ActivationPatterns.self),
            ]
        }
        #expect(try scores(30) == scores(1024))
        #expect(try zip(scores(30), scores(29)).allSatisfy { $0 != $1 })
    }

    @Test func aCancelledProxyHasNoScore() throws {
        let data = try SampleData(rows: 30, inputWidth: 4, outputWidth: 1)
        let stop = Cancellation()
        stop.cancel()
        let dataset = try data.dataset(validation: data)
        let candidate = try Candidate(
            Architecture([("num_hidden_layers", 2), ("hidden_layer_size", 8)]), inputWidth: 4,
            outputWidth: 1)
        let untrained = try UntrainedCandidate(
            candidate, on: dataset, rows: 30, seed: 0, cancellation: stop)
        for proxy in ProxyRegistry.all where proxy.name != "parameter_count" && proxy.name != "flops" {
            #expect(try untrained.score(proxy).isNaN)
        }
        #expect(
            try Latency.measure(candidate, rows: 1, repetitions: 3, cancellation: stop).isNaN)
    }

    @Test func latencyIsATime() throws {
        let candidate = try Candidate(
            Architecture([("num_hidden_layers", 2), ("hidden_layer_size", 8)]), inputWidth: 4,
            outputWidth: 3)
        for rows in [1, 700] {
            let seconds = try Latency.measure(candidate, rows: rows, repetitions: 4)
            #expect(seconds > 0 && seconds.isFinite)
        }
        for (rows, repetitions) in [(0, 1), (1, 0), (1 << 25, 1)] {
            #expect(throws: EngineError.self) {
                try Latency.measure(candidate, rows: rows, repetitions: repetitions)
            }
        }
    }
}
