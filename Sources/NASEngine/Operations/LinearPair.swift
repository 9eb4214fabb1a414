import NASKernelInterface

// Two linear layers with nothing between them are one: (x·V + c)·W + b = x·(V·W) + (c·W + b). With few inputs x,
// that takes fewer operations, forward and backward, as only d + 1 rows are as wide as the layers: those of V and
// c, in place of all rows of the data.

/// A linear layer on the data without an activation, whose readers are all ``OuterLinear``.
///
/// Its output is not there. In its place stands what makes it of the data, the weights and below them the bias,
/// and in place of the gradient the gradients of these.
struct InnerLinear: Operation {
    let width: Int

    private var linear: Linear { Linear(width: width) }

    /// Whether a pair takes clearly fewer operations than two layers, and its d + 1 rows fit into the smallest block.
    static func isWorthwhile(inputWidth: Int, width: Int) -> Bool {
        inputWidth < PlanLayout.leastBlock && 4 * inputWidth <= width
    }

    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape { try linear.outputShape(inputs) }
    func parameters(_ inputs: [Shape]) -> [ParameterTensor] { linear.parameters(inputs) }
    func flops(_ inputs: [Shape]) -> Int { linear.flops(inputs) }
    var backwardReads: BackwardReads { [] }
    var readsDataInPlace: Bool { true }
    func instruction(_ site: Site) -> any Instruction { InnerLinearInstruction(site: site) }
}

private struct InnerLinearInstruction: Instruction {
    let site: Site

    private var weight: Site.Parameter { site.parameters[0] }
    private var bias: Site.Parameter { site.parameters[1] }
    private var inputs: Int { site.inputs[0].width }
    private var panels: Int { Panels.count(site.output.width) }

    mutating func forward(_ pass: BlockPass) {
        guard let pair = site.output.values else { return }
        stack(weight.values, bias.values, rows: inputs, panels: panels, into: pair)
    }

    /// Adds up what the readers found.
    mutating func backward(_ pass: BlockPass) {
        guard pass.wantsWeights, let found = site.output.gradient, let dV = weight.gradient,
            let dc = bias.gradient
        else { return }
        let (count, overwrite) = (panels * Panels.width, !pass.accumulates)
        site.kernels.addScaled(1, found, to: dV, count: inputs * count, overwrite: overwrite)
        site.kernels.addScaled(1, found + inputs * count, to: dc, count: count, overwrite: overwrite)
    }
}

/// The linear layer behind an ``InnerLinear``, with the activation behind it.
struct OuterLinear: Operation {
    /// Columns of the data.
    let inputWidth: Int
    let width: Int
    let activation: Activation?

    init(inputWidth: Int, width: Int, activation: Activation? = nil) {
        self.inputWidth = inputWidth
        self.width = width
        self.activation = activation
    }

    private var linear: Linear { Linear(width: width, activation: activation) }

    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape { try linear.outputShape(inputs) }
    func parameters(_ inputs: [Shape]) -> [ParameterTensor] { linear.parameters(inputs) }
    func flops(_ inputs: [Shape]) -> Int { linear.flops(inputs) }
    var backwardReads: BackwardReads { linear.backwardReads }
    var makesZeros: Bool? { linear.makesZeros }
    var dropoutRate: Double { linear.dropoutRate }

    func absorbing(_ next: any Operation) -> (any Operation)? {
        (linear.absorbing(next) as? Linear)
            .map { OuterLinear(inputWidth: inputWidth, width: width, activation: $0.activation) }
    }

    /// Besides that of a linear layer: the joint weights and bias or their gradients, the gradients stacked, and
    /// a bias gradient that nobody wants.
    func blockScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int {
        linear.blockScratch(inputs, blockRows: blockRows, training: training)
            + Panels.floats(rows: 2 * (inputWidth + 1) + 1, columns: width)
    }

    func instruction(_ site: Site) -> any Instruction {
        OuterLinearInstruction(
            activation: activation, inputs: inputWidth,
            scratch: site.blockScratch
                + linear.blockScratch(
                    [Shape(site.inputs[0].width)], blockRows: site.blockRows,
                    training: site.output.gradient != nil),
            site: site)
    }
}

private struct OuterLinearInstruction: Instruction {
    let site: Site
    let output: LinearOutput
    let inputs: Int
    let panels: Int
    /// V·W, then the gradient by it; in the layout of a weight.
    let joint: UnsafeMutablePointer<Float>
    /// c·W + b, then the gradient by it.
    let jointBias: UnsafeMutablePointer<Float>
    /// Both gradients, stacked.
    let gradients: UnsafeMutablePointer<Float>
    let unusedBiasGradient: UnsafeMutablePointer<Float>

    init(
        activation: Activation?, inputs: Int, scratch: UnsafeMutablePointer<Float>, site: Site
    ) {
        self.site = site
        self.inputs = inputs
        output = LinearOutput(activation, site)
        panels = Panels.count(site.output.width)
        joint = scratch
        jointBias = joint + inputs * panels * Panels.width
        gradients = jointBias + panels * Panels.width
        unusedBiasGradient = gradients + (inputs + 1) * panels * Panels.width
    }

    var outputActivation: MaskedActivation? { output.activation }

    mutating func forward(_ pass: BlockPass) {
        guard let pair = site.inputs[0].values, let product = output.product else { return }
        output.activation?.draw(pass)
        let (weight, bias) = (site.parameters[0].values, site.parameters[1].values)
        let inner = site.inputs[0].width
        multiply(rows(pair, 0), inputs, depth: inner, .panels(weight), nil, into: joint, panels: panels)
        multiply(rows(pair, inputs), 1, depth: inner, .panels(weight), bias, into: jointBias, panels: panels)
        multiply(
            .rowMajor(pass.data, columns: inputs), pass.rows, depth: inputs, .panels(joint), jointBias,
            into: product, panels: panels, edge: output.activation.map { .activate($0.site(pass)) } ?? .none)
    }

    mutating func backward(_ pass: BlockPass) {
        guard pass.wantsWeights, let dy = site.output.gradient, let pair = site.inputs[0].values,
            let dPair = site.inputs[0].gradient, let dW = site.parameters[0].gradient,
            let db = site.parameters[1].gradient
        else { return }
        if !site.output.isDifferentiatedByReader { output.differentiate(pass, dy) }
        weightGradient(
            .rowMajor(pass.data, columns: inputs), pass.rows, depth: inputs, dy, into: joint, jointBias,
            accumulate: false)
        stack(joint, jointBias, rows: inputs, panels: panels, into: gradients)
        let (inner, accumulate) = (site.inputs[0].width, site.inputs[0].accumulate)
        let innerPanels = Panels.count(inner)
        let transposed = Weights.transposed(site.parameters[0].values, columns: inner)
        multiply(
            rows(gradients, 0), inputs, depth: site.output.width, transposed, nil, into: dPair,
            panels: innerPanels, accumulate: accumulate)
        multiply(
            rows(gradients, inputs), 1, depth: site.output.width, transposed, nil,
            into: dPair + innerPanels * inputs * Panels.width, panels: innerPanels, accumulate: accumulate)
        weightGradient(
            rows(pair, 0), inputs + 1, depth: inner, gradients, into: dW, unusedBiasGradient,
            accumulate: pass.accumulates)
        site.kernels.addScaled(
            1, jointBias, to: db, count: panels * Panels.width, overwrite: !pass.accumulates)
    }

    /// The rows from number `first` on of one of the stacks.
    private func rows(_ stack: UnsafeMutablePointer<Float>, _ first: Int) -> Operand {
        Operand(
            base: stack + first * Panels.width, rowStride: Panels.width,
            panelStride: (inputs + 1) * Panels.width)
    }

    private func multiply(
        _ a: Operand, _ rows: Int, depth: Int, _ weights: Weights,
        _ bias: UnsafePointer<Float>?, into c: UnsafeMutablePointer<Float>, panels: Int,
        accumulate: Bool = false, edge: Edge = .none
    ) {
        site.kernels.multiply(
            Product(
                a: a, depth: depth, weights: weights, bias: bias, c: c, rows: rows, panels: panels,
                accumulate: accumulate, workingSpace: site.workingSpace),
            edge: edge)
    }

    private func weightGradient(
        _ a: Operand, _ rows: Int, depth: Int, _ dC: UnsafePointer<Float>,
        into dW: UnsafeMutablePointer<Float>, _ db: UnsafeMutablePointer<Float>, accumulate: Bool
    ) {
        site.kernels.weightGradient(
            WeightGradient(
                a: a, depth: depth, dC: dC, rows: rows, panels: panels, dW: dW, db: db,
                accumulate: accumulate, workingSpace: site.workingSpace))
    }
}

/// Puts `row` below a matrix of `rows` rows in panels.
private func stack(
    _ matrix: UnsafePointer<Float>, _ row: UnsafePointer<Float>, rows: Int, panels: Int,
    into target: UnsafeMutablePointer<Float>
) {
    let width = Panels.width
    for panel in 0..<panels {
        let to = target + panel * (rows + 1) * width
        to.update(from: matrix + panel * rows * width, count: rows * width)
        (to + rows * width).update(from: row + panel * width, count: width)
    }
}
