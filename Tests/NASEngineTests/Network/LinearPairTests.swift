import Testing

@testable import NASEngine

@Suite struct LinearPairTests {
    /// Two branches behind one linear layer on the data, with activations that read their output and their input.
    private func network(inputs: Int, width: Int, pairs: Bool) throws -> Network {
        var network = Network()
        let data = try network.add(Input(width: inputs))
        let stem = try network.add(
            pairs ? InnerLinear(width: width) as any Operation : Linear(width: width), data, name: "stem")
        var branches: [Int] = []
        for (index, name) in ["Tanh", "GELU"].enumerated() {
            let outer: any Operation =
                pairs ? OuterLinear(inputWidth: inputs, width: width) : Linear(width: width)
            let branch = try network.add(outer, stem, name: "\(index)")
            let function = try ActivationRegistry.function(named: name)
            branches.append(try network.add(Activation(function), branch))
        }
        try network.add(Linear(width: 2), try network.add(MixedSum(), branches, name: "sum"), name: "output")
        return network
    }

    /// Loss and gradients of the same parameters and data.
    private func gradients(
        _ network: Network, rows: Int, threads: Int = 1, wanted: TrainingPlan.Gradients = .all
    ) throws -> (loss: Double, gradients: [[Float]]) {
        let data = try SampleData(rows: rows, inputWidth: network.inputWidth, outputWidth: 2)
        let plan = try TrainingPlan(network, rows: rows, purpose: .training, threads: threads)
        var random = TrainingRandom(kind: .counter, seed: 5)
        try plan.initialize(.torchDefault, &random)
        let loss = plan.gradient(
            data.batch, MeanSquaredError.self, dropout: nil, wanted: wanted, cancellation: nil)
        return (try #require(loss), plan.exportGradients())
    }

    @Test(arguments: [(1, 32), (1, 18), (3, 20), (11, 48)], [12, 200, 1000])
    func aPairIsTwoLinearLayers(shape: (inputs: Int, width: Int), rows: Int) throws {
        let pair = try gradients(
            try network(inputs: shape.inputs, width: shape.width, pairs: true), rows: rows)
        let layers = try gradients(
            try network(inputs: shape.inputs, width: shape.width, pairs: false), rows: rows)
        #expect(abs(pair.loss - layers.loss) < 1e-6)
        #expect(pair.gradients.map(\.count) == layers.gradients.map(\.count))
        for (ours, theirs) in zip(pair.gradients, layers.gradients) {
            let scale = theirs.map(abs).max() ?? 0
            #expect(scale > 0)
            for (a, b) in zip(ours, theirs) { #expect(abs(a - b) < 2e-5 * max(scale, 0.01)) }
        }
    }

    @Test func bitsDoNotDependOnThreads() throws {
        let network = try network(inputs: 2, width: 20, pairs: true)
        let one = try gradients(network, rows: 1000)
        let two = try gradients(network, rows: 1000, threads: 2)
        #expect(one.loss == two.loss)
        #expect(one.gradients == two.gradients)
    }

    @Test(arguments: [200, 1000]) func alphasGradientAloneIsTheSame(rows: Int) throws {
        let network = try network(inputs: 1, width: 32, pairs: true)
        let alpha = try #require(network.parameters.firstIndex { $0.name == "sum.alpha" })
        let all = try gradients(network, rows: rows)
        let alone = try gradients(network, rows: rows, wanted: .architecture)
        #expect(all.loss == alone.loss)
        #expect(all.gradients[alpha] == alone.gradients[alpha])
        #expect(all.gradients[alpha].contains { $0 != 0 })
    }

    @Test func predictsAsTwoLayersDo() throws {
        let data = try SampleData(rows: 30, inputWidth: 2, outputWidth: 2)
        var predictions: [[Float]] = []
        for pairs in [false, true] {
            let plan = try TrainingPlan(
                try network(inputs: 2, width: 20, pairs: pairs), rows: 30, purpose: .prediction)
            var random = TrainingRandom(kind: .counter, seed: 5)
            try plan.initialize(.torchDefault, &random)
            predictions.append(
                [Float](unsafeUninitializedCapacity: 60) { values, count in
                    if let base = values.baseAddress { plan.predict(data.batch.inputs, rows: 30, into: base) }
                    count = 60
                })
        }
        for (a, b) in zip(predictions[0], predictions[1]) { #expect(abs(a - b) < 1e-5) }
    }

    /// Whether a supernet's stem and first cell are a pair.
    private func hasPair(
        inputs: Int = 1, width: Int = 32, layers: Int = 3, stem: Bool = true, skips: Bool = false
    ) throws -> Bool {
        let supernet = try Supernet(
            layers: layers, width: width, activations: ["ReLU"], stem: stem, skips: skips,
            inputWidth: inputs, outputWidth: 1)
        return supernet.network.nodes.contains { $0.operation is InnerLinear }
    }

    @Test func supernetsHaveOneWhereItIsWorthwhile() throws {
        #expect(try hasPair())
        #expect(try hasPair(inputs: 8))
        #expect(try !hasPair(inputs: 9), "more than a quarter of the width")
        #expect(try !hasPair(inputs: 12, width: 64), "more than a block may have rows for")
        #expect(try !hasPair(layers: 1), "no cell reads the stem")
        #expect(try !hasPair(stem: false))
        #expect(try !hasPair(skips: true), "the stem's output is needed")
    }
}
