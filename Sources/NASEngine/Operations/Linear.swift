/// y = x·Wᵀ + b, with W of shape `(width, inputs)` as in PyTorch's `nn.Linear`.
struct Linear: Operation {
    let width: Int

    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape { Shape(width) }

    func parameters(_ inputs: [Shape]) -> [ParameterTensor] {
        let depth = inputs[0].elementCount
        return [
            ParameterTensor(name: "weight", shape: [width, depth], group: .weights, fanIn: depth),
            ParameterTensor(name: "bias", shape: [width], group: .weights, fanIn: depth),
        ]
    }

    func flops(_ inputs: [Shape]) -> Int { (2 * inputs[0].elementCount + 1) * width }

    var backwardReads: BackwardReads { .inputs }

    /// The transposed weights, for the input gradient.
    func scratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int {
        training ? Kernels.paneled(rows: width, columns: inputs[0].elementCount) : 0
    }

    func instruction(_ site: Site) -> any Instruction { LinearInstruction(site: site) }
}

private struct LinearInstruction: Instruction {
    let input: Site.Wire
    let output: Site.Wire
    let weight: Site.Parameter
    let bias: Site.Parameter
    let transposed: UnsafeMutablePointer<Float>

    init(site: Site) {
        input = site.inputs[0]
        output = site.output
        weight = site.parameters[0]
        bias = site.parameters[1]
        transposed = site.scratch
    }

    func prepare() {
        guard input.gradient != nil else { return }
        Kernels.transpose(weight.values, rows: input.width, columns: output.width, into: transposed)
    }

    func forward(_ pass: BlockPass) {
        guard let result = output.values else { return }
        Kernels.multiply(
            operand(pass), depth: input.width, weights: weight.values, bias: bias.values,
            into: result, rows: pass.rows, panels: Kernels.panels(output.width))
    }

    func backward(_ pass: BlockPass) {
        guard let dy = output.gradient else { return }
        let panels = Kernels.panels(output.width)
        if let dW = weight.gradient {
            Kernels.accumulateWeightGradient(
                operand(pass), depth: input.width, dC: dy, rows: pass.rows, panels: panels, into: dW)
        }
        if let db = bias.gradient {
            Kernels.accumulateBiasGradient(dy, rows: pass.rows, panels: panels, into: db)
        }
        if let dx = input.gradient {
            Kernels.multiply(
                .panels(dy, rows: pass.rows), depth: output.width, weights: transposed, bias: nil,
                into: dx, rows: pass.rows, panels: Kernels.panels(input.width),
                accumulate: input.accumulate)
        }
    }

    private func operand(_ pass: BlockPass) -> Operand {
        if let values = input.values { return .panels(values, rows: pass.rows) }
        return .rowMajor(pass.data, columns: input.width)
    }
}
