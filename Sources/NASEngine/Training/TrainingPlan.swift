/// A network compiled to one arena and a list of instructions, run over the data block by block.
///
/// A plan is used by one thread at a time. Running it allocates nothing.
final class TrainingPlan {
    let network: Network
    let layout: PlanLayout
    private let arena: Arena
    private let instructions: [any Instruction]
    private let prediction: UnsafeMutablePointer<Float>
    private let predictionGradient: UnsafeMutablePointer<Float>?

    /// - Parameter rows: rows of the data it will mostly run on; it sets the block size, any other
    ///   number of rows works too.
    init(_ network: Network, rows: Int, purpose: PlanLayout.Purpose) throws(EngineError) {
        let network = try network.fused()
        let layout = PlanLayout(network, rows: rows, purpose: purpose)
        let arena = try Arena(floats: layout.total)
        self.network = network
        self.layout = layout
        self.arena = arena
        instructions = network.nodes.indices.map { index in
            network.nodes[index].operation.instruction(
                Self.site(index, network, layout, arena.base))
        }
        guard let last = layout.nodes.last, let values = last.values else {
            throw .invalidArgument("a network must have a layer after its input")
        }
        prediction = arena.base + values
        predictionGradient = last.gradient.map { arena.base + $0 }
    }

    private static func site(
        _ index: Int, _ network: Network, _ layout: PlanLayout, _ base: UnsafeMutablePointer<Float>
    ) -> Site {
        func wire(_ node: Int, accumulate: Bool) -> Site.Wire {
            Site.Wire(
                width: network.nodes[node].shape.elementCount,
                values: layout.nodes[node].values.map { base + $0 },
                gradient: layout.nodes[node].gradient.map { base + $0 }, accumulate: accumulate)
        }
        let node = layout.nodes[index]
        return Site(
            inputs: network.nodes[index].inputs.enumerated().map { position, input in
                wire(
                    input,
                    accumulate: layout.purpose == .training && node.accumulates[position])
            },
            output: wire(index, accumulate: false),
            parameters: node.parameters.map { offset in
                Site.Parameter(
                    values: base + offset,
                    gradient: layout.purpose == .training ? base + layout.gradients + offset : nil)
            },
            scratch: base + node.scratch,
            dropout: node.dropout)
    }

    /// All parameters, ``PlanLayout/parameterCount`` floats: the weights group, then the architecture's.
    var parameters: UnsafeMutablePointer<Float> { arena.base }

    /// Their gradients, in the same order; written by ``gradient(_:_:dropout:cancellation:)``.
    var gradients: UnsafeMutablePointer<Float> { arena.base + layout.gradients }
}

// MARK: - Running

extension TrainingPlan {
    /// The mean loss over the data and, in ``gradients``, its gradient.
    ///
    /// - Parameter dropout: nil to leave dropout out.
    /// - Returns: nil if it was cancelled.
    func gradient<L: Loss>(
        _ data: Batch, _ loss: L.Type, dropout: DropoutDraw?, cancellation: Cancellation?
    ) -> Double? {
        gradients.update(repeating: 0, count: layout.parameterCount)
        for instruction in instructions { instruction.prepare() }
        return overBlocks(
            data, loss, dropout: dropout, backward: true, cancellation: cancellation)
    }

    /// The mean loss over the data, without dropout; nil if it was cancelled.
    func evaluate<L: Loss>(_ data: Batch, _ loss: L.Type, cancellation: Cancellation?) -> Double? {
        for instruction in instructions { instruction.prepare() }
        return overBlocks(data, loss, dropout: nil, backward: false, cancellation: cancellation)
    }

    /// Writes the network's outputs, row-major, for `rows` rows of `inputs`, until it is cancelled.
    func predict(
        _ inputs: UnsafePointer<Float>, rows: Int, into outputs: UnsafeMutablePointer<Float>,
        cancellation: Cancellation? = nil
    ) {
        for instruction in instructions { instruction.prepare() }
        let (inputWidth, width) = (network.inputWidth, network.outputWidth)
        for first in stride(from: 0, to: rows, by: layout.blockRows) {
            if cancellation?.isCancelled == true { return }
            let count = min(layout.blockRows, rows - first)
            let pass = BlockPass(
                data: inputs + first * inputWidth, rows: count, dropout: nil, firstRow: first)
            for instruction in instructions { instruction.forward(pass) }
            Kernels.unpack(prediction, rows: count, columns: width, into: outputs + first * width)
        }
    }

    private func overBlocks<L: Loss>(
        _ data: Batch, _: L.Type, dropout: DropoutDraw?, backward: Bool,
        cancellation: Cancellation?
    ) -> Double? {
        let width = network.outputWidth
        var total = 0.0
        for first in stride(from: 0, to: data.rows, by: layout.blockRows) {
            let pass = BlockPass(
                data: data.inputs + first * network.inputWidth,
                rows: min(layout.blockRows, data.rows - first), dropout: dropout, firstRow: first)
            // Between instructions, as one of a wide layer takes a good part of a second.
            for instruction in instructions {
                if cancellation?.isCancelled == true { return nil }
                instruction.forward(pass)
            }
            total += L.sum(
                prediction: prediction, target: data.targets + first * width, rows: pass.rows,
                columns: width, gradient: backward ? predictionGradient : nil,
                count: data.rows * width)
            guard backward else { continue }
            for instruction in instructions.reversed() {
                if cancellation?.isCancelled == true { return nil }
                instruction.backward(pass)
            }
        }
        let mean = total / Double(data.rows * width)
        // Beyond float32 the gradients are no longer right, and PyTorch's loss is infinite.
        return mean > Double(Float.greatestFiniteMagnitude) ? .infinity : mean
    }
}

/// Rows that a plan runs on, borrowed: inputs and targets row-major, as many columns as the network says.
struct Batch {
    let inputs: UnsafePointer<Float>
    let targets: UnsafePointer<Float>
    let rows: Int
}

// MARK: - Parameters

extension TrainingPlan {
    /// Every tensor with its place in ``parameters``, in the network's order.
    private var tensors: [(tensor: ParameterTensor, offset: Int)] {
        zip(network.nodes, layout.nodes).flatMap { node, place in
            zip(node.parameters, place.parameters).map { ($0, $1) }
        }
    }

    /// The parameters (of one group, if given), one array per tensor in PyTorch's layout.
    func exportParameters(of group: ParameterTensor.Group? = nil) -> [[Float]] {
        export(parameters, group)
    }

    /// The gradients, one array per tensor in PyTorch's layout.
    func exportGradients() -> [[Float]] { export(gradients, nil) }

    private func export(
        _ source: UnsafeMutablePointer<Float>, _ group: ParameterTensor.Group?
    ) -> [[Float]] {
        tensors.filter { group == nil || $0.tensor.group == group }.map { tensor, offset in
            [Float](unsafeUninitializedCapacity: tensor.elementCount) { values, count in
                if let target = values.baseAddress { tensor.read(source + offset, into: target) }
                count = tensor.elementCount
            }
        }
    }

    /// Sets the parameters from one array per tensor in PyTorch's layout.
    func importParameters(_ values: [[Float]]) throws(EngineError) {
        let tensors = tensors
        try require(
            values.count == tensors.count,
            "initial_weights must have \(tensors.count) arrays, got \(values.count)")
        for (index, (tensor, offset)) in tensors.enumerated() {
            let name = network.parameters[index].name
            try require(
                values[index].count == tensor.elementCount,
                "initial_weights must have \(tensor.elementCount) values of shape \(tensor.shape)"
                    + " for '\(name)', got \(values[index].count)")
            values[index].withUnsafeBufferPointer {
                if let source = $0.baseAddress { tensor.store(source, into: parameters + offset) }
            }
        }
    }

    /// Draws the initial parameters: all weights in the network's order, then α as one tensor.
    /// - Parameters:
    ///   - alphaDeviation: α is normal with mean 0 and this standard deviation.
    ///   - unusedAlphas: elements of that tensor behind those that the network uses.
    func initialize(
        _ initializer: Initializer, _ random: inout TrainingRandom, alphaDeviation: Double = 1,
        unusedAlphas: Int = 0
    ) {
        let largest = tensors.map(\.tensor.elementCount).max() ?? 0
        let alphaCount = tensors.reduce(unusedAlphas) {
            $0 + ($1.tensor.group == .architecture ? $1.tensor.elementCount : 0)
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: max(largest, alphaCount, 1)) {
            guard let scratch = $0.baseAddress else { return }
            var index = 0
            for (tensor, offset) in tensors where tensor.group == .weights {
                random.fill(
                    scratch, count: tensor.elementCount, index: index,
                    initializer.distribution(for: tensor))
                tensor.store(scratch, into: parameters + offset)
                index += 1
            }
            var alpha = UnsafePointer(scratch)
            random.fill(
                scratch, count: alphaCount, index: index, .normal(deviation: alphaDeviation))
            for (tensor, offset) in tensors where tensor.group == .architecture {
                tensor.store(alpha, into: parameters + offset)
                alpha += tensor.elementCount
            }
        }
    }
}
