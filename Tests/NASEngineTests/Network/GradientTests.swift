import Testing

@testable import NASEngine

/// Compares a plan's loss and gradients with the float64 reference and central differences.
///
/// float32 rounding of sums over a few hundred numbers of order one stays far below the tolerance.
private func check(
    _ network: Network, rows: Int, recording: [UInt16]? = nil, masks: [[Bool]] = [],
    tolerance: Double = 2e-5
) throws {
    let data = try SampleData(
        rows: rows, inputWidth: network.inputWidth, outputWidth: network.outputWidth)
    let plan = try TrainingPlan(network, rows: rows, purpose: .training)
    var random = TrainingRandom(kind: .counter, seed: 5)
    try plan.initialize(.torchDefault, &random)
    let parameters = plan.exportParameters().map { $0.map(Double.init) }
    let reference = ReferenceNetwork(network: network, masks: masks)
    let lossOf = { reference.meanSquaredError(data.inputs, data.targets, rows: rows, $0) }

    let loss = recording.withMask { words in
        plan.gradient(
            data.batch, MeanSquaredError.self,
            dropout: words.map { DropoutDraw(source: .recording($0, rows: rows)) },
            cancellation: nil)
    }
    #expect(abs(try #require(loss) - lossOf(parameters)) < tolerance)
    let expected = reference.gradient(parameters, lossOf)
    for (tensor, gradient) in plan.exportGradients().enumerated() {
        let name = network.parameters[tensor].name
        for (index, value) in gradient.enumerated() {
            #expect(
                abs(Double(value) - expected[tensor][index]) < tolerance,
                "\(name)[\(index)] = \(value), expected \(expected[tensor][index])")
        }
    }
}

extension ActivationFunction {
    fileprivate static func named(_ name: String) throws -> ActivationFunction {
        try ActivationRegistry.function(named: name)
    }
}

extension Optional<[UInt16]> {
    fileprivate func withMask<R>(_ body: (UnsafePointer<UInt16>?) -> R) -> R {
        guard let words = self else { return body(nil) }
        return words.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

@Suite struct GradientTests {
    @Test(arguments: ActivationRegistry.names) func activation(name: String) throws {
        var network = Network()
        let input = try network.add(Input(width: 3))
        let hidden = try network.add(Linear(width: 18), input, name: "0")
        let function = try ActivationRegistry.function(named: name)
        let active = try network.add(Activation(function), hidden)
        let second = try network.add(Linear(width: 5), active, name: "1")
        let last = try network.add(Activation(function), second)
        try network.add(Linear(width: 2), last, name: "2")
        try check(network, rows: 13)
    }

    @Test(arguments: ActivationRegistry.names) func activationOnTheData(name: String) throws {
        var network = Network()
        let input = try network.add(Input(width: 3))
        let function = try ActivationRegistry.function(named: name)
        let active = try network.add(Activation(function), input)
        try network.add(Linear(width: 1), active, name: "0")
        try check(network, rows: 9)
    }

    @Test func linearAlone() throws {
        var network = Network()
        let input = try network.add(Input(width: 20))
        try network.add(Linear(width: 17), input, name: "0")
        try check(network, rows: 33)
    }

    @Test func severalBlocks() throws {
        var network = Network()
        let input = try network.add(Input(width: 2))
        let hidden = try network.add(Linear(width: 7), input, name: "0")
        let active = try network.add(Activation(try .named("Tanh")), hidden)
        try network.add(Linear(width: 1), active, name: "1")
        try check(network, rows: 2 * PlanLayout.largestBlock + 1)
    }

    @Test(arguments: ["Tanh", "GELU", "ReLU"]) func dropout(name: String) throws {
        let (rows, width) = (11, 19)
        var random = RandomStream(seed: 8)
        let words = (0..<Panels.count(width) * rows).map { _ in
            UInt16(truncatingIfNeeded: random.next())
        }
        let mask = (0..<rows * width).map { index in
            let (row, column) = (index / width, index % width)
            return words[column / 16 * rows + row] >> UInt16(column % 16) & 1 == 1
        }
        var network = Network()
        let input = try network.add(Input(width: 3))
        let hidden = try network.add(Linear(width: width), input, name: "0")
        let function = try ActivationRegistry.function(named: name)
        let active = try network.add(Activation(function), hidden)
        let dropped = try network.add(Dropout(rate: 0.4), active)
        try network.add(Linear(width: 2), dropped, name: "1")
        try check(network, rows: rows, recording: words, masks: [mask])
    }

    /// The last layer's products of rank one, with an activation and a dropout to take the gradient
    /// through.
    @Test(arguments: ["Sigmoid", "GELU"]) func oneOutput(name: String) throws {
        let (rows, width) = (29, 19)
        var network = Network()
        let input = try network.add(Input(width: 3))
        let hidden = try network.add(Linear(width: width), input, name: "0")
        let active = try network.add(Activation(try .named(name)), hidden)
        let dropped = try network.add(Dropout(rate: 0.25), active)
        try network.add(Linear(width: 1), dropped, name: "1")
        let words = [UInt16](repeating: .max, count: Panels.count(width) * rows)
        let all = [Bool](repeating: true, count: rows * width)
        try check(network, rows: rows, recording: words, masks: [all])
        #expect(try network.fused().nodes.last?.operation is LinearColumn)
    }

    /// Gradients take the memory of those that are no longer needed: two of one width alternate.
    @Test(arguments: [1, 2]) func manyLayers(outputs: Int) throws {
        var network = Network()
        var last = try network.add(Input(width: 3))
        for layer in 0..<6 {
            last = try network.add(Linear(width: 5), last, name: "\(layer)")
            last = try network.add(Activation(try .named("Tanh")), last)
        }
        try network.add(Linear(width: outputs), last, name: "out")
        try check(network, rows: 9)
        let layout = PlanLayout(try network.fused(), rows: 9, purpose: .training)
        // With one output, the last layer's gradient stands where its values were.
        #expect(Set(layout.nodes[1...6].compactMap(\.gradient)).count == (outputs == 1 ? 3 : 2))
    }

    /// A branch that is read twice: gradients of both readers must add up.
    @Test func skipConnection() throws {
        var network = Network()
        let input = try network.add(Input(width: 4))
        let stem = try network.add(Linear(width: 6), input, name: "stem")
        let first = try network.add(Activation(try .named("Tanh")), stem)
        let branch = try network.add(Linear(width: 6), first, name: "branch")
        let active = try network.add(Activation(try .named("SiLU")), branch)
        let sum = try network.add(Add(), active, first)
        let after = try network.add(Activation(try .named("ELU")), sum)
        try network.add(Linear(width: 1), after, name: "out")
        try check(network, rows: 10)
    }

    /// Hidden layers as architectures have them: inputs that are added as they are, the data among them,
    /// and inputs that are projected first, with and without dropout behind.
    @Test(arguments: [
        [5, 5], [4, 7, 7], [19, 3, 3, 18], [6, 6, 6, 6, 6, 6], [4], [17],
    ]) func residual(widths: [Int]) throws {
        let names = ["Tanh", "GELU", "SiLU", "Sigmoid"]
        let (rows, depth) = (29, widths.count)
        var entries: [(String, Value)] = [
            ("num_hidden_layers", .integer(depth)), ("skip_connection", true),
        ]
        for (index, width) in widths.enumerated() {
            entries.append(("hidden_layer_size_\(index + 1)", .integer(width)))
            entries.append(("activation_function_\(index + 1)", .string(names[index % names.count])))
        }
        entries.append(("dropout_rate_\(depth)", 0.25))
        if depth > 2 { entries.append(("skip_connection_3", false)) }
        for outputs in [1, 2] {
            let candidate = try Candidate(Architecture(entries), inputWidth: 4, outputWidth: outputs)
            var random = RandomStream(seed: 3)
            let last = widths[depth - 1]
            let words = (0..<Panels.count(last) * rows).map { _ in
                UInt16(truncatingIfNeeded: random.next())
            }
            let mask = (0..<rows * last).map { index in
                let (row, column) = (index / last, index % last)
                return words[column / 16 * rows + row] >> UInt16(column % 16) & 1 == 1
            }
            let network = try Candidate.chain(
                candidate.hiddenLayers, inputWidth: 4, outputWidth: outputs)
            #expect(network.nodes.contains { $0.operation is Add })
            try check(network, rows: rows, recording: words, masks: [mask])
        }
    }

    @Test func residualOfSeveralBlocks() throws {
        let candidate = try Candidate(
            Architecture([
                ("num_hidden_layers", 2), ("hidden_layer_size", [6, 3]),
                ("activation_function", "Tanh"), ("skip_connection", [true, true]),
            ]), inputWidth: 2, outputWidth: 1)
        let network = try Candidate.chain(
            candidate.hiddenLayers, inputWidth: 2, outputWidth: 1)
        try check(network, rows: 2 * PlanLayout.largestBlock + 1)
    }

    @Test(arguments: [false, true], [3, 6]) func mixedCell(stem: Bool, layers: Int) throws {
        let supernet = try Supernet(
            layers: layers, width: 5, activations: ["ReLU", "Tanh", "LeakyReLU"], stem: stem,
            skips: true, inputWidth: 2, outputWidth: 1)
        // The candidates are linear pieces: keep the kinks of ReLU away from the sample by its seed.
        try check(supernet.network, rows: 12)
    }
}

@Suite struct NetworkTests {
    @Test func fusionKeepsParametersAndCounts() throws {
        var network = Network()
        var last = try network.add(Input(width: 3))
        for layer in 0..<2 {
            last = try network.add(Linear(width: 8), last, name: "\(layer)")
            last = try network.add(Activation(try .named("Tanh")), last)
            last = try network.add(Dropout(rate: 0.5), last)
        }
        try network.add(Linear(width: 1), last, name: "out")
        let fused = try network.fused()
        // The data, the hidden layers of one node instead of three, and the output.
        #expect(fused.nodes.count == 4)
        #expect(fused.parameters.map(\.name) == network.parameters.map(\.name))
        #expect(fused.nodes.filter { $0.operation.dropoutRate == 0.5 }.count == 2)
        #expect(fused.parameterCount == network.parameterCount)
        #expect(fused.flops == network.flops)
    }

    @Test func costsAreThoseOfTheTextbook() throws {
        let candidate = try Candidate(
            Architecture([("num_hidden_layers", 2), ("hidden_layer_size", 8)]), inputWidth: 3,
            outputWidth: 2)
        #expect(candidate.parameterCount == 3 * 8 + 8 + 8 * 8 + 8 + 8 * 2 + 2)
        #expect(candidate.flops == 7 * 8 + 8 + 17 * 8 + 8 + 17 * 2)
    }

    @Test func projectionsStandWhereWidthsDiffer() throws {
        let candidate = try Candidate(
            Architecture([
                ("num_hidden_layers", 4), ("hidden_layer_size", [8, 8, 5, 5]),
                ("skip_connection", true), ("skip_connection_4", false),
            ]), inputWidth: 3, outputWidth: 2)
        #expect(
            candidate.network.parameters.map(\.name) == [
                "0.linear.weight", "0.linear.bias", "0.projection.weight", "1.linear.weight",
                "1.linear.bias", "2.linear.weight", "2.linear.bias", "2.projection.weight",
                "3.weight", "3.bias", "6.weight", "6.bias",
            ])
        #expect(
            candidate.parameterCount
                == 3 * 8 + 8 + 3 * 8 + 8 * 8 + 8 + 8 * 5 + 5 + 8 * 5 + 5 * 5 + 5 + 5 * 2 + 2)
        // Activations cost one operation per unit, sums too.
        #expect(
            candidate.flops
                == 2 * (3 * 8 + 3 * 8 + 8 * 8 + 8 * 5 + 8 * 5 + 5 * 5 + 5 * 2) + 8 + 8 + 5 + 5 + 2
                + 8 + 8 + 5 + 5 + 8 + 8 + 5)
    }

    @Test func sumsNeedOneShape() throws {
        var network = Network()
        let input = try network.add(Input(width: 3))
        let other = try network.add(Linear(width: 4), input, name: "0")
        #expect(throws: EngineError.self) { try network.add(Add(), input, other) }
    }
}
