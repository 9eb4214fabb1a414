import NASKernelInterface

/// An element-wise function, and the dropout behind it if ``Network/fused()`` has merged one in.
struct Activation: Operation {
    let function: ActivationFunction
    let dropoutRate: Double

    init(_ function: ActivationFunction, dropoutRate: Double = 0) {
        self.function = function
        self.dropoutRate = dropoutRate
    }

    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape { inputs[0] }

    /// One per element, whatever the function costs.
    func flops(_ inputs: [Shape]) -> Int { inputs[0].elementCount }

    var backwardReads: BackwardReads { function.derivativeReadsInput ? .inputs : .output }

    var worksInPlace: Bool { true }

    var makesZeros: Bool? { function.makesZeros ? true : nil }

    func absorbing(_ next: any Operation) -> (any Operation)? {
        guard let dropout = next as? Dropout, dropoutRate == 0 else { return nil }
        return Activation(function, dropoutRate: dropout.rate)
    }

    /// The dropout mask, one bit per element.
    func blockScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int {
        guard training, dropoutRate > 0 else { return 0 }
        return Self.maskFloats(width: inputs[0].elementCount, rows: blockRows)
    }

    static func maskFloats(width: Int, rows: Int) -> Int {
        Arena.aligned((Panels.count(width) * rows + 1) / 2)
    }

    func instruction(_ site: Site) -> any Instruction {
        ActivationInstruction(function: function, rate: dropoutRate, site: site)
    }
}

struct ActivationInstruction: Instruction {
    private let input: Site.Wire
    private let output: Site.Wire
    private let activation: MaskedActivation?
    private let kernels: any KernelSet.Type

    init(function: ActivationFunction, rate: Double, site: Site) {
        input = site.inputs[0]
        output = site.output
        kernels = site.kernels
        if let from = input.values, let to = output.values {
            activation = MaskedActivation(
                Activation(function, dropoutRate: rate), input: from, output: to,
                mask: site.blockScratch, dropout: site.dropout, width: output.width)
        } else {
            activation = nil
        }
    }

    mutating func forward(_ pass: BlockPass) {
        guard let activation else { return }
        activation.draw(pass)
        kernels.activate(activation.site(pass), count: Panels.count(output.width) * pass.rows)
    }

    mutating func backward(_ pass: BlockPass) {
        guard let activation, let dy = output.gradient, let dx = input.gradient else { return }
        kernels.differentiate(
            activation.site(pass), dy: dy, dx: dx, count: Panels.count(output.width) * pass.rows,
            accumulate: input.accumulate)
    }
}

/// An activation in a plan: its buffers, and the mask that each block draws anew.
struct MaskedActivation {
    private let masked: ActivationSite
    private let unmasked: ActivationSite
    private let rate: Double
    private let mask: UnsafeMutablePointer<UInt16>
    private let dropout: DropoutSite
    private let width: Int

    init(
        _ activation: Activation, input: UnsafeMutablePointer<Float>,
        output: UnsafeMutablePointer<Float>, mask: UnsafeMutablePointer<Float>,
        dropout: DropoutSite, width: Int
    ) {
        rate = activation.dropoutRate
        self.mask = UnsafeMutableRawPointer(mask).assumingMemoryBound(to: UInt16.self)
        self.dropout = dropout
        self.width = width
        unmasked = ActivationSite(
            activation: activation.function.index, input: input, output: output, mask: nil, scale: 1)
        masked =
            rate == 0
            ? unmasked
            : ActivationSite(
                activation: activation.function.index, input: input, output: output,
                mask: UnsafePointer(self.mask), scale: 1 / Float(1 - rate))
    }

    /// Draws the block's mask, if it has one.
    func draw(_ pass: BlockPass) {
        guard rate > 0, let draw = pass.dropout else { return }
        draw.fill(
            mask, site: dropout, keep: 1 - rate, columns: width, rows: pass.rows,
            firstRow: pass.firstRow)
    }

    /// What the kernels work on in this pass.
    func site(_ pass: BlockPass) -> ActivationSite { pass.dropout == nil ? unmasked : masked }
}
