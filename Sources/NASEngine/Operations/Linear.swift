import NASKernelInterface

/// y = x·Wᵀ + b, with W of shape `(width, inputs)` as in PyTorch's `nn.Linear`, and the activation behind
/// it if ``Network/fused()`` has merged one in; without b it is a projection.
struct Linear: Operation {
    let width: Int
    let hasBias: Bool
    let activation: Activation?

    init(width: Int, hasBias: Bool = true, activation: Activation? = nil) {
        self.width = width
        self.hasBias = hasBias
        self.activation = activation
    }

    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape { Shape(width) }

    func parameters(_ inputs: [Shape]) -> [ParameterTensor] {
        let depth = inputs[0].elementCount
        let weight = ParameterTensor(
            name: "weight", shape: [width, depth], group: .weights, fanIn: depth)
        guard hasBias else { return [weight] }
        return [
            weight, ParameterTensor(name: "bias", shape: [width], group: .weights, fanIn: depth),
        ]
    }

    func flops(_ inputs: [Shape]) -> Int {
        (2 * inputs[0].elementCount + (hasBias ? 1 : 0)) * width
            + (activation?.flops([Shape(width)]) ?? 0)
    }

    var backwardReads: BackwardReads { activation == nil ? .inputs : [.inputs, .output] }

    var makesZeros: Bool? { activation?.function.makesZeros ?? false }

    var dropoutRate: Double { activation?.dropoutRate ?? 0 }

    var differentiatesInputs: Bool { true }

    var readsDataInPlace: Bool { true }

    func absorbing(_ next: any Operation) -> (any Operation)? {
        if let activation {
            return (activation.absorbing(next) as? Activation)
                .map { Linear(width: width, hasBias: hasBias, activation: $0) }
        }
        return (next as? Activation)
            .map { Linear(width: width, hasBias: hasBias, activation: $0) }
    }

    /// The sums of quarters of the weights, if the products are done by them.
    func sharedScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int {
        training
            ? quarterSums(InstructionSet.current.kernels, depth: inputs[0].elementCount, rows: blockRows) : 0
    }

    /// Floats of them. That the layer before makes as many zeros as this one is a guess, on which nothing but speed
    /// depends.
    private func quarterSums(_ kernels: any KernelSet.Type, depth: Int, rows: Int) -> Int {
        let nonzeros = (makesZeros == true ? 0.5 : 1) * (1 - dropoutRate)
        return kernels.quarterSumsCount(depth: depth, width: width, rows: rows, nonzeros: nonzeros)
    }

    /// The activation's input where its derivative reads that, its dropout mask, and the gradient of a
    /// bias that there is not.
    func blockScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int {
        guard training else { return 0 }
        return activationScratch(blockRows: blockRows)
            + (hasBias ? 0 : Panels.floats(rows: 1, columns: width))
    }

    private func activationScratch(blockRows: Int) -> Int {
        guard let activation else { return 0 }
        return
            (activation.function.derivativeReadsInput
            ? Panels.floats(rows: blockRows, columns: width) : 0)
            + activation.blockScratch([Shape(width)], blockRows: blockRows, training: true)
    }

    func instruction(_ site: Site) -> any Instruction {
        let unusedBiasGradient = site.blockScratch + activationScratch(blockRows: site.blockRows)
        let hasSums =
            site.parameters[0].gradient != nil
            && quarterSums(site.kernels, depth: site.inputs[0].width, rows: site.blockRows) > 0
        return LinearInstruction(
            activation: activation, unusedBiasGradient: unusedBiasGradient,
            quarterSums: hasSums ? site.sharedScratch : nil, site: site)
    }
}

private struct LinearInstruction: Instruction {
    let input: Site.Wire
    let output: Site.Wire
    let weight: Site.Parameter
    /// Nil in a projection.
    let bias: UnsafeMutablePointer<Float>?
    /// Written in any case, as the kernels make both gradients at once.
    let biasGradient: UnsafeMutablePointer<Float>?
    let workingSpace: UnsafeMutablePointer<Float>
    let result: LinearOutput
    let kernels: any KernelSet.Type
    /// Of the weights, see ``Product/quarterSums``.
    let quarterSums: UnsafeMutablePointer<Float>?

    init(
        activation: Activation?, unusedBiasGradient: UnsafeMutablePointer<Float>,
        quarterSums: UnsafeMutablePointer<Float>?, site: Site
    ) {
        input = site.inputs[0]
        output = site.output
        weight = site.parameters[0]
        let bias = site.parameters.dropFirst().first
        self.bias = bias?.values
        biasGradient = bias == nil ? unusedBiasGradient : bias?.gradient
        workingSpace = site.workingSpace
        kernels = site.kernels
        result = LinearOutput(activation, site)
        self.quarterSums = quarterSums
    }

    mutating func prepare(wantsWeights: Bool) {
        guard wantsWeights, let quarterSums else { return }
        kernels.sumQuarters(
            weight.values, depth: input.width, panels: Panels.count(output.width), into: quarterSums)
    }

    /// Predictions go without: those of a row do not depend on other rows.
    private func quarterSums(_ pass: BlockPass) -> UnsafePointer<Float>? {
        pass.wantsWeights ? quarterSums.map { UnsafePointer($0) } : nil
    }

    private var activation: MaskedActivation? { result.activation }

    var outputActivation: MaskedActivation? { activation }

    var oneInputLayer: OneInputPlace? {
        guard input.width == 1, input.gradient == nil, activation != nil else { return nil }
        return OneInputPlace(
            input: input.values, weights: weight.values, bias: bias,
            gradients: weight.gradient.flatMap { dW in biasGradient.map { (dW, $0) } })
    }

    var isJoinedToReader: Bool { output.isJoinedToReader && oneInputLayer != nil }

    mutating func forward(_ pass: BlockPass) {
        guard let product = result.product else { return }
        activation?.draw(pass)
        if isJoinedToReader { return }
        kernels.multiply(
            Product(
                a: operand(pass), depth: input.width, weights: .panels(weight.values), bias: bias,
                c: product, rows: pass.rows, panels: Panels.count(output.width), accumulate: false,
                workingSpace: workingSpace, quarterSums: quarterSums(pass)),
            edge: activation.map { .activate($0.site(pass)) } ?? .none)
    }

    mutating func backward(_ pass: BlockPass) {
        guard let dy = output.gradient, !isJoinedToReader else { return }
        if !output.isDifferentiatedByReader { result.differentiate(pass, dy) }
        if let dx = input.gradient {
            kernels.multiply(
                Product(
                    a: .panels(dy, rows: pass.rows), depth: output.width,
                    weights: .transposed(weight.values, columns: input.width), bias: nil, c: dx,
                    rows: pass.rows, panels: Panels.count(input.width),
                    accumulate: input.accumulate, workingSpace: workingSpace,
                    quarterSums: quarterSums(pass)),
                edge: input.activation.map { .differentiate($0.site(pass)) } ?? .none)
        }
        guard pass.wantsWeights, let dW = weight.gradient, let db = biasGradient else { return }
        kernels.weightGradient(
            WeightGradient(
                a: operand(pass), depth: input.width, dC: dy, rows: pass.rows,
                panels: Panels.count(output.width), dW: dW, db: db, accumulate: pass.accumulates,
                workingSpace: workingSpace, allowsQuarters: !input.makesZeros && !output.makesZeros))
    }

    private func operand(_ pass: BlockPass) -> Operand {
        if let values = input.values { return .panels(values, rows: pass.rows) }
        return .rowMajor(pass.data, columns: input.width)
    }
}

/// Where a linear layer's product goes, and the activation behind it.
struct LinearOutput {
    /// The output, or the activation's input.
    let product: UnsafeMutablePointer<Float>?
    let activation: MaskedActivation?
    private let panels: Int
    private let kernels: any KernelSet.Type

    /// The activation's input and its dropout mask lie at the head of the site's scratch.
    init(_ activation: Activation?, _ site: Site) {
        panels = Panels.count(site.output.width)
        kernels = site.kernels
        guard let activation, let y = site.output.values else {
            product = site.output.values
            self.activation = nil
            return
        }
        // Plans that only predict have no use for the activation's input.
        let keepsInput = activation.function.derivativeReadsInput && site.output.gradient != nil
        let z = keepsInput ? site.blockScratch : y
        let mask =
            site.blockScratch
            + (keepsInput ? Panels.floats(rows: site.blockRows, columns: site.output.width) : 0)
        product = z
        self.activation = MaskedActivation(
            activation, input: z, output: y, mask: mask, dropout: site.dropout,
            width: site.output.width)
    }

    /// Takes the output's gradient through the activation, in place.
    func differentiate(_ pass: BlockPass, _ dy: UnsafeMutablePointer<Float>) {
        guard let activation else { return }
        kernels.differentiate(
            activation.site(pass), dy: dy, dx: dy, count: panels * pass.rows, accumulate: false)
    }
}
