// Parameters lie in the plan's arena; whatever leaves it here is a copy.

extension TrainingPlan {
    /// The parameters (of one group, if given), one array per tensor in PyTorch's layout.
    func exportParameters(of group: ParameterTensor.Group? = nil) -> [[Float]] {
        export(parameters, group)
    }

    /// The gradients, one array per tensor in PyTorch's layout.
    func exportGradients() -> [[Float]] { export(gradients, nil) }

    /// Copies of parameters, as they lie in the arena, one array per tensor in PyTorch's layout.
    func exportParameters(from copy: [Float]) -> [[Float]] {
        copy.withUnsafeBufferPointer { $0.baseAddress.map { export($0, nil) } ?? [] }
    }

    /// The parameters as they lie in the arena, ``PlanLayout/parameterCount`` floats.
    var parameterCopy: [Float] {
        Array(UnsafeBufferPointer(start: parameters, count: layout.parameterCount))
    }

    /// Takes back what ``parameterCopy`` gave in any plan of the same network.
    func restoreParameters(_ copy: [Float]) {
        copy.withUnsafeBufferPointer {
            if let source = $0.baseAddress {
                parameters.update(from: source, count: layout.parameterCount)
            }
        }
    }

    private func export(
        _ source: UnsafePointer<Float>, _ group: ParameterTensor.Group?
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
        let scratch = try storeScratch()
        for (index, (tensor, offset)) in tensors.enumerated() {
            let name = network.parameters[index].name
            try require(
                values[index].count == tensor.elementCount,
                "initial_weights must have \(tensor.elementCount) values of shape \(tensor.shape)"
                    + " for '\(name)', got \(values[index].count)")
            values[index].withUnsafeBufferPointer {
                if let source = $0.baseAddress {
                    tensor.store(source, into: parameters + offset, scratch: scratch.base)
                }
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
    ) throws(EngineError) {
        let largest = tensors.map(\.tensor.elementCount).max() ?? 0
        let alphaCount = tensors.reduce(unusedAlphas) {
            $0 + ($1.tensor.group == .architecture ? $1.tensor.elementCount : 0)
        }
        let (values, scratch) = (
            try Arena(floats: max(largest, alphaCount), zeroed: 0), try storeScratch()
        )
        defer { withExtendedLifetime((values, scratch)) {} }
        var index = 0
        for (tensor, offset) in tensors where tensor.group == .weights {
            random.fill(
                values.base, count: tensor.elementCount, index: index,
                initializer.distribution(for: tensor))
            tensor.store(values.base, into: parameters + offset, scratch: scratch.base)
            index += 1
        }
        var alpha = UnsafePointer(values.base)
        random.fill(
            values.base, count: alphaCount, index: index, .normal(deviation: alphaDeviation))
        for (tensor, offset) in tensors where tensor.group == .architecture {
            tensor.store(alpha, into: parameters + offset, scratch: scratch.base)
            alpha += tensor.elementCount
        }
    }

    private func storeScratch() throws(EngineError) -> Arena {
        try Arena(floats: tensors.map(\.tensor.storeScratch).max() ?? 0, zeroed: 0)
    }
}
