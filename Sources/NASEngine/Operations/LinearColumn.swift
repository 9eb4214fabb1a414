import NASKernelInterface

/// A network's last layer with one output: its products are of rank one, and its values one float per row.
///
/// Put in the place of such a ``Linear`` by ``Network/fused()``; parameters have the same names and shapes.
struct LinearColumn: Operation {
    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape { Shape(1) }

    func parameters(_ inputs: [Shape]) -> [ParameterTensor] {
        let depth = inputs[0].elementCount
        return [
            ParameterTensor(
                name: "weight", shape: [1, depth], group: .weights, fanIn: depth, isRow: true),
            ParameterTensor(name: "bias", shape: [1], group: .weights, fanIn: depth),
        ]
    }

    func flops(_ inputs: [Shape]) -> Int { Linear(width: 1).flops(inputs) }

    var backwardReads: BackwardReads { .inputs }

    var differentiatesInputs: Bool { true }

    var joinsOneInputLayer: Bool { true }

    var gradientReplacesInput: Bool { true }

    func instruction(_ site: Site) -> any Instruction { LinearColumnInstruction(site: site) }
}

private struct LinearColumnInstruction: Instruction {
    let input: Site.Wire
    let output: Site.Wire
    let weight: Site.Parameter
    let bias: Site.Parameter
    let kernels: any KernelSet.Type

    init(site: Site) {
        input = site.inputs[0]
        output = site.output
        weight = site.parameters[0]
        bias = site.parameters[1]
        kernels = site.kernels
    }

    mutating func forward(_ pass: BlockPass) {
        guard let x = input.values, let y = output.values else { return }
        kernels.columnForward(
            ColumnForward(
                a: x, w: weight.values, bias: bias.values[0], y: y, rows: pass.rows,
                depth: input.width, before: input.oneInputLayer?.forward(pass)),
            edge: input.activation.map { .activate($0.site(pass)) } ?? .none)
    }

    /// Writes the gradient of the input where the input is, if the layout has it so. As the last node it is
    /// the first to write there, so that nothing needs to be added up.
    mutating func backward(_ pass: BlockPass) {
        guard let x = input.values, let dx = input.gradient, let dy = output.gradient,
            let dw = weight.gradient, let db = bias.gradient
        else { return }
        kernels.columnBackward(
            ColumnBackward(
                a: x, w: weight.values, dy: dy, rows: pass.rows, depth: input.width, dA: dx, dw: dw,
                db: db, accumulate: pass.accumulates, before: input.oneInputLayer?.backward(pass)),
            edge: input.activation.map { .differentiate($0.site(pass)) } ?? .none)
    }
}
